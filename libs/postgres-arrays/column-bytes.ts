import { writeUuid, writeUuidOf } from './uuid-bytes.js';

export type Cell = string | number | bigint | boolean | null;

/**
 * `moment`: RFC 3339 UTC. `json`: text that the server checks and keeps as it is. `text[]`: the text PostgreSQL reads as an
 * array, because it carries no array of arrays. `bytea`: has no cells, see `addBytes`.
 */
export type ColumnType =
  | 'bigint'
  | 'integer'
  | 'smallint'
  | 'boolean'
  | 'date'
  | 'moment'
  | 'uuid'
  | 'text'
  | 'json'
  | 'bytea'
  | 'text[]';

/** Of the elements of an array. */
const OIDS: Readonly<Record<ColumnType, number>> = {
  boolean: 16,
  bytea: 17,
  bigint: 20,
  smallint: 21,
  integer: 23,
  text: 25,
  json: 114,
  'text[]': 25,
  date: 1082,
  moment: 1184,
  uuid: 2950,
};

/** Bytes of a value; a text has as many as it has. */
const WIDTHS: Readonly<Partial<Record<ColumnType, number>>> = {
  ...{ boolean: 1, smallint: 2, integer: 4, date: 4, bigint: 8, moment: 8, uuid: 16 },
};

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const BYTES_FIRST = 128;
/** UTF-8 bytes of one UTF-16 code unit at most. */
const BYTES_OF_A_UNIT = 3;
/** Below it, a loop over ASCII is faster than a call out of JavaScript. */
const SHORT_TEXT_MAX = 64;
const NULL_LENGTH = -1;

/** Where some bytes lie. */
export interface BytesPiece {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/**
 * All values of a column at once.
 *
 * @param textBytes of all its texts in UTF-8, where it is known: saves moving what is written to larger places
 * @throws Error as `ColumnBytes.add`
 */
export function columnOf(type: ColumnType, values: readonly Cell[], textBytes = 0): Buffer {
  const column = columnFor(type, values.length, textBytes);
  for (const value of values) column.add(value);
  return column.array;
}

/** An empty column with room for so many values, and for so many bytes of texts. */
export function columnFor(type: ColumnType, values: number, textBytes = 0): ColumnBytes {
  const each = LENGTH_BYTES + (WIDTHS[type] ?? 0);
  return new ColumnBytes(type, HEADER_BYTES + values * each + textBytes);
}

/**
 * A column of rows that are to be inserted, or of what is looked for: an array in PostgreSQL's binary form (one dimension,
 * counted from 1), built as its cells come. Nothing in it is quoted, escaped or parsed, so it carries any text, and nothing
 * of it is left for the collector.
 */
export class ColumnBytes {
  #bytes: Buffer;
  #view: DataView;
  #length = HEADER_BYTES;
  #count = 0;
  #hasNull = 0;

  /** @param bytes it begins with room for */
  constructor(
    private readonly type: ColumnType,
    bytes = BYTES_FIRST,
  ) {
    this.#bytes = Buffer.allocUnsafe(bytes);
    this.#view = viewOf(this.#bytes);
  }

  /** @throws Error for a cell that is no value of the column's type */
  add(cell: Cell): void {
    this.#count += 1;
    if (cell === null) return this.#addNull();
    switch (this.type) {
      case 'bigint':
        this.#sized(8);
        return this.#view.setBigInt64(this.#length - 8, int8Of(cell));
      case 'moment':
        this.#sized(8);
        return this.#view.setBigInt64(this.#length - 8, microsOf(cell as string));
      case 'integer':
        this.#sized(4);
        return this.#view.setInt32(this.#length - 4, cell as number);
      case 'date':
        this.#sized(4);
        return this.#view.setInt32(this.#length - 4, dayNumberOf(cell as string));
      case 'smallint':
        this.#sized(2);
        return this.#view.setInt16(this.#length - 2, cell as number);
      case 'boolean':
        this.#sized(1);
        return this.#view.setInt8(this.#length - 1, cell === true ? 1 : 0);
      case 'uuid':
        this.#sized(16);
        return writeUuid(this.#bytes, this.#length - 16, cell as string);
      case 'text':
      case 'json':
      case 'text[]':
        return this.#addText(cell as string);
      case 'bytea':
        throw new Error('bytes are no cell');
    }
  }

  /** A value as the bytes it has in the database, of one piece or two one behind the other. Nothing looks into it. */
  addBytes(head: Uint8Array, tail: BytesPiece | null = null): void {
    this.#count += 1;
    const length = head.length + (tail ? tail.to - tail.from : 0);
    this.#sized(length);
    const from = this.#length - length;
    this.#bytes.set(head, from);
    if (tail) this.#bytes.set(tail.bytes.subarray(tail.from, tail.to), from + head.length);
  }

  /**
   * A text, or a UUID, that lies somewhere as UTF-8.
   *
   * @param lead a character of ASCII before it
   * @throws Error for what is no UUID, in a column of them
   */
  addUtf8(bytes: Uint8Array, from: number, to: number, lead = 0): void {
    this.#count += 1;
    if (this.type === 'uuid') {
      this.#sized(16);
      return writeUuidOf(this.#bytes, this.#length - 16, { bytes, from, to });
    }
    const ahead = lead === 0 ? 0 : 1;
    this.#sized(ahead + to - from);
    let at = this.#length - (to - from);
    if (ahead === 1) this.#bytes[at - 1] = lead;
    if (to - from > SHORT_TEXT_MAX) return this.#bytes.set(bytes.subarray(from, to), at);
    for (let i = from; i < to; i += 1, at += 1) this.#bytes[at] = bytes[i] as number;
  }

  get count(): number {
    return this.#count;
  }

  /** Begins anew, in the same memory: what `array` gave is written over. */
  clear(): void {
    [this.#count, this.#hasNull, this.#length] = [0, 0, HEADER_BYTES];
  }

  /** Everything added so far; to be read before more is added. */
  get array(): Buffer {
    const [dimensions, countedFrom] = [1, 1];
    const header = [dimensions, this.#hasNull, OIDS[this.type], this.#count, countedFrom];
    header.forEach((field, index) => this.#view.setInt32(index * 4, field));
    return this.#bytes.subarray(0, this.#length);
  }

  #addNull(): void {
    this.#room(LENGTH_BYTES);
    this.#view.setInt32(this.#length, NULL_LENGTH);
    this.#length += LENGTH_BYTES;
    this.#hasNull = 1;
  }

  /** Makes room for a value of so many bytes, which end at the new length. */
  #sized(bytes: number): void {
    this.#room(LENGTH_BYTES + bytes);
    this.#view.setInt32(this.#length, bytes);
    this.#length += LENGTH_BYTES + bytes;
  }

  #addText(text: string): void {
    const most = LENGTH_BYTES + text.length * BYTES_OF_A_UNIT;
    // Counted only where it decides.
    const isSure = this.#length + most <= this.#bytes.length;
    if (!isSure) this.#room(LENGTH_BYTES + Buffer.byteLength(text));
    const from = this.#length + LENGTH_BYTES;
    const written = writeAscii(this.#bytes, from, text) ?? this.#bytes.write(text, from);
    this.#view.setInt32(this.#length, written);
    this.#length = from + written;
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

const viewOf = ({ buffer, byteOffset, length }: Buffer): DataView =>
  new DataView(buffer, byteOffset, length);

/** @returns the bytes written; null for a long text or one that is not ASCII, of which some may be written */
function writeAscii(bytes: Buffer, from: number, text: string): number | null {
  if (text.length > SHORT_TEXT_MAX) return null;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return null;
    bytes[from + i] = code;
  }
  return text.length;
}

const INT8_MAX = 2n ** 63n - 1n;

function int8Of(cell: Cell): bigint {
  if (typeof cell !== 'bigint') throw new Error(`${String(cell)} is no bigint`);
  if (cell > INT8_MAX || cell < -INT8_MAX) throw new Error(`${cell} is out of range`);
  return cell;
}

/** PostgreSQL counts from 2000-01-01, moments in microseconds. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const DAY_MS = 86_400_000;

// Neighbours in the log share their moment.
let lastMoment = '';
let lastMicros = 0n;

function microsOf(moment: string): bigint {
  if (moment === lastMoment) return lastMicros;
  const ms = Date.parse(moment);
  if (Number.isNaN(ms)) throw new Error(`${moment} is no moment`);
  lastMicros = BigInt(ms - EPOCH_MS) * 1000n;
  lastMoment = moment;
  return lastMicros;
}

/** The dates of a plan of some decades. */
const DAYS_KNOWN_MAX = 20_000;
const daysKnown = new Map<string, number>();

function dayNumberOf(date: string): number {
  const known = daysKnown.get(date);
  if (known !== undefined) return known;
  const ms = Date.parse(`${date}T00:00:00Z`);
  // A 30th of February would be read as a day of March.
  const isDay = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(`${date}T`);
  if (!isDay) throw new Error(`${date} is no date`);
  const day = (ms - EPOCH_MS) / DAY_MS;
  if (daysKnown.size >= DAYS_KNOWN_MAX) daysKnown.clear();
  daysKnown.set(date, day);
  return day;
}
