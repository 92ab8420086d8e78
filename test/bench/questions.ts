import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LOCAL_TOKEN_FILE } from '@fundflow/identity/accounts/local-token';
import { BenchClient, perSecondFrom } from './http-client.js';
import { countyCode, LOG_SIZE, type LogSize, villageCode } from './ledger-log.js';

/** Milliseconds from the request to the last byte of its answer. */
export interface QuestionLatency {
  readonly what: string;
  readonly callers: number;
  readonly p50: number;
  readonly p99: number;
}

const CALLERS = [1, 8];
const WARM_UP = 40;
const ROUNDS = 400;
const PAGE = 100;
const ALERTS_WAIT_MS_MAX = 600_000;
const LOOK_AGAIN_MS = 500;

type Page = { readonly next: string | null };

/** One kind of question: a caller asks one after the other, going on where a list stood. */
interface Kind {
  readonly what: string;
  /** @param n of the question, over all callers */
  caller(ask: (path: string) => Promise<Page>): (n: number) => Promise<void>;
}

/**
 * Asks a running ledger over HTTP, warm, as one and as eight callers. Its database holds the log of `ledgerLog`.
 *
 * @param dataDirectory of the server: its token of the local command line may ask everything
 */
export async function benchQuestions(
  url: string,
  dataDirectory: string,
  size: LogSize = LOG_SIZE,
): Promise<QuestionLatency[]> {
  const token = (await readFile(join(dataDirectory, LOCAL_TOKEN_FILE), 'utf8')).trim();
  const client = new BenchClient(url, Math.max(...CALLERS));
  const ask = async (path: string): Promise<Page> => {
    const answer = await client.send('GET', path, { authorization: `Bearer ${token}` });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(answer.body) as Page;
  };
  await alertsAreThere(client, token);
  const found: QuestionLatency[] = [];
  try {
    for (const kind of kindsOf(size)) {
      for (const callers of CALLERS) {
        found.push({ what: kind.what, callers, ...(await latencies(kind, callers, ask)) });
      }
    }
  } finally {
    client.close();
  }
  return found;
}

/** The first evaluation of every rule takes its time and would be measured as well. */
async function alertsAreThere(client: BenchClient, token: string): Promise<void> {
  const deadline = Date.now() + ALERTS_WAIT_MS_MAX;
  for (;;) {
    const headers = { authorization: `Bearer ${token}` };
    const { status, body } = await client.send('GET', '/api/v1/alerts?limit=1', headers);
    if (status === 200) return;
    if (status !== 503 || Date.now() > deadline) throw new Error(`alerts: ${status} ${body}`);
    await pause(LOOK_AGAIN_MS);
  }
}

function kindsOf(size: LogSize): readonly Kind[] {
  const county = (n: number): string => countyCode((n * 37) % size.counties);
  const largest = countyCode(0);
  const payment = (n: number): string => `ZF-${largest}-${(n * 7) % 10_000}`;
  const trail = (region: string, more = ''): string =>
    `/api/v1/counties/${region}/trail?limit=${PAGE}${more}`;
  const trace = (id: string, direction: 'up' | 'down'): string =>
    `/api/v1/trace/${id}?direction=${direction}&limit=${PAGE}`;
  return [
    each('county trail, first page', (n) => trail(county(n))),
    each('county trail, first page of a later day', (n) =>
      trail(county(n), `&from=20${18 + (n % 3)}-0${1 + (n % 9)}-15`),
    ),
    each('county trail, as of an earlier day and moment', (n) =>
      trail(county(n), `&asOf=2019-0${1 + (n % 9)}-28&knownAt=2021-01-01T01:00:00Z`),
    ),
    walked('largest county, page after page', () => trail(largest)),
    walked('largest county, page after page from its middle', () =>
      trail(largest, '&from=2019-06-01'),
    ),
    walked('village, page after page', (n) => trail(villageCode(countyCode(n % size.counties), n))),
    walked('city trail, page after page', (n) => trail(county(n).slice(0, 4))),
    walked('whole province, page after page', () => trail('45')),
    each('trace up from a payment', (n) => trace(payment(n), 'up')),
    walked('trace down from the province, page after page', () => trace('ZB-45', 'down')),
    walked('trace down from the largest county', () => trace(`ZB-${largest}`, 'down')),
    walked('trace down from the largest disbursement', () => trace(`BF-${largest}-0`, 'down')),
    each('trace up from the largest disbursement', () => trace(`BF-${largest}-0`, 'up')),
    each('one holding', (n) => `/api/v1/holdings/BF-${county(n)}-1`),
    each('county summary', (n) => `/api/v1/counties/${county(n)}/summary`),
  ];
}

/** A question that stands for itself. */
const each = (what: string, pathOf: (n: number) => string): Kind => ({
  what,
  caller: (ask) => async (n) => void (await ask(pathOf(n))),
});

/** A list read on and on, and begun again at its end. */
const walked = (what: string, startOf: (n: number) => string): Kind => ({
  what,
  caller: (ask) => {
    let path: string | null = null;
    let next: string | null = null;
    return async (n) => {
      if (path === null || next === null) path = startOf(n);
      const page = await ask(next === null ? path : `${path}&cursor=${encodeURIComponent(next)}`);
      next = page.next;
    };
  },
});

async function latencies(
  kind: Kind,
  callers: number,
  ask: (path: string) => Promise<Page>,
): Promise<Pick<QuestionLatency, 'p50' | 'p99'>> {
  const times: number[] = [];
  const free = Array.from({ length: callers }, () => kind.caller(ask));
  await perSecondFrom(callers, WARM_UP + ROUNDS, async (n) => {
    const one = free.pop() as (n: number) => Promise<void>;
    const start = performance.now();
    await one(n);
    if (n >= WARM_UP) times.push(performance.now() - start);
    free.push(one);
  });
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? 0;
  const rounded = (ms: number): number => Math.round(ms * 10) / 10;
  return { p50: rounded(at(0.5)), p99: rounded(at(0.99)) };
}
