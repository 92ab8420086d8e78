import { execFile } from 'node:child_process';
import type { ProblemBody } from './support/answers.js';
import { breakWrites } from './support/broken-database.js';
import { postEveryMovement } from './support/every-movement.js';
import { allocation, payment, project, reversal } from './support/rows.js';
import { PASSWORD } from './support/running-ledger.js';
import { expectOk, theLedger } from './support/the-ledger.js';

const ledger = theLedger();
beforeAll(async () => {
  await ledger.post('projects', project('X', { accepted_on: '2018-02-01' }));
  await postEveryMovement(ledger);
});

const DAY = '2020-12-31';
/** Every question of contract §4, about the same day; lists in one page. */
const QUESTIONS = [
  ...['holdings/T?', 'projects/X?', 'counties/4501/summary?', 'trial-balance?'],
  ...['counties/450124/trail?limit=1000&', 'trace/R?direction=down&limit=1000&'],
  ...['trace/P1?direction=up&', 'alerts?status=all&limit=1000&', 'events?limit=1000&'],
].map((question) => `/api/v1/${question}asOf=${DAY}`);

const ask = async (path: string): Promise<unknown> =>
  moneyOnly(expectOk(await ledger.as('centre-checker').get(path)));

/** The sentence of what is counted says as of which moment, and so differs. */
function withoutScope(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return { ...body, scope: undefined };
}

const moneyOnly = (body: unknown): unknown => {
  // Looking is recorded in the log as well; it is no part of the books.
  const { entries } = body as { entries?: readonly { envelope?: { type: string } }[] };
  if (!entries?.[0]?.envelope) return withoutScope(body);
  return entries.filter(
    ({ envelope }) => !/Personal|Account|Access|Export/.test(envelope?.type ?? ''),
  );
};

describe('§4 “Every answer takes asOf and knownAt: the books as of a day, as known at a moment”', () => {
  it('what was answered before a posting is answered again as known then, by every question', async () => {
    const before = new Map<string, unknown>();
    for (const question of QUESTIONS) before.set(question, await ask(question));
    const { entries } = await ledger.events({ after: 0, limit: 1000 });
    const knownAt = entries
      .map(({ envelope }) => String(envelope['recordedAt']))
      .sort()
      .at(-1);
    await ledger.post('payments', payment('P9', 'T', { amount: '1', method: 'direct' }));
    await ledger.post('reversals', reversal('Z-B1', 'B1', { reversed_on: '2018-08-01' }));
    const dates = { accepted_on: '2018-02-01', closed_on: '2018-12-31' };
    await ledger.post('projects', project('X', dates));
    let changed = 0;
    for (const [question, answered] of before) {
      expect([question, await ask(`${question}&knownAt=${knownAt}`)]).toEqual([question, answered]);
      if (JSON.stringify(await ask(question)) !== JSON.stringify(answered)) changed += 1;
    }
    expect(changed).toBe(QUESTIONS.length);
  });
});

describe('§4 “a question asked after a certification was answered reflects it”', () => {
  it('also when it is asked at once, ten times over', async () => {
    await ledger.post('allocations', allocation('now', { receiver_region: '450481' }));
    for (let paid = 1; paid <= 10; paid += 1) {
      const row = payment(`now-${paid}`, 'now', { amount: '1', method: 'direct' });
      await ledger.post('payments', row);
      expect(await ledger.summary('450481')).toMatchObject({ paidFen: `${paid}00` });
    }
  });

  it('“the answer waits for the tables, at most 10 s, else 503 with Retry-After”, and then catches up', async () => {
    const disk = await breakWrites(ledger.running.databaseUrl, 'read_side.checkpoint', 'true');
    try {
      await ledger.post('payments', payment('late', 'now', { amount: '5', method: 'direct' }));
      const begun = Date.now();
      const late = await ledger.as('inspector').get<ProblemBody>('/api/v1/holdings/now');
      expect(Date.now() - begun).toBeGreaterThanOrEqual(10_000);
      expect([late.status, late.body]).toMatchObject([503, { code: 'not-up-to-date' }]);
      expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await disk.mend();
    }
    expect(await ledger.holding('now')).toMatchObject({ paidFen: '1500' });
  });
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `npx fundflow …` from its sources, as the inspector. */
function fundflow(...args: string[]): Promise<Run> {
  const script = ['--import', './test/support/typescript.mjs', 'apps/fundflow/main.ts', ...args];
  const user = { FUNDFLOW_USER: 'inspector', FUNDFLOW_PASSWORD: PASSWORD };
  const env = { ...process.env, FUNDFLOW_URL: ledger.running.url, ...user };
  return new Promise((resolve) => {
    execFile(process.execPath, script, { env, maxBuffer: 64 * 1024 ** 2 }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

describe('§5 “every reading command takes --as-of, --known-at and --json (the API’s own JSON)”', () => {
  it.each([
    [['summary', '450124'], 'counties/450124/summary?'],
    [['trail', '450124'], 'counties/450124/trail?limit=1000&'],
    [['trace', 'P1', '--direction', 'up'], 'trace/P1?direction=up&limit=1000&'],
    [['alerts', '450124'], 'alerts?county=450124&limit=1000&'],
  ])('%j is %s', async (args, question) => {
    const { entries } = await ledger.events({ after: 0, limit: 1000 });
    const paid = entries.find(({ envelope }) => envelope['type'] === 'PaymentMade');
    const knownAt = String(paid?.envelope['recordedAt']);
    const at = ['--as-of', DAY, '--known-at', knownAt, '--json'];
    const { code, out, err } = await fundflow(...args, ...at);
    expect([code, err]).toEqual([0, '']);
    const api = await ledger
      .as('inspector')
      .get(`/api/v1/${question}asOf=${DAY}&knownAt=${knownAt}`);
    expect(JSON.parse(out)).toEqual(expectOk(api));
  });

  it('“exits 0 only if it could answer”: says why on standard error, and prints nothing else', async () => {
    const failed = await Promise.all([
      fundflow('trace', 'nobody', '--json'),
      fundflow('summary', '459999'),
      fundflow('trail', '450124', '--as-of', '2018-02-30'),
      fundflow('alerts', '--url', 'http://127.0.0.1:1'),
    ]);
    expect(failed.map(({ code, out }) => [code === 0, out])).toEqual(Array(4).fill([false, '']));
    for (const { err } of failed) expect(err).toMatch(/\p{Script=Han}/u);
    expect(failed.map(({ err }) => /（([a-z-]+)）/.exec(err)?.[1] ?? null)).toEqual([
      ...['unknown-record', 'unknown-region', 'bad-argument', 'unreachable'],
    ]);
  });
});
