import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { csvLine, withoutFormula } from './csv-text.js';
import { findingOf } from './findings.js';
import { reportCsv, type ReportEntry } from './report.js';

const entry: ReportEntry = {
  ...findingOf({
    sheet: 'payments',
    row: 7,
    id: 'P7',
    field: 'amount',
    severity: 'error',
    code: 'exceeds-available',
    value: '125000',
    expected: '100000',
    difference: '25000',
  }),
  flex: { flex_note: '=HYPERLINK("http://x")', flex_other: 'a,"b"\nc' },
};
const HEADER = 'row,id,field,severity,code,message,value,expected,difference,sheet';
const written = (entries: Iterable<ReportEntry>, flex: string[] = []): Promise<string> =>
  text(Readable.from(reportCsv(entries, flex)));

describe('a report as CSV', () => {
  it('has its header when there is nothing to report', async () => {
    expect(await written([])).toBe(`\uFEFF${HEADER}\r\n`);
    expect(await written([], ['flex_note'])).toBe(`\uFEFF${HEADER},flex_note\r\n`);
  });

  it('gives back the flex columns of the file, and runs no formula', async () => {
    const records: unknown = parse(
      await written([entry], ['flex_note', 'flex_other', 'flex_none']),
      {
        bom: true,
        columns: true,
      },
    );
    expect(records).toEqual([
      {
        row: '7',
        id: 'P7',
        field: 'amount',
        severity: 'error',
        code: 'exceeds-available',
        message: '金额1,250.00元超过可用余额1,000.00元，超出250.00元',
        value: '125000',
        expected: '100000',
        difference: '25000',
        sheet: 'payments',
        flex_note: `'=HYPERLINK("http://x")`,
        flex_other: 'a,"b"\nc',
        flex_none: '',
      },
    ]);
  });

  it('comes in pieces, so that a report of any length is never held whole', async () => {
    const pieces: string[] = [];
    for await (const piece of reportCsv(Array<ReportEntry>(2000).fill(entry), []))
      pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(2);
    expect(parse(pieces.join(''), { bom: true })).toHaveLength(2001);
  });
});

describe('a cell that a spreadsheet would run', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+cmd|x', "'+cmd|x"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['＝1+1', "'＝1+1"],
    [' =1', "' =1"],
    ['\t=1', "'\t=1"],
    ['\rx', "'\rx"],
    ['-100', '-100'],
    ['+1.5', '+1.5'],
    ['2018-06-01', '2018-06-01'],
    ['桂财农〔2018〕1号', '桂财农〔2018〕1号'],
    ['', ''],
  ])('%p is written %p', (cell, safe) => expect(withoutFormula(cell)).toBe(safe));

  it('is read back as it was written, whatever it holds', () => {
    const cells = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(cells, (texts) => {
        const [record] = parse(csvLine(texts), { relax_column_count: true });
        expect(record).toEqual(texts.map(withoutFormula));
      }),
    );
  });
});
