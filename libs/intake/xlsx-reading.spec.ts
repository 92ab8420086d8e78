import {
  NOTICE_HEADER,
  readBytes,
  type Reading,
  temporaryFolder,
} from '../../test/support/handed-in-files.js';
import { rawWorkbook, type RawWorkbook, xmlRow, zipOf } from '../../test/support/raw-workbook.js';

const folder = temporaryFolder();
const read = async (book: RawWorkbook): Promise<Reading> =>
  readBytes(folder, await rawWorkbook(book));

const RETURNS = ['return_id', 'kind', 'of_id', 'amount', 'unit', 'returned_on', 'reason'];
const returned = (
  number: number,
  changes: Readonly<Record<number, string | null>> = {},
): string => {
  const cells = [`R${number}`, '退票', 'P1', '500', '元', '2018-06-12', null];
  return xmlRow(number, Object.assign(cells, changes) as (string | null)[]);
};
const sheet = (...rows: string[]) => ({
  name: 'returns',
  rows: xmlRow(1, RETURNS) + rows.join(''),
});
const STYLES = `<numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/></numFmts>
  <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
  <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="4"/></cellXfs>`;

describe('the cells of a workbook', () => {
  const one = async (changes: Record<number, string>, more: Partial<RawWorkbook> = {}) => {
    const reading = await read({ sheets: [sheet(returned(2, changes))], styles: STYLES, ...more });
    return reading.rows[0];
  };

  it.each([
    ['<v>724.70999999999998</v>', '724.71', 724_71n],
    ['<v>500</v>', '500', 500_00n],
    ['<v>1.1000000000000001</v>', '1.1', 1_10n],
    ['<v>1.2E3</v>', '1200', 1200_00n],
    ['<v>2.5E-1</v>', '0.25', 25n],
    ['<v>20699858.98</v>', '20699858.98', 20_699_858_98n],
    ['<v>1616000</v>', '1616000', 1_616_000_00n],
    ['<v>520.00</v>', '520', 520_00n],
  ])('a number %s is the shortest text of the same double', async (value, text, fen) => {
    const row = await one({ 3: `<c r="D2" s="3">${value}</c>` });
    expect(row?.row).toMatchObject({ amountFen: fen, amountText: `${text} 元` });
  });

  it('six decimals of 万元 come through as printed', async () => {
    const cells = { 3: '<c r="D2"><v>724.71248399999997</v></c>', 4: '万元' };
    expect((await one(cells))?.row).toMatchObject({
      amountFen: 7_247_124_84n,
      amountText: '724.712484 万元',
    });
  });

  it('a sum that drifted is refused as finer than a fen, not rounded', async () => {
    const row = await one({ 3: '<c r="D2"><v>0.30000000000000004</v></c>' });
    expect(row?.error).toMatchObject({ field: 'amount', value: '0.30000000000000004' });
  });

  it.each([
    ['<c r="F2" s="1"><v>43263</v></c>', '2018-06-12'],
    ['<c r="F2" s="2"><v>43263</v></c>', '2018-06-12'],
    ['<c r="F2" t="d"><v>2018-06-12T00:00:00</v></c>', '2018-06-12'],
    ['<c r="F2"><v>20180612</v></c>', '2018-06-12'],
    ['<c r="F2" t="str"><v>2018年6月12日</v></c>', '2018-06-12'],
  ])('a day may be %s', async (cell, day) => {
    expect((await one({ 5: cell }))?.row).toMatchObject({ returnedOn: day });
  });

  it('a day is counted from 1904 where the workbook says so', async () => {
    const cell = { 5: '<c r="F2" s="1"><v>41801</v></c>' };
    expect((await one(cell, { is1904: true }))?.row).toMatchObject({ returnedOn: '2018-06-12' });
  });

  it.each([
    ['a number that is no date', 5, '<c r="F2"><v>43263</v></c>', 'returned_on'],
    ['a day with a time', 5, '<c r="F2" s="1"><v>43263.5</v></c>', 'returned_on'],
    ['a day before 1900-03-01', 5, '<c r="F2" s="1"><v>59</v></c>', 'returned_on'],
    ['a formula', 3, '<c r="D2"><f>SUM(A1:A2)</f><v>500</v></c>', 'amount'],
    ['a shared formula', 3, '<c r="D2"><f t="shared" si="0"/><v>500</v></c>', 'amount'],
    ['an error', 3, '<c r="D2" t="e"><v>#REF!</v></c>', 'amount'],
    ['a text nobody shares', 3, '<c r="D2" t="s"><v>99</v></c>', 'amount'],
    ['an id that became a day', 2, '<c r="C2" s="1"><v>43263</v></c>', 'of_id'],
    ['an id that lost its digits to zeros', 2, '<c r="C2"><v>6228480123456700000</v></c>', 'of_id'],
    ['an id that lost its digits', 2, '<c r="C2"><v>6.2284801234567002E+18</v></c>', 'of_id'],
  ])('%s is refused at its cell', async (_name, index, cell, field) => {
    const row = await one({ [index]: cell });
    expect(row).toMatchObject({ id: 'R2', row: null, error: { code: 'bad-value', field, row: 2 } });
  });

  it('what is refused is shown as the cell shows it, and nothing where it shows nothing', async () => {
    const moment = await one({ 5: '<c r="F2" s="1"><v>43226.4375</v></c>' });
    expect(moment?.error?.value).toBe('2018-05-06 10:30');
    expect((await one({ 3: '<c r="D2" s="1"><v>43226.5</v></c>' }))?.error?.field).toBe('amount');
    const formula = await one({ 3: '<c r="D2"><f>A1+1</f></c>' });
    expect(formula?.error).toMatchObject({
      value: null,
      message: '金额填写有误，要求：数值，单元格含公式，请粘贴为数值',
    });
  });

  it('texts may be shared, rich, with readings above them, and escaped', async () => {
    const sharedStrings =
      '<si><t>退票</t></si><si><r><t>重复</t></r><r><t xml:space="preserve"> 支付</t></r>' +
      '<rPh><t>chongfu</t></rPh></si><si><t>a_x000D_b_x0041_</t></si><si/>';
    const shared = (column: string, index: number) => `<c r="${column}2" t="s"><v>${index}</v></c>`;
    const cells = { 1: shared('B', 0), 6: shared('G', 1) };
    expect((await one(cells, { sharedStrings }))?.row).toMatchObject({
      returnKind: 'bank-return',
      reason: '重复 支付',
    });
    expect((await one({ 6: shared('G', 2) }, { sharedStrings }))?.row).toMatchObject({
      reason: 'a bA',
    });
    expect((await one({ 2: shared('C', 3) }, { sharedStrings }))?.error?.field).toBe('of_id');
  });

  it('a number may be an id, and a truth a yes', async () => {
    expect((await one({ 2: '<c r="C2"><v>1001</v></c>' }))?.row).toMatchObject({ ofId: '1001' });
  });

  it('cells and rows without references follow each other', async () => {
    const plain = (cells: string[]) =>
      `<row>${cells.map((text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`).join('')}</row>`;
    const { rows } = await read({
      sheets: [
        {
          name: '公示',
          rows: plain(NOTICE_HEADER.split(',')) + plain(['N1', 'P1', '村', '栏', '2018-06-01']),
        },
      ],
    });
    expect(rows).toMatchObject([{ rowNumber: 2, id: 'N1', error: null }]);
  });

  it('a prefix of the namespace changes nothing', async () => {
    const cells = NOTICE_HEADER.split(',').map(
      (text) => `<x:c t="inlineStr"><x:is><x:t>${text}</x:t></x:is></x:c>`,
    );
    const part = `<x:worksheet xmlns:x="m"><x:sheetData><x:row r="1">${cells.join('')}</x:row></x:sheetData></x:worksheet>`;
    const sheets = [{ name: '公示', rows: '' }];
    const { refusal } = await read({ sheets, parts: { 'xl/worksheets/sheet1.xml': part } });
    expect(refusal).toMatchObject({ code: 'no-rows' });
  });
});

describe('the rows of a sheet', () => {
  it('keep their numbers over gaps', async () => {
    const { rows } = await read({ sheets: [sheet(returned(2), returned(7))] });
    expect(rows.map((row) => row.rowNumber)).toEqual([2, 7]);
  });

  it('that share merged cells are refused, others are not', async () => {
    const after =
      '<mergeCells count="2"><mergeCell ref="F3:F4"/><mergeCell ref="A9:C9"/></mergeCells>';
    const rows = [returned(2), returned(3), returned(4, { 5: null }), returned(5), returned(9)];
    const reading = await read({ sheets: [{ ...sheet(...rows), after }] });
    expect(reading.rows.map((row) => [row.rowNumber, row.error?.field ?? null])).toEqual([
      [2, null],
      [3, 'returned_on'],
      [4, 'returned_on'],
      [5, null],
      [9, 'return_id'],
    ]);
  });

  it('that nobody sees there are read aloud: hidden, or filtered away', async () => {
    const hidden = returned(3).replace('<row ', '<row hidden="1" ');
    const { rows } = await read({ sheets: [sheet(returned(2), hidden)] });
    expect(rows.map(({ row, warnings }) => [row?.id, warnings])).toEqual([
      ['R2', []],
      ['R3', [expect.objectContaining({ code: 'hidden-row', field: 'return_id', row: 3 })]],
    ]);
  });

  it('need a header in row 1', async () => {
    const { refusal } = await read({ sheets: [{ name: '退回', rows: returned(2) }] });
    expect(refusal).toMatchObject({ code: 'missing-header', row: 1, sheet: '退回' });
  });

  it('may not stand beyond the header', async () => {
    const far = returned(2) + '<row r="3"><c r="XFD3"><v>1</v></c></row>';
    const [, second] = (await read({ sheets: [sheet(far)] })).rows;
    expect(second?.error).toMatchObject({ code: 'bad-value', row: 3 });
  });
});

describe('the sheets of a workbook', () => {
  const notices = (name: string, id: string) => ({
    name,
    rows:
      xmlRow(1, NOTICE_HEADER.split(',')) + xmlRow(2, [id, 'P1', '村', '栏', '2018-06-01', null]),
  });
  const returns = { ...sheet(returned(2)), name: '退回' };

  it('are read in the order of the kinds, whatever their order and language', async () => {
    const { rows } = await read({ sheets: [notices('Notices', 'N1'), returns] });
    expect(rows.map((row) => row.kind)).toEqual(['returns', 'notices']);
  });

  it('are left out aloud where they are hidden, help or empty', async () => {
    const hidden = { ...notices('支付', 'N9'), state: 'hidden' as const };
    const help = { name: '说明', rows: xmlRow(1, ['填写说明']) };
    const empty = { name: 'Sheet2', rows: '' };
    const { rows, notes } = await read({ sheets: [hidden, help, empty, returns] });
    expect(rows).toHaveLength(1);
    expect(notes.map(({ code, sheet: name }) => [code, name])).toEqual([
      ['hidden-sheet', '支付'],
      ['help-sheet', '说明'],
      ['empty-sheet', 'Sheet2'],
    ]);
  });

  it('may have any name where there is only one', async () => {
    const { rows } = await read({ sheets: [notices('Sheet1', 'N1')] });
    expect(rows).toMatchObject([{ kind: 'notices', id: 'N1' }]);
  });

  it.each<[string, RawWorkbook, string]>([
    [
      'unknown beside a known one',
      { sheets: [returns, notices('公示 (2)', 'N1')] },
      'unknown-sheet',
    ],
    ['two of one kind', { sheets: [returns, { ...returns, name: 'returns' }] }, 'duplicate-sheet'],
    ['all empty', { sheets: [{ name: 'Sheet1', rows: '' }] }, 'empty-file'],
    ['a header only', { sheets: [sheet()] }, 'no-rows'],
    [
      'of unknown columns',
      { sheets: [{ name: 'x', rows: xmlRow(1, ['a', 'b']) }] },
      'unknown-kind',
    ],
  ])('are refused where they are %s', async (_name, book, code) => {
    expect((await read(book)).refusal).toMatchObject({ code });
  });

  it('must hold the kind that was said', async () => {
    const bytes = await rawWorkbook({ sheets: [returns] });
    const { refusal } = await readBytes(folder, bytes, 'payments');
    expect(refusal).toMatchObject({ code: 'unknown-kind' });
  });
});

describe('what is no workbook', () => {
  const compound = Buffer.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1);
  const names = (name: string) =>
    Buffer.concat([compound, Buffer.alloc(9000), Buffer.from(name, 'utf16le')]);

  it('is refused by name: old Excel, encrypted', async () => {
    const old = await readBytes(folder, names('Workbook'));
    expect(old.refusal).toMatchObject({ code: 'old-excel' });
    const encrypted = await readBytes(folder, names('EncryptedPackage'));
    expect(encrypted.refusal).toMatchObject({ code: 'encrypted-workbook' });
  });

  it.each<[string, () => Promise<Buffer>]>([
    ['another zip', () => zipOf({ 'word/document.xml': '<w/>' })],
    ['a workbook part that is none', () => zipOf({ 'xl/workbook.xml': '<html/>' })],
    [
      'a binary workbook',
      () =>
        zipOf({
          '_rels/.rels': '<R><Relationship Type="x/officeDocument" Target="xl/workbook.bin"/></R>',
          'xl/workbook.bin': 'x',
        }),
    ],
    [
      'a torn zip',
      async () => (await rawWorkbook({ sheets: [sheet(returned(2))] })).subarray(0, 700),
    ],
    ['broken XML', () => rawWorkbook({ sheets: [sheet('<row><c></row>')] })],
    [
      'a DTD',
      () =>
        rawWorkbook({
          sheets: [{ name: '退回', rows: '' }],
          parts: {
            'xl/worksheets/sheet1.xml': '<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>',
          },
        }),
    ],
    ['an unknown entity', () => rawWorkbook({ sheets: [sheet(returned(2, { 6: '&lol;' }))] })],
    [
      'bytes that are no UTF-8',
      () =>
        rawWorkbook({
          sheets: [{ name: '退回', rows: '' }],
          parts: { 'xl/worksheets/sheet1.xml': Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0xff]) },
        }),
    ],
    ['endless nesting', () => rawWorkbook({ sheets: [sheet('<row>'.repeat(5000))] })],
    [
      'an endless cell',
      () => rawWorkbook({ sheets: [sheet(returned(2, { 6: 'x'.repeat(3_000_000) }))] }),
    ],
  ])('is refused: %s', async (_name, make) => {
    expect((await readBytes(folder, await make())).refusal).toMatchObject({ code: 'not-xlsx' });
  });

  it('is refused as soon as it unpacks absurdly', async () => {
    const blank = `<row r="2"><c r="A2"/></row>`.repeat(1_500_000);
    const bytes = await rawWorkbook({ sheets: [sheet(blank)] });
    expect(bytes.length).toBeLessThan(200_000);
    expect((await readBytes(folder, bytes)).refusal).toMatchObject({ code: 'zip-bomb' });
  });
});
