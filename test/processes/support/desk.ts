import { PASSWORD, type Program } from '../../faults/support/program.js';

export interface Heard {
  readonly what: string;
  readonly status: number;
  /** Head and body. */
  readonly bytes: Buffer;
}

/** The desks of an office before a running program; everything that is answered is kept. */
export class Desk {
  readonly heard: Heard[] = [];
  readonly #cookies = new Map<string, string>();

  constructor(private readonly program: () => Program) {}

  /** @param login null: somebody without a session */
  async ask(login: string | null, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (login !== null) headers.set('cookie', await this.#cookieOf(login));
    const answer = await fetch(this.program().url + path, { ...init, headers });
    const body = Buffer.from(await answer.clone().arrayBuffer());
    const head = Buffer.from([...answer.headers].map((each) => each.join(': ')).join('\n'));
    const what = `${init.method ?? 'GET'} ${path} as ${login ?? 'nobody'}`;
    this.heard.push({ what, status: answer.status, bytes: Buffer.concat([head, body]) });
    return answer;
  }

  post(login: string, path: string, body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    return this.ask(login, path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  upload(login: string, fileName: string, content: string | Uint8Array): Promise<Response> {
    const form = new FormData();
    form.set('kind', 'payments');
    form.set('file', new Blob([content as string]), fileName);
    return this.ask(login, '/api/v1/submissions', { method: 'POST', body: form });
  }

  /** Answers once the submission is read; its report is asked for as JSON and as CSV. */
  async submitted(login: string, answer: Response): Promise<string> {
    const { id } = (await answer.json()) as { id: string };
    const path = `/api/v1/submissions/${id}`;
    let status = 'validating';
    while (status === 'validating') {
      status = ((await (await this.ask(login, path)).json()) as { status: string }).status;
    }
    await this.ask(login, `${path}/report?limit=1000`);
    await this.ask(login, `${path}/report`, { headers: { accept: 'text/csv' } });
    return id;
  }

  async certify(login: string, id: string): Promise<void> {
    await this.post(login, `/api/v1/submissions/${id}/certification`, { rows: 'valid' });
    let status = 'posting';
    while (status === 'posting' || status === 'validated') {
      const answer = await this.ask(login, `/api/v1/submissions/${id}`);
      status = ((await answer.json()) as { status: string }).status;
    }
  }

  async #cookieOf(login: string): Promise<string> {
    const known = this.#cookies.get(login);
    if (known !== undefined) return known;
    const answer = await fetch(`${this.program().url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: login, password: PASSWORD }),
    });
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    if (!answer.ok) throw new Error(`${login} was not signed in: ${answer.status}`);
    this.#cookies.set(login, cookie);
    return cookie;
  }
}
