import type { RowKind } from '@fundflow/domain/rows';
import iconv from 'iconv-lite';
import { type ReadProgress, refuseBlankRows, type Table } from './batches.js';
import { BrokenRecord, csvRecords } from './csv-records.js';
import { type EncodingReading, findEncoding, surveyWhole } from './encoding.js';
import { KIND_NAMES } from './enumerations.js';
import { refuseFile } from './file-refusal.js';
import { detectKind, NO_HEADER, readHeader } from './headers.js';
import { BLANK_ROWS_MAX, CHUNK_BYTES, ROW_BYTES_MAX } from './limits.js';
import { bytesOf, type OpenFile } from './open-file.js';
import type { RowCells } from './row-reading.js';

const SEPARATORS = [',', '\t', ';'] as const;

/** The first line of a table, quotes respected. */
function firstLine(text: string): string {
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === '\n' || character === '\r')) return text.slice(0, i);
  }
  return text;
}

/** The separator that cuts the header into most cells; a comma where none stands out. */
function findSeparator(header: string): string {
  const outside = header.replace(/"(?:[^"]|"")*"/g, '');
  const counts = SEPARATORS.map((separator) => outside.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** The rows as UTF-8, as the tokenizer wants it. @throws FileRefused as `Survey` */
async function* asUtf8(
  file: OpenFile,
  { encoding, from, survey }: EncodingReading,
  progress: { bytesRead: number },
): AsyncGenerator<Buffer> {
  const decoder = encoding === 'utf-8' ? null : iconv.getDecoder(encoding, { stripBOM: true });
  for await (const chunk of bytesOf(file, from, CHUNK_BYTES)) {
    if (survey?.position === progress.bytesRead) await survey.take(chunk);
    progress.bytesRead += chunk.length;
    yield decoder ? Buffer.from(decoder.write(chunk), 'utf8') : chunk;
  }
  if (survey && survey.position !== progress.bytesRead) throw new Error('bytes nobody looked at');
  await survey?.end();
  const rest = decoder?.end() ?? '';
  if (rest !== '') yield Buffer.from(rest, 'utf8');
}

/** Quotes decide where rows end, so a torn one is a fault of the file and not of a row. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof BrokenRecord)) return error;
  // The row in which the quote opened.
  const row = error.records + 1;
  const { code } = error.cause;
  if (code === 'CSV_MAX_RECORD_SIZE') {
    const kilobytes = ROW_BYTES_MAX / 1024;
    return refuseFile('torn-quote', `引号没有闭合，此行已超过${kilobytes}KB`, { row });
  }
  const isTorn = code.includes('QUOTE');
  return isTorn
    ? refuseFile('torn-quote', '引号没有闭合，或文本中的引号没有写成两个', { row })
    : error;
}

/** What iconv writes where bytes stand for no character. */
const UNDECODABLE = '\uFFFD';

/**
 * Rows in pieces, blank ones included and numbered as a spreadsheet numbers them.
 *
 * @throws FileRefused torn-quote; bad-encoding and nul-byte where the encoding was not checked byte
 *   by byte before
 */
async function* rowPieces(
  records: AsyncIterable<string[][]>,
  isChecked: boolean,
): AsyncGenerator<RowCells[]> {
  let before = 0;
  try {
    for await (const some of records) {
      const rows = some.map((texts, index): RowCells => {
        const rowNumber = before + index + 1;
        if (!isChecked) refuseUndecodable(texts, rowNumber);
        return { rowNumber, texts, problems: null };
      });
      // The header alone: what is read behind it depends on it.
      if (before === 0) yield rows.splice(0, 1);
      before += some.length;
      if (rows.length > 0) yield rows;
    }
  } catch (error) {
    throw refusalOf(error);
  }
}

function refuseUndecodable(texts: readonly string[], row: number): void {
  for (const text of texts) {
    if (text.includes(UNDECODABLE)) throw refuseFile('bad-encoding', '有无法解码的字节', { row });
    if (text.includes('\0')) throw refuseFile('nul-byte', '含有空字符（NUL）', { row });
  }
}

const isBlank = (cells: RowCells): boolean => cells.texts.every((text) => !text || !text.trim());

/** A table whose encoding is checked while its rows are read. */
export interface CsvTable extends Table {
  /** Before it is refused for anything else. @throws FileRefused bad-encoding, nul-byte, row-too-long */
  surveyWhole(): Promise<void>;
}

/**
 * A CSV file as a table: encoding and separator found, header read.
 *
 * @throws FileRefused bad-encoding, nul-byte, row-too-long, torn-quote, empty-file, unknown-kind,
 *   and what {@link readHeader} throws
 */
export async function openCsvTable(file: OpenFile, kind: RowKind | undefined): Promise<CsvTable> {
  const found = await findEncoding(file);
  const whole = async (): Promise<void> => {
    if (found.survey) await surveyWhole(file, found);
  };
  const delimiter = found.separator ?? findSeparator(await headerText(file, found));
  const progress = { bytesRead: found.from };
  const rows = csvRecords(asUtf8(file, found, progress), delimiter);
  const pieces = rowPieces(rows, found.encoding === 'utf-8');
  try {
    const header = (await pieces.next()).value?.[0];
    if (!header || isBlank(header)) throw await withoutHeader(pieces);
    const layout = readHeader(kindByHeaders(kind, header.texts), header.texts.map(String));
    const { size } = file;
    const readSoFar = (): ReadProgress => ({ ...progress, bytesTotal: size });
    return { layout, pieces, progress: readSoFar, surveyWhole: whole };
  } catch (error) {
    await pieces.return(undefined);
    await whole();
    throw error;
  }
}

async function withoutHeader(pieces: AsyncIterable<readonly RowCells[]>): Promise<Error> {
  for await (const piece of pieces) {
    if (piece.every(isBlank)) {
      const last = piece.at(-1)?.rowNumber ?? 0;
      if (last > BLANK_ROWS_MAX) return refuseBlankRows(last);
      continue;
    }
    return refuseFile('missing-header', '此行应为表头，现为空行', { row: 1 });
  }
  return refuseFile('empty-file', '文件为空');
}

async function headerText(file: OpenFile, found: EncodingReading): Promise<string> {
  for await (const bytes of bytesOf(file, found.from, ROW_BYTES_MAX)) {
    return firstLine(iconv.decode(bytes, found.encoding));
  }
  return '';
}

/** The kind that was said, else the kind the headers belong to. */
export function kindByHeaders(
  said: RowKind | undefined,
  headers: readonly (string | undefined)[],
  where: { sheet?: string } = {},
): RowKind {
  const kind = said ?? detectKind(headers.map((header) => header ?? ''));
  if (kind !== null) return kind;
  const names = Object.values(KIND_NAMES).join('、');
  throw refuseFile('unknown-kind', `表头不属于任何一种表（${names}）；${NO_HEADER}`, {
    row: 1,
    ...where,
  });
}
