import { Agent, request as httpRequest } from 'node:http';
import { type Campaign, hostileRequest, type HostileRequest } from './hostile-requests.js';
import { twisted } from './hostile-wire.js';
import {
  exchangeBytes,
  exchangeRaw,
  headLines,
  type RawAnswer,
  type RawRequest,
} from './raw-exchange.js';

export interface Findings {
  readonly requests: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Every code that was answered, how often. */
  readonly byCode: Readonly<Record<string, number>>;
  /** Answers of 5xx, errors that are no problem+json with a code, requests without an answer. */
  readonly wrong: readonly string[];
}

const WRONG_MAX = 50;
const ANSWER_MS_MAX = 60_000;
const AT_ONCE = 16;
const BODY_SHOWN = 600;

/** An address a client of HTTP would not write, and what it could not read the answer of: HEAD that was not understood. */
const NOT_FOR_A_CLIENT = /[^\x21-\x7e]/;

/** Answered where the connection was ended without a word, as only what is no request may be. */
const ENDED: RawAnswer = { status: 0, type: '', body: '' };

async function sendTwisted(url: URL, twist: string, sent: RawRequest): Promise<RawAnswer> {
  const { bytes, isUnended, answersMax } = twisted(
    twist,
    headLines(url, sent),
    sent.body ?? Buffer.alloc(0),
  );
  const options = { timeout: ANSWER_MS_MAX, halfClosed: isUnended };
  const answers = await exchangeBytes(url, bytes, options);
  const final = answers.filter(({ status }) => status >= 200);
  if (answers.length > answersMax) throw new Error(`${answers.length} answers to one request`);
  return final.toSorted((a, b) => b.status - a.status)[0] ?? ENDED;
}

function send(url: URL, sent: HostileRequest, cookie: string | null, agent: Agent) {
  const { method, path, body, twist } = sent;
  const carried = { ...(cookie === null ? {} : { cookie }), ...sent.headers };
  if (twist !== null) return sendTwisted(url, twist, { method, path, headers: carried, body });
  if (method === 'HEAD' || NOT_FOR_A_CLIENT.test(path)) {
    return exchangeRaw(url, { method, path, headers: carried, body }, ANSWER_MS_MAX);
  }
  return new Promise<RawAnswer>((resolve, reject) => {
    const length = body === null ? {} : { 'content-length': String(body.length) };
    const headers = { ...carried, ...length };
    const { hostname: host, port } = url;
    const options = { host, port, method, path, headers, agent, timeout: ANSWER_MS_MAX };
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const type = response.headers['content-type'] ?? '';
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, type, body: text });
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

function codeIn({ type, body }: RawAnswer): string | null {
  if (!type.startsWith('application/problem+json')) return null;
  try {
    const { code, title, status } = JSON.parse(body) as Record<string, unknown>;
    const isWhole = typeof title === 'string' && typeof status === 'number';
    return isWhole && typeof code === 'string' ? code : null;
  } catch {
    return null;
  }
}

const shown = (n: number, { method, path, as, body, headers, twist }: HostileRequest): string =>
  JSON.stringify({
    n,
    method,
    path,
    as,
    headers,
    twist,
    body: body?.toString().slice(0, BODY_SHOWN),
  });

/**
 * Sends hostile requests, sixteen at a time, and tells what was answered that should not be.
 *
 * @param signIn gives the cookie of a login; asked again where a session is no longer taken
 */
export async function sendHostile(
  url: string,
  campaign: Campaign,
  count: number,
  signIn: (login: string) => Promise<string>,
  progress: (sent: number) => void = () => undefined,
): Promise<Findings> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const cookies = new Map<string, string>();
  for (const login of campaign.logins) cookies.set(login, await signIn(login));
  const tally = { byStatus: {} as Record<string, number>, byCode: {} as Record<string, number> };
  const wrong: string[] = [];
  let next = 0;
  const one = async (n: number): Promise<void> => {
    const sent = hostileRequest(campaign, n);
    const cookie = sent.as === null ? null : (cookies.get(sent.as) ?? null);
    const answer = await send(new URL(url), sent, cookie, agent);
    tally.byStatus[answer.status] = (tally.byStatus[answer.status] ?? 0) + 1;
    if (answer.status < 400) return;
    const code = codeIn(answer);
    tally.byCode[code ?? '(none)'] = (tally.byCode[code ?? '(none)'] ?? 0) + 1;
    const isWordless = sent.method === 'HEAD' && answer.body === '';
    if (answer.status < 500 && (code !== null || isWordless)) return;
    wrong.push(`${answer.status} ${answer.body.slice(0, BODY_SHOWN)} to ${shown(n, sent)}`);
  };
  const worker = async (): Promise<void> => {
    while (next < count && wrong.length < WRONG_MAX) {
      const n = next;
      next += 1;
      await one(n).catch((error: Error) => {
        wrong.push(`${error.message} to ${shown(n, hostileRequest(campaign, n))}`);
      });
      progress(n + 1);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  } finally {
    agent.destroy();
  }
  return { requests: next, ...tally, wrong };
}
