import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A workbook as its parts, to say exactly what a spreadsheet program would have written. */
export interface RawSheet {
  readonly name: string;
  /** What stands inside `<sheetData>`. */
  readonly rows: string;
  /** What stands behind it. */
  readonly after?: string;
  readonly state?: 'hidden' | 'veryHidden';
}

export interface RawWorkbook {
  readonly sheets: readonly RawSheet[];
  readonly sharedStrings?: string;
  /** What stands inside `<styleSheet>`. */
  readonly styles?: string;
  readonly is1904?: boolean;
  /** Further parts, or other contents of the usual ones. */
  readonly parts?: Readonly<Record<string, string | Buffer>>;
}

const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const relation = (id: string, type: string, target: string): string =>
  `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;

export function zipOf(parts: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, part] of Object.entries(parts)) zip.addBuffer(Buffer.from(part), name);
  zip.end();
  return buffer(zip.outputStream);
}

export function rawWorkbook(book: RawWorkbook): Promise<Buffer> {
  const { sheets, sharedStrings, styles } = book;
  const listed = sheets.map(({ name, state }, i) => {
    const visibility = state === undefined ? '' : ` state="${state}"`;
    return `<sheet name="${name}" sheetId="${i + 1}"${visibility} r:id="rId${i + 1}"/>`;
  });
  const properties = `<workbookPr${book.is1904 ? ' date1904="1"' : ''}/>`;
  const relations = [
    ...sheets.map((_, i) => relation(`rId${i + 1}`, 'worksheet', `worksheets/sheet${i + 1}.xml`)),
    relation('rIdS', 'sharedStrings', 'sharedStrings.xml'),
    relation('rIdF', 'styles', '/xl/styles.xml'),
  ];
  const parts: Record<string, string | Buffer> = {
    '_rels/.rels': `<Relationships>${relation('r', 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    'xl/workbook.xml': `<workbook ${MAIN} xmlns:r="${OFFICE}">${properties}<sheets>${listed.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${relations.join('')}</Relationships>`,
  };
  sheets.forEach(({ rows, after = '' }, i) => {
    const data = `<sheetData>${rows}</sheetData>${after}`;
    parts[`xl/worksheets/sheet${i + 1}.xml`] = `<worksheet ${MAIN}>${data}</worksheet>`;
  });
  if (sharedStrings !== undefined) {
    parts['xl/sharedStrings.xml'] = `<sst ${MAIN}>${sharedStrings}</sst>`;
  }
  if (styles !== undefined) parts['xl/styles.xml'] = `<styleSheet ${MAIN}>${styles}</styleSheet>`;
  return zipOf({ ...parts, ...book.parts });
}

const letters = (index: number): string => String.fromCharCode(65 + index);

/** A row of inline texts; a cell that begins with `<` is taken as it is. */
export function xmlRow(number: number, cells: readonly (string | null)[]): string {
  const written = cells.map((cell, i) => {
    if (cell === null) return '';
    if (cell.startsWith('<')) return cell;
    return `<c r="${letters(i)}${number}" t="inlineStr"><is><t>${cell}</t></is></c>`;
  });
  return `<row r="${number}">${written.join('')}</row>`;
}
