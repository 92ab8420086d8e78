import type { Answer, ReportLine, SubmissionAnswer } from './answers.js';
import { type RunningLedger, signIn } from './running-ledger.js';

export type Cells = Readonly<Record<string, string>>;
export type Headed = Record<string, string>;
type Query = Readonly<Record<string, string | number | undefined>>;

/** One demo user before the application, with the requests a person makes. */
export interface Person {
  request<Body>(path: string, init?: RequestInit): Promise<Answer<Body>>;
  get<Body>(path: string, query?: Query): Promise<Answer<Body>>;
  post<Body>(path: string, body: unknown, headers?: Headed): Promise<Answer<Body>>;
  /** JSON rows. */
  handIn(
    kind: string,
    rows: readonly unknown[],
    headers?: Headed,
  ): Promise<Answer<SubmissionAnswer>>;
  /** A file in a form. */
  upload(
    fileName: string,
    content: string | Uint8Array,
    options?: { readonly kind?: string; readonly headers?: Headed },
  ): Promise<Answer<SubmissionAnswer>>;
  certify(
    submissionId: string,
    rows?: 'all' | 'valid',
    headers?: Headed,
  ): Promise<Answer<SubmissionAnswer>>;
  /** Every line of the report of a submission. */
  report(submissionId: string): Promise<readonly ReportLine[]>;
}

/** Every answer is held against the OpenAPI document on the way. */
export function personOf(ledger: RunningLedger, login: string): Person {
  let cookie = ledger.sessions.get(login) ?? null;
  const request = async <Body>(path: string, init: RequestInit = {}): Promise<Answer<Body>> => {
    const answer = await ask<Body>(path, init);
    const { status, headers, body } = answer;
    const contentType = headers.get('content-type');
    ledger.conforms({ method: init.method ?? 'GET', path, status, contentType, body });
    return answer;
  };
  const ask = async <Body>(path: string, init: RequestInit): Promise<Answer<Body>> => {
    const headers = new Headers(init.headers);
    if (cookie !== null) headers.set('cookie', cookie);
    const answer = await send<Body>(ledger.url + path, { ...init, headers });
    if (answer.status !== 401) return answer;
    // The session of the template was idle for too long: the suite runs beside many others.
    cookie = (await signIn(ledger.url, login)).cookie;
    headers.set('cookie', cookie);
    return send<Body>(ledger.url + path, { ...init, headers });
  };
  const post = <Body>(path: string, body: unknown, headers: Headed = {}) =>
    request<Body>(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    request,
    post,
    get: (path, query) => request(path + textOfQuery(query)),
    handIn: (kind, rows, headers) => post('/api/v1/submissions', { kind, rows }, headers),
    upload: (fileName, content, { kind, headers } = {}) => {
      const form = new FormData();
      if (kind !== undefined) form.set('kind', kind);
      form.set('file', new Blob([content as string]), fileName);
      return request('/api/v1/submissions', {
        method: 'POST',
        body: form,
        ...(headers ? { headers } : {}),
      });
    },
    certify: (id, rows = 'all', headers = {}) =>
      post(`/api/v1/submissions/${id}/certification`, { rows }, headers),
    report: (id) => wholeReport(request, id),
  };
}

interface ReportPage {
  readonly entries: readonly ReportLine[];
  readonly next: string | null;
}

async function wholeReport(request: Person['request'], id: string): Promise<ReportLine[]> {
  const lines: ReportLine[] = [];
  let cursor: string | undefined;
  do {
    const path: string = `/api/v1/submissions/${id}/report${textOfQuery({ cursor })}`;
    const page: ReportPage = (await request<ReportPage>(path)).body;
    lines.push(...page.entries);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return lines;
}

/** Somebody without a session. */
export async function send<Body>(url: string, init: RequestInit): Promise<Answer<Body>> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const body = (isJson && text !== '' ? JSON.parse(text) : text) as Body;
  return { status: response.status, headers: response.headers, text, body };
}

function textOfQuery(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}
