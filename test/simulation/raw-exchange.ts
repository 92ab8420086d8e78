import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Empty where the head names none. */
  readonly type: string;
  readonly body: string;
}

export interface RawRequest {
  readonly method: string;
  /** Goes onto the line as its UTF-8 bytes, whatever they are. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

const END_OF_HEAD = '\r\n\r\n';

/** The first line of an answer, wherever it stands: bodies are JSON or files without such lines. */
const ANSWER_LINE = /HTTP\/1\.1 (?=\d{3} )/g;
const HEARD_MAX = 64 * 1_048_576;

/**
 * Writes bytes on a connection of their own and hears everything until its end, which the other side has to make.
 *
 * @param halfClosed says at once that nothing more comes
 * @returns the answers, none where the connection was ended without a word
 * @throws Error where it is not ended within `timeout` milliseconds of silence, or what came is no answer
 */
export function exchangeBytes(
  url: URL,
  bytes: Buffer,
  { timeout, halfClosed }: { readonly timeout: number; readonly halfClosed: boolean },
): Promise<readonly RawAnswer[]> {
  return heard(url, timeout, (socket) => {
    if (halfClosed) socket.end(bytes);
    else socket.write(bytes);
  }).then((all) => {
    const text = all.toString();
    const starts = [...text.matchAll(ANSWER_LINE)].map(({ index }) => index);
    if (text !== '' && starts[0] !== 0) throw new Error(`no HTTP answer: ${text.slice(0, 200)}`);
    return starts.map((start, at) => answerIn(text.slice(start, starts[at + 1])));
  });
}

function heard(url: URL, timeout: number, opened: (socket: Socket) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    const chunks: Buffer[] = [];
    let length = 0;
    socket.setTimeout(timeout, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > HEARD_MAX) socket.destroy(new Error('an answer without end'));
    });
    // Whoever writes on after he was refused is reset; what came before that is the answer.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
    socket.on('close', () => resolve(Buffer.concat(chunks)));
    opened(socket);
  });
}

/**
 * One request written byte by byte on a connection of its own and everything that came back until its end: what an HTTP
 * client refuses to send, and an answer that it would not read, such as a body where HEAD was not understood.
 *
 * @throws Error where nothing comes within `timeout` milliseconds, the connection breaks, or what came is no answer
 */
export async function exchangeRaw(url: URL, sent: RawRequest, timeout: number): Promise<RawAnswer> {
  const head = Buffer.from([...headLines(url, sent), '', ''].join('\r\n'), 'latin1');
  const bytes = sent.body === null ? head : Buffer.concat([head, sent.body]);
  return answerIn((await heard(url, timeout, (socket) => void socket.write(bytes))).toString());
}

/** The head that a request has on a connection of its own, a line each, as latin1; an address is its UTF-8 bytes. */
export function headLines(url: URL, { method, path, headers, body }: RawRequest): string[] {
  const length = body === null ? {} : { 'content-length': String(body.length) };
  const all = { host: url.host, connection: 'close', ...headers, ...length };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [Buffer.from(`${method} ${path} HTTP/1.1`).toString('latin1'), ...lines];
}

function answerIn(text: string): RawAnswer {
  const endOfHead = text.indexOf(END_OF_HEAD);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (status === undefined || endOfHead < 0) {
    throw new Error(`no HTTP answer: ${JSON.stringify(text.slice(0, 200))}`);
  }
  const type = /\r\ncontent-type: *([^\r]*)\r\n/i.exec(text.slice(0, endOfHead + 2))?.[1] ?? '';
  return { status: Number(status), type, body: text.slice(endOfHead + END_OF_HEAD.length) };
}
