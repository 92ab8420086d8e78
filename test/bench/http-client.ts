import { connect, type Socket } from 'node:net';

export interface BenchAnswer {
  readonly status: number;
  readonly body: string;
  readonly cookie: string | null;
}

/**
 * The leanest client that still speaks HTTP/1.1: one socket a caller, one request at a time on each, one write a
 * request. Node's own client costs as much as the server it asks, and both sides of a ratio use the same one.
 */
export class BenchClient {
  readonly #idle: BenchConnection[] = [];
  readonly #waiting: ((connection: BenchConnection) => void)[] = [];
  readonly #all: BenchConnection[] = [];
  readonly #host: { readonly hostname: string; readonly port: number };

  constructor(
    url: string,
    private readonly connections: number,
  ) {
    const { hostname, port } = new URL(url);
    this.#host = { hostname, port: Number(port) };
  }

  async send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer | null = null,
  ): Promise<BenchAnswer> {
    const connection = await this.#connection();
    try {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const length = `content-length: ${body === null ? 0 : Buffer.byteLength(body)}\r\n`;
      const head = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host.hostname}\r\n${lines.join('')}${length}\r\n`;
      return await connection.ask(head, body);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(connection);
      else this.#idle.push(connection);
    }
  }

  postJson(path: string, cookie: string, body: unknown): Promise<BenchAnswer> {
    const headers = { 'content-type': 'application/json', ...(cookie === '' ? {} : { cookie }) };
    return this.send('POST', path, headers, JSON.stringify(body));
  }

  async signIn(user: string, password: string): Promise<string> {
    const answer = await this.postJson('/api/v1/session', '', { user, password });
    if (answer.cookie === null) throw new Error(`sign-in of ${user}: ${answer.body}`);
    return answer.cookie;
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #connection(): Promise<BenchConnection> | BenchConnection {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#all.length >= this.connections) {
      return new Promise((resolve) => this.#waiting.push(resolve));
    }
    const connection = new BenchConnection(this.#host.hostname, this.#host.port);
    this.#all.push(connection);
    return connection;
  }
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** One socket; opened for its first request, and again when the server closed it between two. */
class BenchConnection {
  #socket: Socket | null = null;
  #received: Buffer = Buffer.alloc(0);
  #asked: { resolve(answer: BenchAnswer): void; reject(error: Error): void } | null = null;

  constructor(
    private readonly hostname: string,
    private readonly port: number,
  ) {}

  ask(head: string, body: string | Buffer | null): Promise<BenchAnswer> {
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      const socket = (this.#socket ??= this.#connect());
      if (body === null || typeof body === 'string') socket.write(head + (body ?? ''));
      else {
        socket.write(head);
        socket.write(body);
      }
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ host: this.hostname, port: this.port, noDelay: true });
    const lost = (error?: Error): void => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#received = Buffer.alloc(0);
      this.#asked?.reject(error ?? new Error('the server closed the connection'));
      this.#asked = null;
    };
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', lost);
    socket.on('close', () => lost());
    return socket;
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const end = headEnd + HEAD_END.length + Number(length);
    // Every answer here has its length; NaN would never arrive.
    if (length === undefined) throw new Error(`an answer without its length: ${head}`);
    if (this.#received.length < end) return;
    const body = this.#received.toString('utf8', headEnd + HEAD_END.length, end);
    this.#received = this.#received.subarray(end);
    const asked = this.#asked;
    this.#asked = null;
    const cookie = /\r\nset-cookie: ([^;\r]+)/i.exec(head)?.[1] ?? null;
    asked?.resolve({ status: Number(head.slice(9, 12)), body, cookie });
  }
}

/** Runs `work` from `callers` at once until `count` are done; answers per second. */
export async function perSecondFrom(
  callers: number,
  count: number,
  work: (index: number) => Promise<void>,
): Promise<number> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: callers }, caller));
  return (count * 1000) / (performance.now() - begun);
}
