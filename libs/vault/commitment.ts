import type { Commitment } from '@fundflow/domain/rows';
import { type KeyedHash, keyedHashOf } from './keyed-hash.js';

/** The fields of a record that are personal data. The name is part of what is committed to. */
export const PERSONAL_FIELDS = ['name', 'code', 'account'] as const;

export type PersonalFieldName = (typeof PERSONAL_FIELDS)[number];

/** Length of an opening: random bytes that keep a commitment from being guessed by trying values. */
export const OPENING_BYTES = 32;

/** Printable ASCII without spaces, and unified ideographs: in NFC, and nothing to trim. */
const PLAIN = /^[\x21-\x7e\u4e00-\u9fff]*$/;

const SCHEME = 'hmac-sha256:';

const HASHES: { readonly [F in PersonalFieldName]: KeyedHash } = {
  name: keyedHashOf('name\0'),
  code: keyedHashOf('code\0'),
  account: keyedHashOf('account\0'),
};

/**
 * The spelling of a value that is committed to: NFC and trimmed; of a `code` (ID, credit code) upper
 * case, so that `x` and `X` are one; of an `account` without any whitespace.
 *
 * Settled for ever: a change would leave every commitment ever recorded unverifiable. That is also
 * why it leans on no other normalisation of the ledger.
 */
export function canonicalValue(field: PersonalFieldName, value: string): string {
  if (PLAIN.test(value)) return field === 'code' ? value.toUpperCase() : value;
  const text = value.normalize('NFC').trim();
  switch (field) {
    case 'name':
      return text;
    case 'code':
      return text.toUpperCase();
    case 'account':
      return text.replace(/\s+/g, '');
  }
}

/** The canonical values of a person's fields; empty where the row has none. */
export type CanonicalValues = { readonly [F in PersonalFieldName]: string };

export const canonicalValues = (values: {
  readonly [F in PersonalFieldName]: string | null;
}): CanonicalValues => ({
  name: canonicalValue('name', values.name ?? ''),
  code: canonicalValue('code', values.code ?? ''),
  account: canonicalValue('account', values.account ?? ''),
});

/**
 * HMAC-SHA256(opening, field name ‖ 0x00 ‖ canonical value), as `hmac-sha256:<base64url>`.
 *
 * @param opening `OPENING_BYTES` fresh random bytes, never used for another value
 */
export function commit(field: PersonalFieldName, value: string, opening: Uint8Array): Commitment {
  return commitCanonical(field, canonicalValue(field, value), opening);
}

/** The same for a value that is canonical already. */
export const commitCanonical = (
  field: PersonalFieldName,
  canonical: string,
  opening: Uint8Array,
): Commitment => ({ commitment: commitmentText(field, canonical, opening) });

/** Whether this value and opening are what was committed to, in any spelling with the same canonical value. */
export function verifyCommitment(
  commitment: Commitment,
  field: PersonalFieldName,
  value: string,
  opening: Uint8Array,
): boolean {
  if (opening.length !== OPENING_BYTES) return false;
  return commitment.commitment === commitmentText(field, canonicalValue(field, value), opening);
}

function commitmentText(field: PersonalFieldName, canonical: string, opening: Uint8Array): string {
  return SCHEME + HASHES[field](opening, canonical, 'base64url');
}
