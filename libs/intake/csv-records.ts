import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { ROW_BYTES_MAX } from './limits.js';

const LINE_FEED = 0x0a;
const QUOTE = '"';
/** Longer lines, in units of UTF-16 of at most three bytes, are left to the library: it knows when one is too long. */
const LINE_UNITS_MAX = ROW_BYTES_MAX / 4;
/** Records of the library that are handed on together. */
const TOGETHER_MAX = 500;

/** Records that the library could not go on behind; `records` counts all that are complete, blank lines included. */
export class BrokenRecord extends Error {
  override readonly name = 'BrokenRecord';

  constructor(
    override readonly cause: CsvError,
    readonly records: number,
  ) {
    super(cause.message);
  }
}

/**
 * The records of a CSV text in UTF-8, in order: cells as RFC 4180 quotes them, lines ended in any of the three ways.
 *
 * Lines whose quotes are where they belong are cut here. From the first one that is not (a cell of several lines, a quote
 * that is torn, a line too long, a file without line feeds) the library reads on to the end; what it gives and when it
 * refuses is the same for every text.
 *
 * @throws BrokenRecord where a quote or the length of a line breaks the text off
 */
export async function* csvRecords(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<string[][]> {
  const source = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  try {
    for (;;) {
      const { value, done } = await source.next();
      const bytes = done ? rest : rest.length === 0 ? value : Buffer.concat([rest, value]);
      const end = done ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1;
      const { records, from } = cut(bytes.subarray(0, end), delimiter);
      count += records.length;
      if (records.length > 0) yield records;
      rest = bytes.subarray(from);
      if (done && from === end) return;
      if (from < end || rest.length > LINE_UNITS_MAX) break;
    }
    yield* recordsOfLibrary(behind(rest, source), delimiter, count);
  } finally {
    await source.return?.();
  }
}

/**
 * The records of whole lines.
 *
 * @returns `from`: where the first line begins that was not cut; the end, when all were
 */
function cut(
  bytes: Buffer,
  delimiter: string,
): { readonly records: string[][]; readonly from: number } {
  const records: string[][] = [];
  const text = bytes.toString('utf8');
  const hasReturns = text.includes('\r');
  const hasQuotes = text.includes(QUOTE);
  const lines = text.split('\n');
  // Behind the last line feed is no line.
  if (lines.at(-1) === '') lines.pop();
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as string;
    if (line.length > LINE_UNITS_MAX) return { records, from: startOf(bytes, index) };
    if (!hasQuotes && !hasReturns) {
      records.push(line.split(delimiter));
      continue;
    }
    const cells = endedByReturns(line).map((part) => unquoted(part, delimiter));
    if (cells.includes(null)) return { records, from: startOf(bytes, index) };
    records.push(...(cells as string[][]));
  }
  return { records, from: bytes.length };
}

/** Where the line of this index begins. */
function startOf(bytes: Buffer, index: number): number {
  let start = 0;
  for (let line = 0; line < index; line += 1) start = bytes.indexOf(LINE_FEED, start) + 1;
  return start;
}

/** Lines that carriage returns end; one before the line feed belongs to it. */
function endedByReturns(line: string): string[] {
  if (!line.includes('\r')) return [line];
  return (line.endsWith('\r') ? line.slice(0, -1) : line).split('\r');
}

/** Cells of a line with quotes; null where one of them is not where it belongs, or does not end in this line. */
function unquoted(line: string, delimiter: string): string[] | null {
  if (!line.includes(QUOTE)) return line.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; at <= line.length;) {
    if (line[at] !== QUOTE) {
      const next = line.indexOf(delimiter, at);
      const end = next < 0 ? line.length : next;
      const cell = line.slice(at, end);
      if (cell.includes(QUOTE)) return null;
      cells.push(cell);
      at = end + 1;
      continue;
    }
    let end = line.indexOf(QUOTE, at + 1);
    while (end >= 0 && line[end + 1] === QUOTE) end = line.indexOf(QUOTE, end + 2);
    if (end < 0 || (end + 1 < line.length && line[end + 1] !== delimiter)) return null;
    cells.push(line.slice(at + 1, end).replaceAll('""', QUOTE));
    at = end + 2;
  }
  return cells;
}

async function* behind(rest: Buffer, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (rest.length > 0) yield rest;
  yield* { [Symbol.asyncIterator]: () => source };
}

/** @param before records that were read already */
export async function* recordsOfLibrary(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
  before = 0,
): AsyncGenerator<string[][]> {
  const tokenizer = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: ROW_BYTES_MAX,
  });
  // The errors of both reach the reader of records below; the callback only keeps them from being unhandled.
  pipeline(Readable.from(chunks, { objectMode: false }), tokenizer, () => undefined);
  let records: string[][] = [];
  try {
    for await (const record of tokenizer as AsyncIterable<string[]>) {
      if (records.push(record) < TOGETHER_MAX) continue;
      yield records;
      records = [];
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (records.length > 0) yield records;
    const complete = Number((error as unknown as { records?: number }).records ?? 0);
    throw new BrokenRecord(error, before + complete);
  }
  if (records.length > 0) yield records;
}
