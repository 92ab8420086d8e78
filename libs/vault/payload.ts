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

/** @throws RangeError when a value has more than `PERSONAL_VALUE_BYTES_MAX` bytes of UTF-8 */
export function encodePayload(values: PayeeValues, openings: Buffer): Buffer {
  const texts = PERSONAL_FIELDS.map((field) => present(values[field]));
  const lengths = texts.map((text) => (text === null ? null : lengthOf(text)));
  const size = lengths.reduce<number>(
    (total, length) => total + 2 + (length === null ? 0 : OPENING_BYTES + length),
    0,
  );
  const plain = Buffer.allocUnsafe(size);
  let at = 0;
  texts.forEach((text, index) => {
    at = plain.writeUInt16BE(lengths[index] ?? NO_VALUE, at);
    if (text === null) return;
    plain.set(openingAt(openings, index), at);
    at += OPENING_BYTES;
    at += plain.write(text, at, 'utf8');
  });
  return plain;
}

function lengthOf(text: string): number {
  const length = Buffer.byteLength(text, 'utf8');
  if (length > PERSONAL_VALUE_BYTES_MAX) {
    throw new RangeError(`a personal value has at most ${PERSONAL_VALUE_BYTES_MAX} bytes`);
  }
  return length;
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
