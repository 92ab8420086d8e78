import { copyInto } from './cipher.js';
import { OPENING_BYTES, type PersonalFieldName } from './commitment.js';

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

// A field: two bytes of length (all ones: there is none), the opening, the value as UTF-8.
const NO_VALUE = 0xffff;

/** Room for values and openings of these texts; UTF-8 takes at most three bytes a code unit. */
export function payloadBytesMax(texts: FieldTexts): number {
  let bytes = 0;
  for (const text of texts) bytes += 2 + (text === null ? 0 : OPENING_BYTES + 3 * text.length);
  return bytes;
}

/** Of the fields in their order, null where the row has none. */
export type FieldTexts = readonly [string | null, string | null, string | null];

/**
 * Values as they are encrypted, with room for the opening of each.
 *
 * @param target with room for `payloadBytesMax` from `at`
 * @returns where they end
 * @throws RangeError when a value has more than `PERSONAL_VALUE_BYTES_MAX` bytes of UTF-8
 */
export function writeValues(target: Buffer, start: number, texts: FieldTexts): number {
  let at = start;
  for (const text of texts) {
    const length = text === null ? NO_VALUE : writeValue(target, text, at + 2 + OPENING_BYTES);
    at = target.writeUInt16BE(length, at);
    if (text !== null) at += OPENING_BYTES + length;
  }
  return at;
}

/** Its length in bytes. */
function writeValue(target: Buffer, text: string, at: number): number {
  const isShort = text.length <= PERSONAL_VALUE_BYTES_MAX;
  const length = isShort ? target.write(text, at, 'utf8') : Infinity;
  if (length <= PERSONAL_VALUE_BYTES_MAX) return length;
  throw new RangeError(`a personal value has at most ${PERSONAL_VALUE_BYTES_MAX} bytes`);
}

/** What `writeValues` wrote. */
export function valuesAt(target: Buffer, start: number): FieldTexts {
  let at = start;
  const next = (): string | null => {
    const length = target.readUInt16BE(at);
    at += 2;
    if (length === NO_VALUE) return null;
    at += OPENING_BYTES + length;
    return target.toString('utf8', at - length, at);
  };
  return [next(), next(), next()];
}

/** Puts the opening of each value into the room beside it. @param openings one a field */
export function writeOpenings(
  target: Buffer,
  start: number,
  openings: readonly Uint8Array[],
): void {
  let at = start;
  for (const opening of openings) {
    const length = target.readUInt16BE(at);
    at += 2;
    if (length === NO_VALUE) continue;
    copyInto(target, at, opening);
    at += OPENING_BYTES + length;
  }
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
