import { Agent, request } from 'node:http';

export interface BenchAnswer {
  readonly status: number;
  readonly body: string;
  readonly cookie: string | null;
}

/** A lean keep-alive client: what is measured is the server, and both sides of a ratio use the same one. */
export class BenchClient {
  readonly #agent: Agent;

  constructor(
    private readonly url: string,
    connections: number,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer | null = null,
  ): Promise<BenchAnswer> {
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve, reject) => {
      const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
      const asked = request(
        { agent: this.#agent, hostname, port, method, path, headers: { ...headers, ...length } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => {
            const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? null;
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({ status: answer.statusCode ?? 0, body: text, cookie });
          });
        },
      );
      asked.on('error', reject);
      asked.end(body ?? undefined);
    });
  }

  postJson(path: string, cookie: string, body: unknown): Promise<BenchAnswer> {
    return this.send(
      'POST',
      path,
      { 'content-type': 'application/json', cookie },
      JSON.stringify(body),
    );
  }

  async signIn(user: string, password: string): Promise<string> {
    const answer = await this.postJson('/api/v1/session', '', { user, password });
    if (answer.cookie === null) throw new Error(`sign-in of ${user}: ${answer.body}`);
    return answer.cookie;
  }

  close(): void {
    this.#agent.destroy();
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
