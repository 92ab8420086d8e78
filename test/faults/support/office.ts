import { setTimeout as pause } from 'node:timers/promises';
import { PASSWORD, type Program } from './program.js';

export interface Submission {
  readonly id: string;
  readonly status: string;
  readonly fileName: string | null;
  readonly rows: number;
  readonly acceptedRows: number;
  readonly postedRows: number;
  readonly firstPosition: number | null;
  readonly lastPosition: number | null;
}

export interface Answered<Body> {
  readonly status: number;
  readonly body: Body;
  readonly replayed: boolean;
}

/** Between two looks at a state; what ends a wait is the state, never the time. */
export const LOOK_AGAIN_MS = 15;
/** A ledger that does not come back in so long does not come back at all. */
const WAIT_MS_MAX = 60_000;

/** A person of an office whose ledger may be gone at any moment: the program it asks changes with every restart. */
export class Person {
  #cookie: string | null = null;

  constructor(
    private readonly login: string,
    private readonly program: () => Program,
  ) {}

  /** One request; null when the connection broke, so that nobody knows whether it was done. */
  async try<Body>(path: string, init: RequestInit = {}): Promise<Answered<Body> | null> {
    try {
      this.#cookie ??= await this.#signIn();
      const headers = { ...(init.headers as object), cookie: this.#cookie };
      const response = await fetch(this.program().url + path, { ...init, headers });
      const body = (await response.json()) as Body;
      const replayed = response.headers.get('idempotency-replayed') === 'true';
      return { status: response.status, body, replayed };
    } catch {
      return null;
    }
  }

  /** Repeats until the ledger answers and does not say that it cannot at the moment. */
  async insist<Body>(path: string, init: RequestInit = {}): Promise<Answered<Body>> {
    const deadline = Date.now() + WAIT_MS_MAX;
    for (;;) {
      const answer = await this.try<Body & { code?: string }>(path, init);
      const passing = answer === null || answer.status >= 500;
      if (!passing && answer.body.code !== 'idempotency-in-progress') return answer;
      if (Date.now() > deadline) throw this.#gaveUp(`${path}: ${JSON.stringify(answer)}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  post<Body>(path: string, body: unknown, key: string): Promise<Answered<Body>> {
    return this.insist(path, posting(body, key));
  }

  get<Body>(path: string): Promise<Answered<Body>> {
    return this.insist(path);
  }

  /** The submission once it is as wanted. */
  async settled(id: string, ...statuses: readonly string[]): Promise<Submission> {
    const deadline = Date.now() + WAIT_MS_MAX;
    for (;;) {
      const { body } = await this.get<Submission>(`/api/v1/submissions/${id}`);
      if (statuses.includes(body.status)) return body;
      if (Date.now() > deadline) throw this.#gaveUp(JSON.stringify(body));
      await pause(LOOK_AGAIN_MS);
    }
  }

  #gaveUp(what: string): Error {
    return new Error(`${what}\nthe program: ${this.program().said().slice(-4_000)}`);
  }

  async #signIn(): Promise<string> {
    const response = await fetch(`${this.program().url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: this.login, password: PASSWORD }),
    });
    const cookie = response.headers.get('set-cookie')?.split(';')[0];
    await response.text();
    if (!cookie) throw new Error(`${this.login} was not signed in: ${response.status}`);
    return cookie;
  }
}

export const posting = (body: unknown, key: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'idempotency-key': key },
  body: JSON.stringify(body),
});

/** Rows handed in by one and certified by another, whatever happens in between. */
export async function postRows(
  [maker, checker]: readonly [Person, Person],
  kind: string,
  rows: readonly object[],
  key: string,
): Promise<Submission> {
  const handedIn = await maker.post<Submission>('/api/v1/submissions', { kind, rows }, `in-${key}`);
  if (handedIn.status !== 201) throw new Error(JSON.stringify(handedIn.body));
  const { id } = handedIn.body;
  const path = `/api/v1/submissions/${id}/certification`;
  await checker.post(path, { rows: 'all' }, `ok-${key}`);
  const posted = await maker.settled(id, 'posted', 'rejected');
  if (posted.status !== 'posted') throw new Error(JSON.stringify(posted));
  return posted;
}
