import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import pg from 'pg';
import { csv, tableOf, workbook } from '../e2e/support/files.js';
import { filesBelow } from '../e2e/support/files-below.js';
import type { Cells } from '../e2e/support/person.js';
import { allocation } from '../e2e/support/rows.js';
import { databaseUrl } from '../faults/support/ledger-state.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  type Program,
  startProgram,
} from '../faults/support/program.js';
import { Needles } from '../support/needles.js';
import { CANARIES, mistyped, paid, VALUES } from './support/canaries.js';
import { Desk } from './support/desk.js';
import { Commands } from './support/commands.js';

/*
 * Fifty persons who do not exist, with four values each, go every way into a running ledger that there is, right and
 * wrong. Then everything it keeps, says and hands out is looked through byte by byte.
 */
const needles = new Needles(VALUES);
const FILE = (prefix: string, rows: readonly Cells[]) => csv(tableOf('payments', 'zh', rows));
const WHY = { purpose: 'investigation', reason: '核对发放对象', caseId: '案〔2020〕7号' };
const [first, second] = CANARIES as [(typeof CANARIES)[0], (typeof CANARIES)[0]];

let folder: string;
let data: string;
let program: Program;
let desk: Desk;

async function found(bytes: Buffer | string, place: string): Promise<string[]> {
  return needles.within(Buffer.from(bytes as string), place);
}

const MAKER = 'centre-maker';
const CHECKER = 'centre-checker';
const INSPECTOR = 'inspector';

async function handIn(how: 'json' | Uint8Array | string, rows: readonly Cells[], certify = true) {
  const answer = await (how === 'json'
    ? desk.post(MAKER, '/api/v1/submissions', { kind: 'payments', rows })
    : desk.upload(MAKER, `一卡通发放表 ${first.phone}.csv`, how));
  const id = await desk.submitted(MAKER, answer);
  if (certify) await desk.certify(CHECKER, id);
}

async function handInEverything(): Promise<void> {
  const good = (prefix: string) => CANARIES.map((canary, n) => paid(`${prefix}-${n}`, canary));
  const id = await desk.submitted(
    MAKER,
    await desk.post(MAKER, '/api/v1/submissions', {
      kind: 'allocations',
      rows: [allocation('fund', { amount: '10000' })],
    }),
  );
  await desk.certify(CHECKER, id);
  await handIn('json', good('json'));
  await handIn(FILE('csv', good('csv')), good('csv'));
  await handIn(iconv.encode(FILE('gbk', good('gbk')), 'gbk'), good('gbk'));
  const sheet = tableOf('payments', 'zh', good('xlsx'));
  await handIn(await workbook({ 支付: sheet }), good('xlsx'));
  const bad = CANARIES.flatMap((canary, n) => mistyped(`bad-${n}`, canary));
  await handIn(FILE('bad', bad), bad);
  for (let from = 0; from < bad.length; from += 500) {
    await handIn('json', bad.slice(from, from + 500));
  }
  // Waits for certification.
  await handIn('json', good('waiting'), false);
  const flex = good('flex').map((row, n) => ({
    ...{ ...row, amount: '零', flex_联系电话: CANARIES[n]?.phone ?? '' },
    flex_备注: CANARIES[n]?.name ?? '',
  }));
  await handIn('json', flex, false);
}

/** What is no submission at all. */
async function handInRubbish(): Promise<void> {
  const { name, code, account, phone } = first;
  const line = `${name},${code},${account},${phone}`;
  await desk.upload(MAKER, '花名册.csv', `收款人,"证件号码\n${line}\n`);
  await desk.upload(MAKER, '花名册.csv', `${line}\n${line}\n`);
  await desk.upload(MAKER, `${code}.xlsx`, `PK\u0003\u0004${line}`);
  const rows = [name, [code], { [name]: account }, { [phone]: name }, { 收款人: { name } }];
  await handIn('json', rows as never, false);
  const headers = { 'content-type': 'application/json', 'idempotency-key': phone };
  const broken = `{"kind":"payments","rows":[{"payee_name":"${name}"`;
  await desk.ask(MAKER, '/api/v1/submissions', { method: 'POST', headers, body: broken });
  for (const kind of [name, phone])
    await desk.post(MAKER, '/api/v1/submissions', { kind, rows: [] });
  await desk.post(MAKER, '/api/v1/submissions', { kind: 'payments', rows: [], [name]: account });
}

async function askAround(): Promise<void> {
  const { name, code, account, phone } = second;
  const typed = [name, code, account, phone].map(encodeURIComponent);
  for (const value of typed) {
    for (const path of [
      'holdings/',
      'projects/',
      'trace/',
      'events/',
      'submissions/',
      'alerts?rule=',
    ]) {
      await desk.ask(INSPECTOR, `/api/v1/${path}${value}`);
    }
    for (const path of ['trail', 'summary'])
      await desk.ask(INSPECTOR, `/api/v1/counties/${value}/${path}`);
    await desk.ask(INSPECTOR, `/api/v1/events?after=${value}`);
    await desk.ask(null, `/${value}?${value}=${value}`);
    await desk.ask(INSPECTOR, `/api/v1/attachments?subjectId=${value}`);
  }
  for (const who of [INSPECTOR, CHECKER]) {
    for (const path of [
      'holdings/fund',
      'trace/json-7?direction=up',
      'trace/fund?direction=down',
    ]) {
      await desk.ask(who, `/api/v1/${path}`);
    }
    await desk.ask(who, '/api/v1/counties/450124/trail?limit=500');
    await desk.ask(who, '/api/v1/alerts?asOf=2021-01-01&status=all');
    await desk.ask(who, '/api/v1/events?limit=1000');
  }
  await desk.ask(MAKER, '/api/v1/submissions');
  await desk.ask(null, '/health/ready');
}

async function lookForPersons(): Promise<string> {
  const search = (body: object) =>
    desk.post(INSPECTOR, '/api/v1/personal/search', { ...WHY, ...body });
  await search({ id: second.code });
  await search({ id: second.code.slice(-6) });
  await search({ account: second.account });
  await search({ name: first.name, county: second.phone });
  await search({ id: second.code, reason: `来电${second.phone}` });
  await search({ id: second.code, caseId: second.phone });
  const answer = await search({ name: second.name, county: '450124' });
  const { lines } = (await answer.json()) as { lines: { eventId: string }[] };
  return lines[0]?.eventId ?? '';
}

async function takeEvidence(): Promise<void> {
  for (const [kind, id] of [
    ['trail', '450124'],
    ['trace', 'json-7'],
  ]) {
    await desk.post(INSPECTOR, '/api/v1/evidence', { kind, id, reason: '核查', caseId: '2020-17' });
  }
  const reason = `查 ${first.name} ${first.account}`;
  await desk.post(INSPECTOR, '/api/v1/evidence', { kind: 'trail', id: '450124', reason });
}

beforeAll(async () => {
  buildProgram();
  folder = await freshFolder();
  data = join(folder, 'data');
  program = await startProgram(data, { environment: { FUNDFLOW_LOG_LEVEL: 'debug' } });
  desk = new Desk(() => program);
  await handInEverything();
  await handInRubbish();
  await askAround();
}, 300_000);

afterAll(async () => {
  await endAll(data);
  rmSync(folder, { recursive: true, force: true });
});

/** Of a file that may be replaced while the ledger runs; what took its place is listed too, or has the same words. */
function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

describe('two hundred values of fifty persons, handed in right and wrong', () => {
  it('are 200, and what was right is posted: there is something to find', async () => {
    expect(new Set(VALUES).size).toBe(200);
    const trail = await desk.ask(INSPECTOR, '/api/v1/counties/450124/trail?limit=500');
    const { entries } = (await trail.json()) as {
      entries: { type: string; counterparty: string }[];
    };
    const payments = entries.filter(({ type }) => type === 'PaymentMade');
    expect(payments.length).toBe(250);
    expect(payments[0]?.counterparty).toMatch(/^覃\*.$/u);
  });

  it('are found by who may look for them, and one is shown in clear: in that answer alone', async () => {
    const eventId = await lookForPersons();
    const path = `/api/v1/personal/${eventId}/unmask`;
    await desk.post(INSPECTOR, path, { ...WHY, field: 'name' });
    const shown = desk.heard.pop();
    expect(shown?.status).toBe(200);
    expect(await found(shown?.bytes ?? '', 'it')).toEqual([`utf8 ${second.name} in it`]);
    await desk.post(INSPECTOR, path, { ...WHY, field: second.code });
    await desk.post('hotline', path, { ...WHY, field: 'code', callerId: first.code });
  });

  it('stand in no other answer: reports, refusals, searches, traces, the log, evidence', async () => {
    await takeEvidence();
    const statuses = new Set(desk.heard.map(({ status }) => status));
    for (const status of [200, 201, 400, 404]) expect(statuses).toContain(status);
    expect(desk.heard.filter(({ status }) => status >= 500)).toEqual([]);
    const all: string[] = [];
    for (const { what, bytes } of desk.heard) {
      all.push(...(await found(bytes, what)));
    }
    expect(all).toEqual([]);
    expect(desk.heard.filter(({ bytes }) => bytes.includes('PK')).length).toBeGreaterThan(0);
  });

  it('there are no metrics that could have them', async () => {
    const answers = [
      await desk.ask('admin', '/metrics'),
      await desk.ask('admin', '/api/v1/metrics'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });

  it('stand in nothing the program wrote to its outputs, every level on', async () => {
    expect(program.said().length).toBeGreaterThan(10_000);
    expect(await found(program.said(), 'the outputs')).toEqual([]);
  });

  it('stand in no row of any table, and the vault has them sealed', async () => {
    const client = new pg.Client({ connectionString: await databaseUrl(data) });
    await client.connect();
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
    );
    const sizes: Record<string, number> = {};
    const all: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      sizes[name.split('.').at(-1) ?? ''] = rows.length;
      all.push(...(await found(rows.map(({ row }) => row).join('\n'), name)));
    }
    await client.query('CHECKPOINT');
    await client.end();
    expect(all).toEqual([]);
    expect(tables.length).toBeGreaterThan(20);
    expect(sizes['vault_entries']).toBe(250);
    expect(sizes['submission_findings']).toBeGreaterThan(2_000);
    expect(sizes['es_events']).toBeGreaterThan(200);
  });

  it('stand in no file: database, its log, attachments, uploads, tiles, keys', async () => {
    const files = filesBelow(folder);
    expect(files.length).toBeGreaterThan(500);
    const all: string[] = [];
    for (const path of files) all.push(...(await found(bytesOf(path), path.slice(folder.length))));
    expect(all).toEqual([]);
  });

  it('stand in no member of a backup', async () => {
    const archive = join(folder, 'backup.zip');
    const commands = new Commands(() => ({ folder, data, program }));
    await commands.done('backup', archive);
    const bytes = readFileSync(archive);
    expect(bytes.length).toBeGreaterThan(1_000_000);
    expect(await found(bytes, 'the backup')).toEqual([]);
  });
});

describe('what is left to those who type', () => {
  it('a name in a column of words is kept as it was typed, in the record too: it cannot be told from other words', async () => {
    const row = paid('named', { ...first, name: '覃秀英证' }, { remark: '代覃秀英证签收' });
    await handIn('json', [row]);
    const log = await (await desk.ask(CHECKER, '/api/v1/events?limit=1000')).text();
    expect(log).toContain('代覃秀英证签收');
  });
});
