import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';

/**
 * How the cells of a column are formatted: `text` keeps the zeros and digits of ids and accounts.
 */
export type ColumnStyle = 'plain' | 'text' | 'day';

export interface WrittenSheet {
  readonly name: string;
  readonly columns: readonly {
    /** In characters. */
    readonly width: number;
    readonly style: ColumnStyle;
    /** What may be chosen from; none of it may hold a comma. */
    readonly choices?: readonly string[];
  }[];
  /** Texts; the first row is the header. */
  readonly rows: readonly (readonly string[])[];
}

const STYLE_INDEX: Readonly<Record<ColumnStyle, number>> = { plain: 0, text: 1, day: 2 };
const HEADER_STYLE = 3;
const ROW_MAX = 1_048_576;
/** A list of choices longer than this is not accepted by spreadsheets. */
const CHOICES_LENGTH_MAX = 255;
/** Files written twice are the same bytes. */
const MODIFIED = new Date(Date.UTC(2018, 0, 1));

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const RELATIONS = 'application/vnd.openxmlformats-package.relationships+xml';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
};

const xmlText = (text: string): string =>
  text.replace(/[^\t\n\r\P{Cc}]|\p{Cs}/gu, '').replace(/[&<>"]/g, (found) => ESCAPES[found] ?? '');

/** 0 is A, 26 is AA. */
function columnLetters(index: number): string {
  const rest = index % 26;
  const letter = String.fromCharCode(65 + rest);
  return index < 26 ? letter : columnLetters((index - rest) / 26 - 1) + letter;
}

function sheetXml({ columns, rows }: WrittenSheet): string {
  const cols = columns.map(({ width, style }, i) => {
    const position = `min="${i + 1}" max="${i + 1}"`;
    return `<col ${position} width="${width}" style="${STYLE_INDEX[style]}" customWidth="1"/>`;
  });
  const lines = rows.map((cells, r) => {
    const written = cells.map((text, i) => {
      const style = r === 0 ? HEADER_STYLE : STYLE_INDEX[columns[i]?.style ?? 'plain'];
      const reference = `${columnLetters(i)}${r + 1}`;
      const inline = `<is><t xml:space="preserve">${xmlText(text)}</t></is>`;
      return `<c r="${reference}" s="${style}" t="inlineStr">${inline}</c>`;
    });
    return `<row r="${r + 1}">${written.join('')}</row>`;
  });
  const frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>';
  const views = `<sheetViews><sheetView workbookViewId="0">${frozen}</sheetView></sheetViews>`;
  const data = `<sheetData>${lines.join('')}</sheetData>`;
  const body = `${views}<cols>${cols.join('')}</cols>${data}${validations(columns)}`;
  return `${DECLARATION}<worksheet xmlns="${MAIN}">${body}</worksheet>`;
}

function validations(columns: WrittenSheet['columns']): string {
  const lists = columns.flatMap(({ choices }, i) => {
    const list = choices?.join(',') ?? '';
    if (list === '' || list.length > CHOICES_LENGTH_MAX) return [];
    const letters = columnLetters(i);
    const range = `sqref="${letters}2:${letters}${ROW_MAX}"`;
    const formula = `<formula1>"${xmlText(list)}"</formula1>`;
    return `<dataValidation type="list" allowBlank="1" ${range}>${formula}</dataValidation>`;
  });
  if (lists.length === 0) return '';
  return `<dataValidations count="${lists.length}">${lists.join('')}</dataValidations>`;
}

const STYLES = [
  `${DECLARATION}<styleSheet xmlns="${MAIN}">`,
  '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>',
  '<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>',
  '<fills count="2"><fill><patternFill patternType="none"/></fill>',
  '<fill><patternFill patternType="gray125"/></fill></fills>',
  '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>',
  '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="49" applyNumberFormat="1"/>',
  '<xf numFmtId="164" applyNumberFormat="1"/>',
  '<xf numFmtId="49" fontId="1" applyFont="1" applyNumberFormat="1"/></cellXfs></styleSheet>',
].join('');

/** The parts of the package by name. */
function partsOf(sheets: readonly WrittenSheet[]): [string, string][] {
  const numbers = sheets.map((_, i) => i + 1);
  const override = (part: string, type: string): string =>
    `<Override PartName="/${part}" ContentType="${CONTENT}.${type}+xml"/>`;
  const types = [
    `<Default Extension="rels" ContentType="${RELATIONS}"/>`,
    '<Default Extension="xml" ContentType="application/xml"/>',
    override('xl/workbook.xml', 'sheet.main'),
    override('xl/styles.xml', 'styles'),
    ...numbers.map((n) => override(`xl/worksheets/sheet${n}.xml`, 'worksheet')),
  ];
  const relation = (id: number, type: string, target: string): string =>
    `<Relationship Id="rId${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  const relations = (list: readonly string[]): string =>
    `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${list.join('')}</Relationships>`;
  const listed = sheets.map(
    ({ name }, i) => `<sheet name="${xmlText(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`,
  );
  const namespaces = `xmlns="${MAIN}" xmlns:r="${OFFICE}"`;
  const workbook = `<workbook ${namespaces}><sheets>${listed.join('')}</sheets></workbook>`;
  return [
    [
      '[Content_Types].xml',
      `${DECLARATION}<Types xmlns="${PACKAGE}/content-types">${types.join('')}</Types>`,
    ],
    ['_rels/.rels', relations([relation(1, 'officeDocument', 'xl/workbook.xml')])],
    ['xl/workbook.xml', DECLARATION + workbook],
    [
      'xl/_rels/workbook.xml.rels',
      relations([
        ...numbers.map((n) => relation(n, 'worksheet', `worksheets/sheet${n}.xml`)),
        relation(sheets.length + 1, 'styles', 'styles.xml'),
      ]),
    ],
    ['xl/styles.xml', STYLES],
    ...sheets.map((sheet, i): [string, string] => [
      `xl/worksheets/sheet${i + 1}.xml`,
      sheetXml(sheet),
    ]),
  ];
}

/** A workbook of texts as XLSX, small enough to be put together in memory. */
export function writeWorkbook(sheets: readonly WrittenSheet[]): Readable {
  const zip = new ZipFile();
  for (const [name, xml] of partsOf(sheets)) {
    zip.addBuffer(Buffer.from(xml, 'utf8'), name, { mtime: MODIFIED });
  }
  zip.end();
  return zip.outputStream as Readable;
}
