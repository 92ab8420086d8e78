/**
 * Arrays in PostgreSQL's binary form. Nothing in them is quoted, escaped or parsed, so they carry
 * any text, and a batch of records goes in at about twice the pace of one JSON parameter.
 */

const HEADER_BYTES = 20;
const INT4_OID = 23;
const TEXT_OID = 25;
const JSON_OID = 114;
const TIMESTAMPTZ_OID = 1184;
const UUID_OID = 2950;
/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MS = 946_684_800_000;

export function int4Array(values: readonly number[]): Buffer {
  const array = header(INT4_OID, values.length, values.length * 8);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(4, at);
    array.writeInt32BE(value, at + 4);
    at += 8;
  }
  return array;
}

export function textArray(values: readonly string[]): Buffer {
  return texts(TEXT_OID, values);
}

/** Texts that the server checks to be JSON and keeps as they are. */
export function jsonArray(values: readonly string[]): Buffer {
  return texts(JSON_OID, values);
}

const UUID_BYTES = 16;
const UUID_DIGITS = 36;
const HYPHEN = 0x2d;
/** The value of a hexadecimal digit by its code: read one by one, a UUID costs a quarter of what `write` takes for it. */
const HEX = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0 : value;
});

/** Of UUIDs in the form 8-4-4-4-12. */
export function uuidArray(values: readonly string[]): Buffer {
  const array = header(UUID_OID, values.length, values.length * 20);
  let at = HEADER_BYTES;
  for (const value of values) {
    array.writeInt32BE(UUID_BYTES, at);
    at += 4;
    for (let digit = 0; digit < UUID_DIGITS; digit += 2) {
      if (value.charCodeAt(digit) === HYPHEN) digit += 1;
      const high = HEX[value.charCodeAt(digit)] ?? 0;
      array[at] = (high << 4) | (HEX[value.charCodeAt(digit + 1)] ?? 0);
      at += 1;
    }
  }
  return array;
}

/** Of moments in RFC 3339 UTC with milliseconds. */
export function timestamptzArray(values: readonly string[]): Buffer {
  const array = header(TIMESTAMPTZ_OID, values.length, values.length * 12);
  let at = HEADER_BYTES;
  let known = '';
  let micros = 0n;
  for (const value of values) {
    // The events of one certification share their moment.
    if (value !== known) {
      micros = BigInt(Date.parse(value) - EPOCH_MS) * 1000n;
      known = value;
    }
    array.writeInt32BE(8, at);
    array.writeBigInt64BE(micros, at + 4);
    at += 12;
  }
  return array;
}

function texts(oid: number, values: readonly string[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += 4 + Buffer.byteLength(value);
  const array = header(oid, values.length, bytes);
  let at = HEADER_BYTES;
  for (const value of values) {
    const written = array.write(value, at + 4, 'utf8');
    array.writeInt32BE(written, at);
    at += 4 + written;
  }
  return array;
}

/** One dimension, no nulls, counted from 1. */
function header(oid: number, count: number, bytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(0, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(count, 12);
  array.writeInt32BE(1, 16);
  return array;
}
