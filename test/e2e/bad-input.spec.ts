import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rawWorkbook, zipOf } from '../support/raw-workbook.js';
import type { ProblemBody, SubmissionAnswer } from './support/answers.js';
import { csv, encoded, tableOf, workbook } from './support/files.js';
import { send } from './support/person.js';
import { allocation, payment, project } from './support/rows.js';
import { startLedger } from './support/running-ledger.js';
import { expectOk, languageOf, theLedger } from './support/the-ledger.js';

const ledger = theLedger();
const maker = () => ledger.as('centre-maker');

/** `status code row` of a file that is refused, and a sentence in Chinese. */
async function refused(fileName: string, content: string | Uint8Array, kind?: string) {
  const { status, body } = await maker().upload(fileName, content, kind ? { kind } : {});
  const problem = body as unknown as ProblemBody & { readonly row: number | null };
  expect(problem.detail).toMatch(/\p{Script=Han}/u);
  return [status, problem.code, problem.row].join(' ').trim();
}

afterEach(async () => {
  // Whatever was handed in: the process goes on answering, and nothing was a defect.
  const { status } = await send(`${ledger.running.url}/health/ready`, {});
  expect(status).toBe(200);
  expect(ledger.running.logLines.filter((line) => line.includes('"incident"'))).toEqual([]);
});

const GOOD = tableOf('allocations', 'zh', [allocation('good')]);
const [HEADER = [], ROW = []] = GOOD;
const withCell = (header: string, cell: string): string[] =>
  ROW.map((value, index) => (HEADER[index] === header ? cell : value));

describe('“Bad input gets a clear row-level error or problem+json with a stable code”: tables', () => {
  it('torn quotes', async () => {
    const torn = `${HEADER.join(',')}\r\n${ROW.join(',')}\r\n"T-2,"x,${ROW.slice(2).join(',')}\r\n`;
    expect(await refused('x.csv', torn)).toBe('422 torn-quote 3');
    expect(
      await refused('x.csv', `${HEADER.join(',')}\r\n"T-1,${ROW.slice(1).join(',')}\r\n`),
    ).toBe('422 torn-quote 2');
  });

  it('a wrong encoding: what says it is UTF-8 and is not', async () => {
    const mark = Buffer.from([0xef, 0xbb, 0xbf]);
    const content = Buffer.concat([mark, encoded(csv(GOOD), 'gb18030')]);
    expect(await refused('x.csv', content)).toMatch(/^422 bad-encoding/);
    const binary = Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 131) % 256));
    expect(await refused('x.csv', binary)).toMatch(/^422 (bad-encoding|nul-byte|unknown-format)/);
  });

  it('missing or doubled headers, none at all, and none of ours', async () => {
    const without = GOOD.map((cells) => cells.slice(1));
    expect(await refused('x.csv', csv(without), 'allocations')).toBe('422 missing-header 1');
    const doubled = GOOD.map((cells) => [...cells, cells[0] ?? '']);
    expect(await refused('x.csv', csv(doubled), 'allocations')).toBe('422 duplicate-header 1');
    const strange = [
      [...HEADER, '备忘录'],
      [...ROW, 'x'],
    ];
    expect(await refused('x.csv', csv(strange), 'allocations')).toBe('422 bad-header 1');
    expect(await refused('x.csv', csv([ROW, ROW]))).toMatch(/^422 unknown-kind/);
    expect(await refused('x.csv', '')).toMatch(/^422 empty-file/);
    expect(await refused('x.csv', `${HEADER.join(',')}\r\n`)).toMatch(/^422 no-rows/);
  });

  it('no rows at all, also as JSON', async () => {
    const none = await maker().post('/api/v1/submissions', { kind: 'allocations', rows: [] });
    expect([none.status, none.body]).toMatchObject([
      400,
      { code: 'bad-value', detail: 'rows：至少一条' },
    ]);
  });

  it('what is no table', async () => {
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
    expect(await refused('截图.png', png)).toMatch(/^422 unknown-format/);
    expect(await refused('指标.pdf', '%PDF-1.7\n1 0 obj')).toMatch(/^422 unknown-format/);
    const old = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(1024)]);
    expect(await refused('指标.xls', old)).toMatch(/^422 (old-excel|not-xlsx|encrypted-workbook)/);
    const book = await workbook({ 指标: GOOD });
    expect(await refused('指标.xlsx', book.subarray(0, book.length / 2))).toMatch(/^422 not-xlsx/);
    expect(await refused('a.zip', await zipOf({ 'a.txt': 'x' }))).toMatch(/^422 not-xlsx/);
    const kind = await maker().upload('x.csv', csv(GOOD), { kind: '账本' });
    expect([kind.status, kind.body]).toMatchObject([400, { code: 'unknown-kind' }]);
  });

  it('a zip bomb', async () => {
    const bomb = await rawWorkbook({
      sheets: [{ name: '指标', rows: `<row r="1"></row>${' '.repeat(48 * 1024 ** 2)}` }],
    });
    expect(bomb.length).toBeLessThan(200_000);
    expect(await refused('指标.xlsx', bomb)).toMatch(/^422 zip-bomb/);
  });

  it('a formula: its value is never taken for what somebody wrote', async () => {
    const amount = HEADER.indexOf('金额');
    const letter = String.fromCharCode(65 + amount);
    const cell = (text: string) => `<c r="${letter}2">${text}</c>`;
    const rows = (text: string) => [HEADER, withCell('金额', cell(text))];
    for (const text of ['<f>SUM(1,2)</f><v>3</v>', '<f>A1*2</f>', '<f>1/0</f><v>#DIV/0!</v>']) {
      const { body } = await maker().upload('x.xlsx', await workbook({ 指标: rows(text) }));
      const lines = await maker().report(body.id);
      expect(lines.map(({ row, field, code }) => [row, field, code])).toEqual([
        [2, 'amount', 'bad-value'],
      ]);
    }
    const { body } = await maker().upload('x.csv', csv([HEADER, withCell('金额', '=SUM(1,2)')]));
    const lines = await maker().report(body.id);
    expect(lines.map(({ row, code }) => [row, code])).toEqual([[2, 'bad-value']]);
  });
});

describe('… rows', () => {
  it('a 26-digit amount, an unknown region, an unknown source, a date before its source', async () => {
    await ledger.post('allocations', allocation('A'));
    const verdict = async (over: Record<string, string>) =>
      (await ledger.verdicts('allocations', [allocation('b', over)]))[0];
    const under = { parent_id: 'A', issuer_region: '450124', receiver_region: '450124100' };
    expect([
      await verdict({ amount: '12345678901234567890123456' }),
      await verdict({ receiver_region: '459999' }),
      await verdict({ ...under, parent_id: 'nobody', issued_on: '2018-02-01', received_on: '' }),
      await verdict({ ...under, issued_on: '2018-01-19', received_on: '' }),
    ]).toEqual(['bad-value', 'unknown-region', 'unknown-source', 'date-before-source']);
    expect(await ledger.verdicts('payments', [payment('p', 'nobody')])).toEqual(['unknown-source']);
  });

  it('duplicate ids with other content: beside a posted row, and within one file', async () => {
    await ledger.post('allocations', allocation('dup'));
    expect(await ledger.verdicts('allocations', [allocation('dup', { amount: '101' })])).toEqual([
      'id-taken',
    ]);
    expect(
      await ledger.verdicts('allocations', [
        allocation('twice'),
        allocation('twice'),
        allocation('twice', { amount: '7' }),
      ]),
    ).toEqual(['ok', 'already-posted', 'id-taken']);
    expect(await ledger.verdicts('projects', [project('dup')])).toEqual(['id-taken']);
  });

  it('nothing is lost: the rows beside a wrong one are posted', async () => {
    const rows = ['n-1', 'n-2', 'n-3'].map((id, index) =>
      allocation(id, index === 1 ? { amount: 'x' } : {}),
    );
    const { id } = expectOk(await maker().handIn('allocations', rows));
    const posted = expectOk(await ledger.as('centre-checker').certify(id, 'valid'));
    expect(posted).toMatchObject({ postedRows: 2, errors: 1 });
    expect(await ledger.holding('n-3')).toMatchObject({ amountFen: '10000' });
  });
});

describe('… sizes', () => {
  const MIB = 1024 ** 2;

  it('a file of 200 MB is taken, and says where it is torn instead of swallowing the rest', async () => {
    const block = Buffer.alloc(MIB, `${ROW.join(',')}\r\n`);
    const parts = [Buffer.from(`${HEADER.join(',')}\r\n"`), ...Array<Buffer>(200).fill(block)];
    const { status, body } = await maker().upload('全年.csv', Buffer.concat(parts));
    if (status === 422) {
      expect(body).toMatchObject({ code: 'torn-quote', row: 2 });
      return;
    }
    // On a slow machine it is still being read: asked until it is.
    expect(status).toBe(202);
    let read = body;
    while (read.status === 'validating') {
      read = expectOk(await maker().get<SubmissionAnswer>(`/api/v1/submissions/${body.id}`));
    }
    expect(read).toMatchObject({ status: 'rejected', refusal: { code: 'torn-quote', row: 2 } });
  });

  it('one that is larger than allowed is refused while it comes, and leaves nothing behind', async () => {
    const small = await startLedger({ uploadBytesMax: MIB });
    try {
      const content = Buffer.alloc(3 * MIB, 'x');
      const { status, body } = await languageOf(() => small)
        .as('centre-maker')
        .upload('x.csv', content);
      expect([status, body]).toMatchObject([413, { code: 'file-too-large' }]);
      expect(await readdir(join(small.dataDirectory, 'uploads'))).toEqual([]);
    } finally {
      await small.remove();
    }
  });

  it('JSON that is too large, too deep, or of too many rows', async () => {
    const post = (body: string) =>
      maker().request('/api/v1/submissions', {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body },
      });
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const answers = [
      await post(`{"kind":"projects","rows":["${'x'.repeat(17 * MIB)}"]}`),
      await post(`{"kind":"projects","rows":${deep}}`),
      await post(JSON.stringify({ kind: 'projects', rows: Array(10_001).fill({}) })),
    ];
    expect(answers.map(({ status, body }) => `${status} ${(body as ProblemBody).code}`)).toEqual([
      ...['413 body-too-large', '400 bad-json', '413 too-many-rows'],
    ]);
  });
});
