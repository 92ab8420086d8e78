import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AlertsAnswer, Answer } from './support/answers.js';
import { csv, tableOf } from './support/files.js';
import type { Cells } from './support/person.js';
import { allocation, payment } from './support/rows.js';
import { query } from './support/template-database.js';
import { expectOk, theLedger } from './support/the-ledger.js';

/*
 * Fifty persons who do not exist, with four values each: name, identity number, account, telephone. They are handed in
 * every way there is, right and wrong, and then looked for everywhere.
 */
const ledger = theLedger();

interface Canary {
  readonly name: string;
  readonly code: string;
  readonly account: string;
  readonly phone: string;
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
function residentId(n: number): string {
  const digits = `45012419${60 + (n % 30)}0${1 + (n % 9)}1${n % 10}${String(100 + n)}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  return digits + '10X98765432'[sum % 11];
}

const CANARIES: readonly Canary[] = Array.from({ length: 50 }, (_, n) => ({
  name: `覃${String.fromCharCode(0x7010 + n)}${String.fromCharCode(0x8010 + n)}`,
  code: residentId(n),
  account: `62284808${String(10_000_000 + n * 7919)}${100 + n}`,
  phone: `1397718${String(1000 + n)}`,
}));
const VALUES = CANARIES.flatMap(({ name, code, account, phone }) => [name, code, account, phone]);

const found = (text: string): string[] => VALUES.filter((value) => text.includes(value));

const person = (id: string, { name, code, account }: Canary, over: Cells = {}): Cells =>
  payment(id, 'fund', {
    ...{ payee_kind: 'person', payee_name: name, payee_code: code, payee_account: account },
    ...{ payee_region: '450124100001', amount: '1', method: 'card', ...over },
  });

/** What a clerk gets wrong, in every cell of the person and in those beside it. */
const MISTAKES: readonly ((canary: Canary) => Cells)[] = [
  () => ({ amount: '壹元' }),
  () => ({ paid_on: '2018-02-30' }),
  () => ({ payee_kind: '村民' }),
  () => ({ payee_kind: '' }),
  ({ account, phone }) => ({ payee_account: `${account}/${phone}` }),
  ({ code }) => ({ payee_code: `${code}号` }),
  ({ name, phone }) => ({ payee_name: `${name}（${phone}）`, amount: '999999' }),
  ({ phone }) => ({ economic_code: phone, voucher_no: '' }),
  ({ code }) => ({ payee_region: code }),
];

const mistaken = (prefix: string): Cells[] =>
  CANARIES.map((canary, n) =>
    person(`${prefix}${n}`, canary, MISTAKES[n % MISTAKES.length]?.(canary)),
  );

const answers: Answer[] = [];
const reports: string[] = [];

async function handIn(rows: readonly Cells[], how: 'file' | 'rows', certify: boolean) {
  const maker = ledger.as('centre-maker');
  const table = tableOf('payments', 'zh', rows);
  const answer = await (how === 'file'
    ? maker.upload('一卡通发放表.csv', csv(table))
    : maker.handIn('payments', rows));
  answers.push(answer);
  const { id } = expectOk(answer);
  const path = `/api/v1/submissions/${id}`;
  answers.push(await maker.get(path));
  reports.push((await maker.get(`${path}/report`, { limit: 1000 })).text);
  const asCsv = await maker.request(`${path}/report`, { headers: { accept: 'text/csv' } });
  reports.push(asCsv.text);
  if (certify) answers.push(await ledger.as('centre-checker').certify(id, 'valid'));
}

beforeAll(async () => {
  await ledger.post('allocations', allocation('fund', { amount: '10000' }));
  const good = (prefix: string) => CANARIES.map((canary, n) => person(`${prefix}${n}`, canary));
  const byPhone = CANARIES.map((canary, n) =>
    person(`phone-${n}`, canary, { payee_account: canary.phone }),
  );
  await handIn(good('file-'), 'file', true);
  await handIn(good('json-'), 'rows', true);
  await handIn(byPhone, 'file', true);
  await handIn(mistaken('bad-file-'), 'file', true);
  await handIn(mistaken('bad-json-'), 'rows', true);
  // Waits for certification: nothing of it is posted.
  await handIn(good('waiting-'), 'file', false);
});

describe('persons among the payees', () => {
  it('most of what was handed in is posted, so that there is something to find', async () => {
    const { entries } = await ledger.events({ after: 0, limit: 1000 });
    const paid = entries.filter(({ envelope }) => envelope['type'] === 'PaymentMade');
    expect(paid.length).toBeGreaterThan(140);
    expect(VALUES).toHaveLength(200);
    expect(new Set(VALUES).size).toBe(200);
  });

  it('stand in no record of the log', async () => {
    const { text } = await ledger.as('centre-checker').get('/api/v1/events', { limit: 1000 });
    expect(found(text)).toEqual([]);
  });

  it('stand in no table, not even of rows that wait or were refused', async () => {
    const { databaseUrl } = ledger.running;
    const tables = await query<{ name: string }>(
      databaseUrl,
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.length).toBeGreaterThan(20);
    for (const { name } of tables) {
      const rows = await query<{ row: string }>(
        databaseUrl,
        `SELECT t::text AS row FROM ${name} t`,
      );
      expect([name, found(rows.map(({ row }) => row).join('\n'))]).toEqual([name, []]);
    }
  });

  it('stand in no file that is left in the data directory', async () => {
    const { dataDirectory } = ledger.running;
    const left = await readdir(dataDirectory, { recursive: true, withFileTypes: true });
    for (const entry of left.filter((one) => one.isFile())) {
      const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
      expect([entry.name, found(text)]).toEqual([entry.name, []]);
    }
  });

  it('stand in no answer about a submission and in no report', () => {
    expect(answers.length).toBeGreaterThan(10);
    expect(found(answers.map(({ text }) => text).join('\n'))).toEqual([]);
    expect(reports.join('\n').length).toBeGreaterThan(10_000);
    expect(found(reports.join('\n'))).toEqual([]);
  });

  it('are shown masked in trails and traces', async () => {
    const trail = await ledger.trail('450124');
    const shown = trail.filter(({ type }) => type === 'PaymentMade').map((e) => e.counterparty);
    expect(shown.length).toBeGreaterThan(140);
    const masked = new Set(CANARIES.map(({ name }) => `${name[0]}*${name[2]}`));
    expect(shown.filter((name) => !masked.has(name ?? ''))).toEqual([]);
    const { nodes } = await ledger.down('fund');
    const labels = nodes.filter(({ kind }) => kind === 'payment').map(({ label }) => label);
    expect(labels.filter((name) => !masked.has(name ?? ''))).toEqual([]);
    expect(found(JSON.stringify([trail, nodes]))).toEqual([]);
  });

  it('stand in no other answer', async () => {
    const inspector = ledger.as('inspector');
    const asked = [
      ...[inspector.get('/api/v1/holdings/fund'), inspector.get('/api/v1/trace/json-7')],
      inspector.get('/api/v1/trace/json-7', { direction: 'up' }),
      inspector.get('/api/v1/counties/450124100001/trail'),
      inspector.get('/api/v1/counties/450124/summary'),
      inspector.get<AlertsAnswer>('/api/v1/alerts', { asOf: '2021-01-01', status: 'all' }),
      inspector.get('/api/v1/trial-balance'),
      inspector.get('/api/v1/openapi.json'),
      ledger.as('centre-maker').get('/api/v1/submissions'),
    ];
    const given = await Promise.all(asked);
    expect(given.map(({ status }) => status)).toEqual(given.map(() => 200));
    expect(found(given.map(({ text }) => text).join('\n'))).toEqual([]);
  });
});

describe('what goes wrong with personal data in it', () => {
  const maker = () => ledger.as('centre-maker');
  const [one, two] = CANARIES as [Canary, Canary, ...Canary[]];
  const line = ({ name, code, account }: Canary) => `${name},${code},${account}`;

  it('is refused without repeating it: torn quotes, a list without headers, broken JSON, wrong members', async () => {
    const json = { 'content-type': 'application/json' };
    const broken = (body: string) =>
      maker().request('/api/v1/submissions', { method: 'POST', headers: json, body });
    const refused = [
      await maker().upload('花名册.csv', `收款人,"证件号码,收款账号\n${line(one)}\n`, {
        kind: 'payments',
      }),
      await maker().upload('花名册.csv', `${line(one)}\n${line(two)}\n`, { kind: 'payments' }),
      await maker().upload('花名册.csv', `${line(one)}\n${line(two)}\n`),
      await maker().upload('花名册.xlsx', `PK\u0003\u0004${line(one)}`),
      await broken(`{"kind":"payments","rows":[{"payee_name":"${one.name}"`),
      await broken(JSON.stringify({ kind: 'payments', rows: one.name })),
    ];
    for (const { status, text } of refused) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect([status, found(text)]).toEqual([status, []]);
    }
  });

  it('rows that are no rows', async () => {
    const rows = [one.name, [one.code], { 收款人: { name: one.name } }];
    const { body, text } = await maker().handIn('payments', rows);
    expect(found(text)).toEqual([]);
    const report = await maker().get(`/api/v1/submissions/${body.id}/report`);
    expect(found(report.text)).toEqual([]);
  });

  it('never reaches a log, also not by an address somebody typed a name into', async () => {
    await ledger.as('inspector').get(`/api/v1/trace/${encodeURIComponent(one.name)}`);
    await ledger.as('inspector').get(`/api/v1/holdings/${two.code}`, { asOf: two.account });
    await ledger.as('inspector').get(`/api/v1/counties/${two.phone}/trail`);
    await ledger.as('inspector').get('/api/v1/alerts', { rule: one.name, county: two.phone });
    const { logLines } = ledger.running;
    expect(logLines.length).toBeGreaterThan(30);
    expect(found(logLines.join('\n'))).toEqual([]);
  });
});
