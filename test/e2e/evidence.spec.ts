import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Browser, chromium } from 'playwright-core';
import { maskName } from '@fundflow/domain/identifiers';
import { verifyBundle, type ValidBundle } from '@fundflow/proof/bundle';
import { Found } from '@fundflow/proof/findings';
import { NOT_DETECTED } from '@fundflow/proof/sentences';
import { nodeMeans } from '../../apps/verify/node-means.js';
import { openZip } from '../../apps/verify/zip-members.js';
import { writeZip } from '../support/evidence.js';
import { personOf } from './support/person.js';
import { allocation, disbursement, payment, project } from './support/rows.js';
import type { DemoLogin } from './support/running-ledger.js';
import { type TheLedger, theLedger } from './support/the-ledger.js';

const REASON = { reason: '核查马山县资金', caseId: '2020-17' };
const PAYEE = '覃秀英证据';
const ledger: TheLedger = theLedger({}, {});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fundflow-evidence-'));
  await ledger.post('projects', project('P-1'));
  await ledger.post('allocations', allocation('A-1', { amount: '100' }));
  await ledger.post('disbursements', disbursement('D-1', 'A-1', { amount: '60' }));
  const toPerson = { payee_kind: '个人', payee_name: PAYEE, amount: '40' };
  await ledger.post('payments', payment('Z-1', 'D-1', toPerson));
});
afterAll(() => rm(folder, { recursive: true }));

interface Bundle {
  readonly file: string;
  readonly valid: ValidBundle;
  readonly text: (path: string) => Promise<string>;
}

async function ask(body: object, by: DemoLogin = 'inspector'): Promise<Response> {
  const cookie = ledger.running.sessions.get(by) ?? '';
  const headers = { 'content-type': 'application/json', cookie };
  const init = { method: 'POST', headers, body: JSON.stringify({ ...REASON, ...body }) };
  return fetch(`${ledger.running.url}/api/v1/evidence`, init);
}

async function bundleOf(body: object): Promise<Bundle> {
  const answer = await ask(body);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/zip');
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="evidence-/);
  const file = join(folder, `${Math.random()}.zip`);
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  const members = await openZip(file);
  const text = async (path: string): Promise<string> =>
    Buffer.from(await members.read(path)).toString('utf8');
  return { file, valid: await verifyBundle(members, nodeMeans, null), text };
}

describe('evidence of a trail', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleOf({ kind: 'trail', id: '450124', asOf: '2018-12-31' });
  });

  it('has every record of the trail with its proof, and says what was asked by whom and why', async () => {
    const entries = await ledger.trail('450124', { asOf: '2018-12-31' });
    const { manifest, records, origin } = bundle.valid;
    expect(records).toBe(new Set(entries.map(({ eventId }) => eventId)).size);
    expect(origin).toMatch(/\/tlog\/fund-plan$/);
    expect(manifest).toMatchObject({
      ...REASON,
      question: { kind: 'trail', id: '450124', asOf: '2018-12-31' },
      exporter: { unit: '自治区纪委监委' },
    });
  });

  it('has the record as the log answers with it', async () => {
    const [first] = await ledger.trail('450124', { asOf: '2018-12-31' });
    const stored = JSON.parse(await bundle.text(`records/${first!.position}.json`)) as object;
    expect(stored).toMatchObject({ eventId: first!.eventId });
  });

  it('has a report in Chinese, with amounts in yuan, digests, and names masked', async () => {
    const html = await bundle.text('report.html');
    for (const said of ['扶贫资金轨迹证据', '100.00', '核查马山县资金', 'SM3', maskName(PAYEE)]) {
      expect([said, html.includes(said)]).toEqual([said, true]);
    }
    expect(html).toContain("default-src 'none'");
    expect(html).not.toContain(PAYEE);
    expect(html).not.toMatch(/<script|src=|href=/);
  });

  it('has the same as a PDF, its pages numbered, the font inside', async () => {
    const pdf = await bundle.text('report.pdf');
    expect(pdf.startsWith('%PDF-')).toBe(true);
    expect(pdf).toMatch(/\/FontFile3/);
    if (spawnSync('pdftotext', ['-v']).status !== 0) return;
    const members = await openZip(bundle.file);
    const file = join(folder, 'report.pdf');
    await writeFile(file, await members.read('report.pdf'));
    const read = spawnSync('pdftotext', [file, '-'], { encoding: 'utf8' }).stdout;
    expect(read).toMatch(/第 1 页\/共 \d+ 页/);
    expect(read).toContain('扶贫资金轨迹证据');
    expect(read).not.toContain(PAYEE);
  });

  it('names nobody in clear, in no member', async () => {
    const members = await openZip(bundle.file);
    for (const path of members.paths) expect(await bundle.text(path)).not.toContain(PAYEE);
  });

  it('was recorded before it was handed over', async () => {
    const client = new pg.Client({ connectionString: ledger.running.databaseUrl });
    await client.connect();
    const { rows } = await client.query<{ record: string }>(
      `SELECT record::text FROM event_store.es_events WHERE type = 'DataExported'`,
    );
    await client.end();
    const data = rows.map(({ record }) => (JSON.parse(record) as { data: object }).data);
    expect(data).toContainEqual(
      expect.objectContaining({ about: '450124', format: 'evidence-zip', caseId: '2020-17' }),
    );
  });

  it('any changed byte of the file is noticed', async () => {
    const bytes = Buffer.from(await (await ask({ kind: 'trail', id: '450124' })).arrayBuffer());
    const file = join(folder, 'changed.zip');
    for (let at = 40; at < bytes.length; at += Math.floor(bytes.length / 40)) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x10;
      await writeFile(file, changed);
      const check = async (): Promise<unknown> => {
        const members = await openZip(file);
        return (await verifyBundle(members, nodeMeans, null)).records;
      };
      // A byte of the container (a date, an attribute) is no byte of a member.
      const found = await check().catch((error: unknown) => error);
      expect(found instanceof Found || found === bundle.valid.records).toBe(true);
    }
  });
});

describe('evidence of a trace and of an alert', () => {
  it('has the records of every edge', async () => {
    const { valid, text } = await bundleOf({ kind: 'trace', id: 'Z-1', direction: 'up' });
    const { edges } = await ledger.up('Z-1');
    expect(valid.records).toBe(new Set(edges.map(({ eventId }) => eventId)).size);
    expect(await text('report.html')).toContain('资金流向');
  });

  it('of an alert has the rule, its legal basis and the numbers behind it', async () => {
    const asOf = '2018-12-31';
    const [alert] = await ledger.alerts({ county: '450124', asOf });
    const { text } = await bundleOf({ kind: 'alert', id: alert!.id, asOf });
    const html = await text('report.html');
    expect(html).toContain(alert!.legalBasis);
    expect(html).toContain(alert!.subjectId);
  });
});

describe.each([
  ['lead', '扶贫资金问题线索证据'],
  ['complaint', '扶贫资金来电核查证据'],
])('evidence of a %s', (kind, title) => {
  it('has both traces of everything it is about, under its number', async () => {
    const about = ['Z-1', 'P-1'];
    const { valid, text } = await bundleOf({ kind, id: '桂纪查〔2020〕17号', about });
    const traces = await Promise.all(about.flatMap((id) => [ledger.up(id), ledger.down(id)]));
    const edges = traces.flatMap((trace) => trace.edges.map(({ eventId }) => eventId));
    expect(valid.records).toBe(new Set(edges).size);
    expect(valid.manifest).toMatchObject({ question: { kind, id: '桂纪查〔2020〕17号', about } });
    const html = await text('report.html');
    for (const said of [title, '桂纪查〔2020〕17号', 'Z-1、P-1', '资金流向']) {
      expect([said, html.includes(said)]).toEqual([said, true]);
    }
  });

  it.each([
    ['that is about nothing', { about: [] }],
    ['that does not say what it is about', {}],
    ['whose number is that of a person', { id: '450124196501011232', about: ['Z-1'] }],
  ])('is not made of one %s', async (_what, body) => {
    const answer = await ask({ kind, id: '2020-17', ...body });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      400,
      'bad-value',
    ]);
  });

  it('is not made where one of its records is nobody’s', async () => {
    const answer = await ask({ kind, id: '2020-17', about: ['Z-1', 'nobody'] });
    expect(answer.status).toBe(404);
  });
});

describe('evidence is not made', () => {
  it.each([
    [
      'of a place outside',
      { kind: 'trail', id: '450000' },
      'county-maker',
      403,
      'out-of-jurisdiction',
    ],
    [
      'of a place nobody knows',
      { kind: 'trail', id: '990101' },
      'inspector',
      404,
      'unknown-region',
    ],
    ['of nothing', { kind: 'trail', id: '450821' }, 'inspector', 404, 'no-records'],
    [
      'of a record nobody knows',
      { kind: 'trace', id: 'nobody' },
      'inspector',
      404,
      'unknown-record',
    ],
    [
      'of a trail that is about records',
      { kind: 'trail', id: '450124', about: ['Z-1'] },
      'inspector',
      400,
      'bad-value',
    ],
    ['of an alert nobody knows', { kind: 'alert', id: 'x' }, 'inspector', 404, 'unknown-alert'],
    [
      'without a reason',
      { kind: 'trail', id: '450124', reason: '' },
      'inspector',
      400,
      'bad-value',
    ],
  ] as const)('%s', async (_what, body, by, status, code) => {
    const answer = await personOf(ledger.running, by).post<{ code: string }>('/api/v1/evidence', {
      ...REASON,
      ...body,
    });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];

/** Where no browser is one line says so, in the report and aloud. */
function withBrowser(specs: () => void): void {
  if (CHROMIUM !== undefined) return specs();
  it('SKIPPED, Chromium is not on this machine', () => {
    expect(process.stderr.write('verify.html: SKIPPED, no Chromium here\n')).toBeDefined();
  });
}

describe('verify.html, opened from disk without a network', () => {
  withBrowser(() => {
    let browser: Browser;
    let file: string;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM!, args: FLAGS });
      const bundle = await bundleOf({ kind: 'trail', id: '450124' });
      file = bundle.file;
      await writeFile(join(folder, 'verify.html'), await bundle.text('verify.html'));
    });
    afterAll(() => browser?.close());

    /** What the page says of a file, and everything it asked the network for. */
    async function judged(zip: string): Promise<{ state: string; said: string; asked: string[] }> {
      const page = await (await browser.newContext({ offline: true })).newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.goto(`file://${join(folder, 'verify.html')}`);
      await page.setInputFiles('#file', zip);
      const result = page.locator('#result:not([data-state=busy]):not(:empty)');
      const state = (await result.getAttribute('data-state')) ?? '';
      const said = await result.innerText();
      await page.close();
      return { state, said, asked };
    }

    it('finds the bundle valid, names the keys, and asks nobody', async () => {
      const { state, said, asked } = await judged(file);
      expect([state, said]).toEqual(['valid', expect.stringMatching(/^核验通过/)]);
      expect(said).toMatch(/log .*fund-plan [0-9a-f]{64}/);
      expect(said).toContain(NOT_DETECTED.zh);
      expect(asked).toEqual([`file://${join(folder, 'verify.html')}`]);
    });

    it('says what was changed', async () => {
      const members = await openZip(file);
      const all = new Map<string, Uint8Array>();
      for (const path of members.paths) all.set(path, await members.read(path));
      const record = members.paths.find((path) => path.startsWith('records/'))!;
      const bytes = Uint8Array.from(all.get(record)!);
      bytes[10]! ^= 1;
      const changed = join(folder, 'tampered.zip');
      await writeZip(all.set(record, bytes), changed);
      expect(await judged(changed)).toMatchObject({
        state: 'tampered',
        said: expect.stringContaining(record),
      });
    });

    it('does not decide about what is no bundle', async () => {
      const junk = join(folder, 'junk.zip');
      await writeFile(junk, 'no zip at all');
      expect(await judged(junk)).toMatchObject({ state: 'undecided' });
    });
  });
});
