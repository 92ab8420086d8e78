import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { ROW_KINDS } from '@fundflow/domain/rows';
import {
  notice,
  noticeTable,
  readBytes,
  regionTable,
  temporaryFolder,
} from '../../test/support/handed-in-files.js';
import { rawWorkbook, xmlRow, zipOf } from '../../test/support/raw-workbook.js';
import { VALID_ROWS } from '../../test/support/valid-rows.js';
import { COLUMNS } from './columns.js';
import { csvLine } from './csv-text.js';
import { readJsonRows } from './keyed-rows.js';
import { templateCsv, templateWorkbook } from './templates.js';

/*
 * Whatever is handed in, the answer is rows or a refusal: readBytes lets every other error fail the
 * test, and an error nobody awaits ends the process.
 */

const folder = temporaryFolder();

async function isAnswered(bytes: Buffer): Promise<void> {
  const { rows, refusal } = await readBytes(folder, bytes);
  if (refusal) expect(refusal.message).toMatch(/[\u4e00-\u9fff]/);
  for (const row of rows) expect(row.row === null).toBe(row.error !== null);
}

const table = (kind: (typeof ROW_KINDS)[number]): string =>
  templateCsv(kind) + csvLine(COLUMNS[kind].map(({ name }) => VALID_ROWS[kind][name] ?? ''));
const chinese = noticeTable(notice('N1', '"马山县,公示栏"'), notice('N2', '村委会'));

interface Damage {
  readonly at: number;
  readonly cut: number;
  readonly put: Uint8Array;
}
const damages = fc.array(
  fc.record<Damage>({
    at: fc.nat(),
    cut: fc.nat(12),
    put: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.constantFrom('"', '\r', '\n', ',', '\0', '￿', '"\n"', '\t;').map((t) => Buffer.from(t)),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

function damaged(bytes: Buffer, list: readonly Damage[]): Buffer {
  return list.reduce((before, { at, cut, put }) => {
    const from = at % (before.length + 1);
    return Buffer.concat([before.subarray(0, from), put, before.subarray(from + cut)]);
  }, bytes);
}

describe('any bytes are answered', () => {
  it('random ones', async () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    await fc.assert(fc.asyncProperty(bytes, (list) => isAnswered(Buffer.from(list))));
  });

  it('random ones that claim to be a workbook', async () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const zip = (list: Uint8Array) => Buffer.concat([Buffer.of(0x50, 0x4b, 3, 4), list]);
    await fc.assert(fc.asyncProperty(bytes, (list) => isAnswered(zip(list))));
  });

  it('tables with a few bytes changed', async () => {
    const files = [
      ...ROW_KINDS.map((kind) => Buffer.from(table(kind))),
      iconv.encode(chinese, 'gb18030'),
      iconv.encode(chinese, 'utf-16le', { addBOM: true }),
      iconv.encode(chinese, 'utf-16be'),
    ];
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), damages, (which, list) =>
        isAnswered(damaged(files[which] ?? Buffer.alloc(0), list)),
      ),
      { numRuns: 400 },
    );
  });

  it('workbooks with a few bytes changed', async () => {
    const rows = xmlRow(1, Object.keys(VALID_ROWS.notices)) + xmlRow(2, ['N1', 'P1', '村', '2018']);
    const files = [
      await buffer(templateWorkbook()),
      await rawWorkbook({ sheets: [{ name: '公示', rows }], sharedStrings: '<si><t>x</t></si>' }),
    ];
    await fc.assert(
      fc.asyncProperty(fc.nat(files.length - 1), damages, (which, list) =>
        isAnswered(damaged(files[which] ?? Buffer.alloc(0), list)),
      ),
      { numRuns: 200 },
    );
  });

  it('workbooks whose parts are changed before they are packed', async () => {
    const header = xmlRow(1, Object.keys(VALID_ROWS.notices));
    const sheet = `<worksheet><sheetData>${header}${xmlRow(2, ['N1', 'P1', '村', '2018'])}</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`;
    const named = (list: readonly Damage[], part: string) => damaged(Buffer.from(part), list);
    await fc.assert(
      fc.asyncProperty(damages, async (list) => {
        const parts = { 'xl/worksheets/sheet1.xml': named(list, sheet) };
        await isAnswered(await rawWorkbook({ sheets: [{ name: '公示', rows: '' }], parts }));
        const workbook = '<workbook><sheets><sheet name="公示" r:id="a"/></sheets></workbook>';
        await isAnswered(await zipOf({ 'xl/workbook.xml': named(list, workbook) }));
      }),
    );
  });
});

describe('any JSON is answered', () => {
  it('with one outcome a row', () => {
    const row = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...COLUMNS.payments.map(({ name }) => name)), fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.constantFrom(...ROW_KINDS), (rows, kind) => {
        const outcomes = readJsonRows(kind, rows, { regionTable });
        expect(outcomes).toHaveLength(rows.length);
        for (const { row: read, error } of outcomes) expect(read === null).toBe(error !== null);
      }),
    );
  });

  it('and any text in any cell', () => {
    const cell = fc.record({
      name: fc.constantFrom(...COLUMNS.payments.map(({ name }) => name)),
      text: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'grapheme', maxLength: 300 }),
      ),
    });
    fc.assert(
      fc.property(cell, ({ name, text }) => {
        const [read] = readJsonRows('payments', [{ ...VALID_ROWS.payments, [name]: text }], {
          regionTable,
        });
        expect(read?.row === null).toBe(read?.error !== null);
      }),
      { numRuns: 500 },
    );
  });
});
