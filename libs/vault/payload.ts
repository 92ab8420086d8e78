import { OPENING_BYTES, PERSONAL_FIELDS, type PersonalFieldName } from './commitment.js';

/** A person's fields in clear; null where the row has none. */
export type PayeeValues = { readonly [F in PersonalFieldName]: string | null };

export interface Opening {
  readonly value: string;
  readonly opening: Buffer;
}

export type PayeeOpenings = { readonly [F in PersonalFieldName]: Opening | null };

/** A longer value is not sealed: names, IDs and accounts are short, and a row is refused before it comes here. */
export const PERSONAL_VALUE_BYTES_MAX = 1_024;

/** An empty cell by whatever route it came. */
export const present = (value: string | null): string | null =>
  value === null || value.trim() === '' ? null : value;

export const openingAt = (openings: Buffer, index: number): Buffer =>
  openings.subarray(index * OPENING_BYTES, (index + 1) * OPENING_BYTES);

// A field: two bytes of length (all ones: there is none), the opening, the value as UTF-8.
const NO_VALUE = 0xffff;

const FIELD_BYTES_MAX = 2 + OPENING_BYTES + 3 * PERSONAL_VALUE_BYTES_MAX;

// Written over by the next: an allocation each would cost as much as encoding.
const encoded = Buffer.alloc(PERSONAL_FIELDS.length * FIELD_BYTES_MAX);

/**
 * Values and openings as they are encrypted. Valid until the next call.
 *
 * @param texts of the fields in their order, null where the row has none
 * @throws RangeError when a value has more than `PERSONAL_VALUE_BYTES_MAX` bytes of UTF-8
 */
export function encodePayload(texts: readonly (string | null)[], openings: Buffer): Buffer {
  let at = 0;
  for (let index = 0; index < texts.length; index += 1) {
    const text = texts[index] ?? null;
    const length = text === null ? NO_VALUE : writeValue(text, at + 2 + OPENING_BYTES);
    at = encoded.writeUInt16BE(length, at);
    if (text === null) continue;
    // A loop: a piece of `openings` is an object.
    const from = index * OPENING_BYTES;
    for (let i = 0; i < OPENING_BYTES; i += 1) encoded[at + i] = openings[from + i] as number;
    at += OPENING_BYTES + length;
  }
  return encoded.subarray(0, at);
}

/** Its length in bytes. */
function writeValue(text: string, at: number): number {
  const isShort = text.length <= PERSONAL_VALUE_BYTES_MAX;
  const length = isShort ? encoded.write(text, at, 'utf8') : Infinity;
  if (length <= PERSONAL_VALUE_BYTES_MAX) return length;
  throw new RangeError(`a personal value has at most ${PERSONAL_VALUE_BYTES_MAX} bytes`);
}

/** @throws RangeError when the bytes end too early */
export function decodePayload(plain: Buffer): PayeeOpenings {
  let at = 0;
  const next = (): Opening | null => {
    const length = plain.readUInt16BE(at);
    at += 2;
    if (length === NO_VALUE) return null;
    const opening = plain.subarray(at, at + OPENING_BYTES);
    const value = plain.toString('utf8', at + OPENING_BYTES, at + OPENING_BYTES + length);
    at += OPENING_BYTES + length;
    return { value, opening };
  };
  return { name: next(), code: next(), account: next() };
}

export const valuesOf = ({ name, code, account }: PayeeOpenings): PayeeValues => ({
  name: name?.value ?? null,
  code: code?.value ?? null,
  account: account?.value ?? null,
});
