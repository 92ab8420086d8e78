import { isAscii, isUtf8 } from 'node:buffer';
import { refuseFile } from './file-refusal.js';
import { CHUNK_BYTES, ROW_BYTES_MAX } from './limits.js';
import { bytesOf, type OpenFile } from './open-file.js';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030';

export interface EncodingReading {
  readonly encoding: TextEncoding;
  /** Where the rows begin: behind a byte order mark and a line that names the separator. */
  readonly from: number;
  readonly isMarked: boolean;
  /** Named by a line `sep=;` above the header, which spreadsheets take for no row; null: to be found. */
  readonly separator: string | null;
  /** Where the encoding was clear before the end of the file: looks at the rest, as it is read. */
  readonly survey: Survey | null;
}

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x22;
/** UTF-8 lead bytes of three and four bytes, which every Chinese character has. */
const WIDE_LEAD = 0xe0;
/**
 * UTF-8 lead bytes from U+0100 on. No table of a bureau has only such letters, and 元 in GB18030 reads as one of them
 * (U+052A): a file with English headers and nothing Chinese but the unit.
 */
const FOREIGN_LEAD = 0xc4;
/**
 * GB18030 text passes for this many wide UTF-8 characters in a row of text by no accident that was
 * ever seen.
 */
const WIDE_CHARACTERS_MIN = 4;

/**
 * Finds the encoding by reading on until it is clear, because the first Chinese character may stand in
 * the last row: a byte order mark, else zero bytes beside ASCII (UTF-16), else strictly valid UTF-8
 * to the end that is not all letters of neither Chinese nor English, else strictly valid GB18030. In UTF-8 nothing but a refusal can come behind the first of
 * such characters; that is left to `survey`.
 *
 * @throws FileRefused nul-byte, row-too-long, bad-encoding, each with the row: a byte no encoding
 *   knows, or rows of another encoding behind rows of the first (files pasted together)
 */
export async function findEncoding(file: OpenFile): Promise<EncodingReading> {
  const head = await file.head();
  if (head.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf))) {
    return surveyBytes(file, startOf(head, 3, 1));
  }
  if (head[0] === 0xff && head[1] === 0xfe) return checked('utf-16le', startOf(head, 2, 2));
  if (head[0] === 0xfe && head[1] === 0xff) return checked('utf-16be', startOf(head, 2, 2));
  const wide = utf16WithoutMark(head);
  return wide ? checked(wide, startOf(head, 0, 2)) : surveyBytes(file, startOf(head, 0, 1));
}

type Start = Pick<EncodingReading, 'from' | 'isMarked' | 'separator'>;

const SEPARATOR_LINE = /^"?sep=([,;\t|])"?(?:\r\n|\r|\n)/i;
const SEPARATOR_LINE_MAX = 10;

/** @param unitBytes of an ASCII character, whichever of two comes first */
function startOf(head: Buffer, markBytes: number, unitBytes: 1 | 2): Start {
  const line = head.subarray(markBytes, markBytes + SEPARATOR_LINE_MAX * unitBytes);
  const text = line.toString('latin1').replaceAll('\0', '');
  const [named = '', separator = null] = SEPARATOR_LINE.exec(text) ?? [];
  const from = markBytes + named.length * unitBytes;
  return { from, isMarked: markBytes > 0, separator };
}

const checked = (encoding: TextEncoding, start: Start): EncodingReading => ({
  ...{ encoding, ...start, survey: null },
});

/**
 * A separator in UTF-16 has a zero byte on one side, always the same, and only a character in two
 * hundred (一, U+4E00) one on the other; UTF-8 and GB18030 text has none at all.
 */
function utf16WithoutMark(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  let even = 0;
  let odd = 0;
  for (let i = 0; i < head.length; i += 1) {
    if (head[i] === 0) {
      if (i % 2 === 0) even += 1;
      else odd += 1;
    }
  }
  if (odd >= 2 && odd > even * 4) return 'utf-16le';
  if (even >= 2 && even > odd * 4) return 'utf-16be';
  return null;
}

async function surveyBytes(file: OpenFile, start: Start): Promise<EncodingReading> {
  const survey = new Survey(file, start);
  for await (const chunk of bytesOf(file, start.from, CHUNK_BYTES)) {
    await survey.take(chunk);
    if (survey.encoding === 'utf-8') return { encoding: 'utf-8', ...start, survey };
  }
  await survey.end();
  return checked(survey.encoding ?? (survey.isForeign ? 'gb18030' : 'utf-8'), start);
}

/**
 * Looks at all of a file again. Who refuses it for anything else asks this first: nothing in a file is what it seems when
 * its encoding is not.
 *
 * @throws FileRefused as {@link findEncoding}
 */
export async function surveyWhole(file: OpenFile, start: Start): Promise<void> {
  const survey = new Survey(file, start);
  for await (const chunk of bytesOf(file, start.from, CHUNK_BYTES)) await survey.take(chunk);
  await survey.end();
}

interface Fault {
  readonly code: 'nul-byte' | 'row-too-long' | 'bad-encoding';
  readonly message: string;
  readonly offset: number;
}

/** Looks at a file byte by byte, chunk behind chunk, in whole lines: both encodings keep line ends free of other bytes. */
class Survey {
  #encoding: TextEncoding | null;
  #isForeign = false;
  #rest: Buffer = Buffer.alloc(0);
  /** Where `#rest` begins. */
  #offset: number;

  constructor(
    private readonly file: OpenFile,
    private readonly start: Start,
  ) {
    this.#encoding = start.isMarked ? 'utf-8' : null;
    this.#offset = start.from;
  }

  /** As far as it is clear. */
  get encoding(): TextEncoding | null {
    return this.#encoding;
  }

  /** Letters of neither Chinese nor English were met while it was not clear. */
  get isForeign(): boolean {
    return this.#isForeign;
  }

  /** Of the file, taken so far. */
  get position(): number {
    return this.#offset + this.#rest.length;
  }

  /** @param chunk the bytes at `position` @throws FileRefused as `findEncoding` */
  async take(chunk: Buffer): Promise<void> {
    const joined = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const cut = Math.max(joined.lastIndexOf(LF), joined.lastIndexOf(CR)) + 1;
    if (cut > 0) await this.#look(joined.subarray(0, cut));
    this.#offset += cut;
    this.#rest = joined.subarray(cut);
    if (this.#rest.length > ROW_BYTES_MAX) {
      await this.#refuse({ code: 'row-too-long', message: '一行过长', offset: this.#offset });
    }
  }

  /** There are no more. @throws FileRefused as `findEncoding` */
  async end(): Promise<void> {
    if (this.#rest.length > 0) await this.#look(this.#rest);
  }

  async #look(piece: Buffer): Promise<void> {
    const fault = this.#faultIn(piece);
    if (fault) await this.#refuse({ ...fault, offset: this.#offset + fault.offset });
  }

  async #refuse({ code, message, offset }: Fault): Promise<never> {
    const row = await rowAt(this.file, this.start.from, offset);
    throw refuseFile(code, message, { row });
  }

  /** Its offset within the piece. */
  #faultIn(piece: Buffer): Fault | null {
    const zero = piece.indexOf(0);
    if (zero >= 0) {
      return { code: 'nul-byte', message: '含有空字节(NUL),文件已损坏', offset: zero };
    }
    if (this.#encoding !== 'gb18030' && isUtf8(piece)) {
      if (this.#encoding !== null || isAscii(piece)) return null;
      if (wideCharacters(piece) > 0) this.#encoding = 'utf-8';
      else this.#isForeign ||= piece.some((byte) => byte >= FOREIGN_LEAD);
      return null;
    }
    for (const [line, offset] of linesOf(piece)) {
      const message = isAscii(line) ? null : this.#faultOf(line);
      if (message !== null) return { code: 'bad-encoding', message, offset };
    }
    return null;
  }

  #faultOf(line: Buffer): string | null {
    const wide = isUtf8(line) ? wideCharacters(line) : null;
    if (this.#encoding === 'utf-8') {
      return wide === null ? '有无法按 UTF-8 解码的字节，或中途换了编码' : null;
    }
    if (wide !== null) {
      if (this.#encoding === null && wide > 0) this.#encoding = 'utf-8';
      else if (wide >= WIDE_CHARACTERS_MIN) return '此前为 GB18030 编码，此处换成了 UTF-8 编码';
      return null;
    }
    if (!isGb18030(line)) return '有无法按 UTF-8 或 GB18030 解码的字节';
    this.#encoding = 'gb18030';
    return null;
  }
}

function* linesOf(piece: Buffer): Generator<[Buffer, number]> {
  let start = 0;
  while (start < piece.length) {
    const end = piece.indexOf(LF, start) + 1 || piece.length;
    yield [piece.subarray(start, end), start];
    start = end;
  }
}

function wideCharacters(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte >= WIDE_LEAD) count += 1;
  return count;
}

/**
 * One, two or four bytes a character as GB 18030 lays them out; whether a pair is assigned shows
 * when it is decoded.
 */
function isGb18030(bytes: Buffer): boolean {
  const digit = (byte: number | undefined): boolean =>
    byte !== undefined && byte >= 0x30 && byte <= 0x39;
  const lead = (byte: number | undefined): boolean =>
    byte !== undefined && byte >= 0x81 && byte <= 0xfe;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte < 0x80) continue;
    if (!lead(byte)) return false;
    const next = bytes[i + 1] ?? 0;
    if (digit(next)) {
      if (!lead(bytes[i + 2]) || !digit(bytes[i + 3])) return false;
      i += 3;
    } else {
      if (next < 0x40 || next === 0x7f || next === 0xff) return false;
      i += 1;
    }
  }
  return true;
}

/**
 * The row a spreadsheet shows at an offset: line ends outside quotes, counted from the start. Only
 * for a refusal.
 */
async function rowAt(file: OpenFile, from: number, offset: number): Promise<number> {
  let row = 1;
  let isQuoted = false;
  let previous = 0;
  let position = from;
  for await (const chunk of bytesOf(file, from, CHUNK_BYTES)) {
    for (const byte of chunk) {
      if (position >= offset) return row;
      if (byte === QUOTE) isQuoted = !isQuoted;
      else if (!isQuoted && (byte === CR || (byte === LF && previous !== CR))) row += 1;
      previous = byte;
      position += 1;
    }
  }
  return row;
}
