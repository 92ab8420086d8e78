import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { randomUUID } from 'node:crypto';
import { CommandFailed } from './command-failed.js';

type Query = Readonly<Record<string, string | undefined>>;

const SESSION = '/api/v1/session';
/** Its name says whether it came over TLS. */
const COOKIE = /^(__Host-)?fundflow_session=/;
const JSON_TYPE = { 'content-type': 'application/json' } as const;

export interface FileToSend {
  readonly path: string;
  readonly fields: Readonly<Record<string, string | undefined>>;
  /** Bytes of the file sent so far, and of all of it. */
  readonly onProgress: (sent: number, total: number) => void;
}

/** What an answer about money stands for: its business date, its moment of record, how far into the log it reaches. */
export interface AnswersFor {
  readonly asOf: string;
  /** Null: everything posted counts. */
  readonly knownAt: string | null;
  readonly position: string;
}

/** Asks a running ledger over its API. Every method throws CommandFailed with the code of the problem. */
export class ApiClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  #answersFor: AnswersFor | null = null;

  private constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = headers;
  }

  static withToken(url: string, token: string): ApiClient {
    return new ApiClient(origin(url), { authorization: `Bearer ${token}` });
  }

  static anonymous(url: string): ApiClient {
    return new ApiClient(origin(url), {});
  }

  /** Opens a session, which `close` ends. */
  static async signIn(url: string, user: string, password: string): Promise<ApiClient> {
    const response = await send(`${origin(url)}${SESSION}`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ user, password }),
    }).catch((error: unknown) => {
      // A command may sign in two persons.
      if (!(error instanceof CommandFailed) || error.code === 'unreachable') throw error;
      throw new CommandFailed(error.code, `${user} 未能登录：${error.message}`);
    });
    await response.text();
    const cookie = response.headers
      .getSetCookie()
      .find((value) => COOKIE.test(value))
      ?.split(';')[0];
    if (!cookie) throw new CommandFailed('no-session', '登录后没有收到会话，无法继续。');
    return new ApiClient(origin(url), { cookie });
  }

  /** Ends the session, if there is one; what was done stays done. */
  async close(): Promise<void> {
    if (!('cookie' in this.#headers)) return;
    await send(`${this.#url}${SESSION}`, { method: 'DELETE', headers: this.#headers }).catch(
      () => undefined,
    );
  }

  async get<T>(path: string, query: Query = {}): Promise<T> {
    const response = await this.open(path, query);
    const [asOf, knownAt, position] = ['as-of', 'known-at', 'position'].map((name) =>
      response.headers.get(`fundflow-${name}`),
    );
    // Later pages leave it out: they answer for what the first does.
    if (asOf && position) this.#answersFor = { asOf, knownAt: knownAt ?? null, position };
    return jsonOf<T>(response);
  }

  /** Of the last question about money; null where the ledger does not say. */
  get answersFor(): AnswersFor | null {
    return this.#answersFor;
  }

  /** The answer itself, for what is no JSON. */
  open(
    path: string,
    query: Query = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) search.set(name, value);
    }
    const text = search.size > 0 ? `?${search.toString()}` : '';
    return send(`${this.#url}${path}${text}`, { headers: { ...this.#headers, ...headers } });
  }

  async send<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body: unknown,
  ): Promise<T> {
    const response = await send(`${this.#url}${path}`, {
      method,
      headers: { ...this.#headers, ...JSON_TYPE },
      body: JSON.stringify(body),
    });
    return (response.status === 204 ? undefined : await jsonOf<T>(response)) as T;
  }

  /** Asks for a file by a POST; the answer is read as it comes. */
  async download(path: string, body: unknown): Promise<ReadableStream<Uint8Array>> {
    const response = await send(`${this.#url}${path}`, {
      method: 'POST',
      headers: { ...this.#headers, ...JSON_TYPE },
      body: JSON.stringify(body),
    });
    if (response.body === null) throw new CommandFailed('empty-answer', '服务没有给出内容。');
    return response.body;
  }

  /** Sends a file as it is read; memory holds a few kilobytes of it. */
  async upload<T>(path: string, file: FileToSend): Promise<T> {
    const total = await sizeOf(file.path);
    const boundary = `fundflow-${randomUUID()}`;
    const response = await send(`${this.#url}${path}`, {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: ReadableStream.from(formOf(boundary, file, total)),
      duplex: 'half',
    } as RequestInit);
    return jsonOf<T>(response);
  }
}

const origin = (url: string): string => url.replace(/\/+$/, '');

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) return found.size;
  throw new CommandFailed('file-unreadable', `无法读取文件 ${path}。`);
}

/** A field name or file name inside a header line (RFC 7578 §4.2, as browsers escape it). */
const inHeader = (text: string): string =>
  text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

async function* formOf(
  boundary: string,
  { path, fields, onProgress }: FileToSend,
  total: number,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${inHeader(name)}"\r\n\r\n`;
    yield encoder.encode(`${head}${value}\r\n`);
  }
  yield encoder.encode(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; ` +
      `filename="${inHeader(basename(path))}"\r\ncontent-type: application/octet-stream\r\n\r\n`,
  );
  let sent = 0;
  for await (const chunk of createReadStream(path)) {
    const bytes = chunk as Buffer;
    yield bytes;
    sent += bytes.length;
    onProgress(sent, total);
  }
  yield encoder.encode(`\r\n--${boundary}--\r\n`);
}

async function send(address: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch (error) {
    throw unreachable(address, error);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function jsonOf<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw unreachable(response.url, error);
  }
}

function unreachable(address: string, error: unknown): CommandFailed {
  const { origin: where } = new URL(address);
  const cause = (error as { cause?: { code?: unknown } }).cause?.code;
  if (cause === 'ECONNREFUSED') {
    const hint = '账本没有在该地址运行：请先运行 npm start，或以 --url 指定地址。';
    return new CommandFailed('unreachable', `无法连接 ${where}。${hint}`);
  }
  const why = typeof cause === 'string' ? `（${cause}）` : '';
  return new CommandFailed('unreachable', `与 ${where} 的连接失败或中断${why}。`);
}

interface ProblemDocument {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly fields?: readonly { readonly field?: string; readonly message?: string }[];
}

async function problemOf(response: Response): Promise<CommandFailed> {
  const text = await response.text().catch(() => '');
  let problem: ProblemDocument;
  try {
    problem = JSON.parse(text) as ProblemDocument;
  } catch {
    return new CommandFailed(`http-${response.status}`, `该地址答复 HTTP ${response.status}。`);
  }
  const { code, title, detail, fields } = problem;
  const named = fields?.map(({ field, message }) => `${field}：${message}`).join('；');
  const message = detail ?? [title, named].filter(Boolean).join('：');
  return new CommandFailed(code ?? `http-${response.status}`, message);
}
