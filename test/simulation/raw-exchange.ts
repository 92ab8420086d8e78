import { connect } from 'node:net';

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

/**
 * One request written byte by byte on a connection of its own and everything that came back until its end: what an HTTP
 * client refuses to send, and an answer that it would not read, such as a body where HEAD was not understood.
 *
 * @throws Error where nothing comes within `timeout` milliseconds, the connection breaks, or what came is no answer
 */
export function exchangeRaw(url: URL, sent: RawRequest, timeout: number): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    const chunks: Buffer[] = [];
    socket.setTimeout(timeout, () => socket.destroy(new Error('no answer in time')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      try {
        resolve(answerIn(Buffer.concat(chunks)));
      } catch (error) {
        reject(error as Error);
      }
    });
    socket.write(headOf(url, sent));
    if (sent.body !== null) socket.write(sent.body);
  });
}

function headOf(url: URL, { method, path, headers, body }: RawRequest): Buffer {
  const length = body === null ? {} : { 'content-length': String(body.length) };
  const all = { host: url.host, connection: 'close', ...headers, ...length };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const first = Buffer.from(`${method} ${path} HTTP/1.1\r\n`);
  return Buffer.concat([first, Buffer.from(`${lines.join('')}\r\n`, 'latin1')]);
}

function answerIn(bytes: Buffer): RawAnswer {
  const text = bytes.toString();
  const endOfHead = text.indexOf(END_OF_HEAD);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (status === undefined || endOfHead < 0) {
    throw new Error(`no HTTP answer: ${JSON.stringify(text.slice(0, 200))}`);
  }
  const type = /\r\ncontent-type: *([^\r]*)\r\n/i.exec(text.slice(0, endOfHead + 2))?.[1] ?? '';
  return { status: Number(status), type, body: text.slice(endOfHead + END_OF_HEAD.length) };
}
