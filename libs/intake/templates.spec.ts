import { buffer } from 'node:stream/consumers';
import { ROW_KINDS } from '@fundflow/domain/rows';
import { readBytes, temporaryFolder } from '../../test/support/handed-in-files.js';
import { VALID_ROWS } from '../../test/support/valid-rows.js';
import { COLUMNS } from './columns.js';
import { csvLine } from './csv-text.js';
import { HELP_SHEET, KIND_NAMES } from './enumerations.js';
import { columnHelp, helpCsv, templateCsv, templateWorkbook } from './templates.js';
import { writeWorkbook } from './xlsx/write-workbook.js';

const folder = temporaryFolder();
const filled = (kind: (typeof ROW_KINDS)[number]): string[] =>
  COLUMNS[kind].map(({ name }) => VALID_ROWS[kind][name] ?? '');

describe('the template of every kind', () => {
  it.each(ROW_KINDS)('%s can be handed in as it is filled', async (kind) => {
    const empty = await readBytes(folder, templateCsv(kind));
    expect(empty.refusal).toMatchObject({ code: 'no-rows' });
    const { rows } = await readBytes(folder, templateCsv(kind) + csvLine(filled(kind)));
    expect(rows).toMatchObject([{ kind, rowNumber: 2, error: null, warnings: [] }]);
  });

  it.each(ROW_KINDS)('%s begins with a mark and ends its line', (kind) => {
    expect(templateCsv(kind)).toMatch(/^\uFEFF[^\r\n]+\r\n$/);
    expect(templateCsv(kind)).toContain(COLUMNS[kind][0]?.header);
  });

  it('explains every column, with what may be chosen', () => {
    const columns = ROW_KINDS.reduce((sum, kind) => sum + COLUMNS[kind].length, 0);
    expect(columnHelp()).toHaveLength(columns + 1);
    expect(columnHelp(['payments'])).toContainEqual([
      '支付',
      '支付方式',
      'method',
      '是',
      '直接支付、授权支付、一卡通、报账 或 现金',
      '直接支付、授权支付、一卡通、报账、现金',
    ]);
    expect(helpCsv(['notices']).split('\r\n')).toHaveLength(COLUMNS.notices.length + 2);
  });
});

describe('the workbook of all kinds', () => {
  it('is read by its own reader: a sheet a kind, and one that explains', async () => {
    const { refusal, notes } = await readBytes(folder, await buffer(templateWorkbook()));
    expect(refusal).toMatchObject({ code: 'no-rows' });
    expect(notes).toEqual([]);
  });

  it('can be handed in as it is filled', async () => {
    const sheets = ROW_KINDS.map((kind) => ({
      name: KIND_NAMES[kind],
      columns: [],
      rows: [COLUMNS[kind].map(({ header }) => header), filled(kind)],
    }));
    const help = { name: HELP_SHEET, columns: [], rows: columnHelp() };
    const bytes = await buffer(writeWorkbook([help, ...sheets.reverse()]));
    const { rows, notes } = await readBytes(folder, bytes);
    expect(rows.map(({ kind, error }) => [kind, error])).toEqual(
      ROW_KINDS.map((kind) => [kind, null]),
    );
    expect(notes).toMatchObject([{ code: 'help-sheet' }]);
  });

  it('is the same bytes every time', async () => {
    const [first, second] = [templateWorkbook(), templateWorkbook()];
    expect(await buffer(first)).toEqual(await buffer(second));
  });

  it('keeps texts that mean something in XML', async () => {
    const rows = [['notice_id', 'subject_id', 'level', 'posted_on', 'flex_<&>"']];
    const odd = {
      name: '公示',
      columns: [],
      rows: [...rows, ['N1', 'P1', '村', '2018-06-01', '<b>&"\u0007']],
    };
    const reading = await readBytes(folder, await buffer(writeWorkbook([odd])));
    expect(reading.rows[0]?.flex).toEqual({ 'flex_<&>"': '<b>&"' });
  });
});
