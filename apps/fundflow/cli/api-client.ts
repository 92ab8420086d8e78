import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LOCAL_TOKEN_FILE } from '@fundflow/identity/local-token';

export const DEFAULT_URL = 'http://127.0.0.1:12317';
const COOKIE = 'fundflow_session';

/** What a command is told about the ledger it talks to. */
export interface Connection {
  readonly url: string;
  /** Bearer token; without it the session of `user`, or the token the ledger left on this machine. */
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** The ledger answered with a problem, or did not answer; the message is for the person at the terminal (zh-CN). */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';

  constructor(
    message: string,
    readonly problem: Readonly<Record<string, unknown>> | null = null,
  ) {
    super(message);
  }
}

/** Asks a running ledger over its API, signed in once. */
export class ApiClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = headers;
  }

  /** @throws CommandFailed when the ledger does not answer or refuses the sign-in. */
  static async connect(connection: Connection): Promise<ApiClient> {
    const url = connection.url.replace(/\/+$/, '');
    const { token, user, password } = connection;
    if (token) return new ApiClient(url, { authorization: `Bearer ${token}` });
    if (user) {
      const response = await send(url, '/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user, password: password ?? '' }),
      });
      await refuseProblem(response);
      const cookie = response.headers
        .getSetCookie()
        .find((value) => value.startsWith(`${COOKIE}=`))
        ?.split(';')[0];
      if (!cookie) throw new CommandFailed('登录后没有收到会话，无法继续。');
      return new ApiClient(url, { cookie });
    }
    return new ApiClient(url, { authorization: `Bearer ${await localToken()}` });
  }

  async get<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) search.set(name, value);
    }
    const text = search.size > 0 ? `?${search.toString()}` : '';
    const response = await send(this.#url, `${path}${text}`, { headers: this.#headers });
    await refuseProblem(response);
    return (await response.json()) as T;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    const isForm = body instanceof FormData;
    const response = await send(this.#url, path, {
      method: 'POST',
      headers: { ...this.#headers, ...(isForm ? {} : { 'content-type': 'application/json' }) },
      body: isForm ? body : JSON.stringify(body),
    });
    await refuseProblem(response);
    return (await response.json()) as T;
  }
}

async function send(url: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, init);
  } catch {
    throw new CommandFailed(`无法连接 ${url}，请先运行 npm start，或用 --url 指定地址。`);
  }
}

async function refuseProblem(response: Response): Promise<void> {
  if (response.ok) return;
  const text = await response.text();
  let problem: Record<string, unknown> | null = null;
  try {
    problem = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new CommandFailed(`账本答复 HTTP ${response.status}。`);
  }
  const { title, detail, code } = problem as Record<string, string | undefined>;
  throw new CommandFailed(`${detail ?? title ?? ''}（${code ?? response.status}）`, problem);
}

async function localToken(): Promise<string> {
  const directory = resolve(process.env['FUNDFLOW_DATA'] ?? './data');
  try {
    return (await readFile(join(directory, LOCAL_TOKEN_FILE), 'utf8')).trim();
  } catch {
    throw new CommandFailed(
      `没有凭据：${directory} 中没有本机令牌。请在账本的数据目录旁运行（或设置 FUNDFLOW_DATA），` +
        '或用 --token / FUNDFLOW_TOKEN，或用 --user 与 FUNDFLOW_PASSWORD。',
    );
  }
}
