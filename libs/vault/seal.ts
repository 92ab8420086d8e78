import type { KeyObject } from 'node:crypto';
import type { PersonalField } from '@fundflow/domain/rows';
import { NONCE_BYTES, TAG_BYTES, copyInto, decrypt, encryptInto } from './cipher.js';
import {
  type CanonicalValues,
  PERSONAL_FIELDS,
  type PersonalFieldName,
  canonicalValues,
  commitCanonical,
} from './commitment.js';
import { keyedHash } from './keyed-hash.js';
import {
  type FieldTexts,
  type PayeeOpenings,
  type PayeeValues,
  decodePayload,
  payloadBytesMax,
  present,
  valuesAt,
  writeOpenings,
  writeValues,
} from './payload.js';
import { type RowRandomness, takeRandomness } from './row-randomness.js';
import {
  BODY_AT,
  FIRST_VERSION,
  HELD_VERSION,
  TOKENS_AT,
  WRAPPED_KEY_AT,
  firstByte,
  isOfToday,
  keyOfRow,
  versionOf,
} from './sealed-row.js';
import { writeTokens } from './search-tokens.js';
import {
  SUBJECT_BYTES,
  bodyBound,
  unwrapIfCurrent,
  unwrapSubjectKey,
  wrapBound,
} from './subject-key.js';
import type { VaultKeys } from './vault-key.js';

/** The commitments to a person's fields, for the record. */
export type Commitments = { readonly [F in PersonalFieldName]: PersonalField };

/** The commitments go into the record, `sealed` and `subject` wait beside the row and go into the vault. */
export type SealedPayee = Commitments & {
  /** Values and openings, encrypted: opaque, with everything in it but the key-encryption key. */
  readonly sealed: Buffer;
  /** Blind index of the person, 32 bytes: the same for all rows of one person, and says nothing without the key. */
  readonly subject: Buffer;
};

export interface SealedEntry {
  readonly recordKey: string;
  readonly subject: Buffer;
  readonly sealed: Buffer;
}

/** Sealed bytes that were changed, moved to another record or person, or sealed under another key. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';

  constructor(readonly recordKey: string) {
    super(`the sealed personal data of ${recordKey} does not open`);
  }
}

const textsOf = ({ name, code, account }: PayeeValues): FieldTexts => [
  present(name),
  present(code),
  present(account),
];

// A person's place: blind index, then the sealed row.
const PLAIN_FROM = SUBJECT_BYTES + BODY_AT + NONCE_BYTES;

/** Room that a person's place takes at most. */
export const placeBytesMax = (values: PayeeValues): number =>
  PLAIN_FROM + payloadBytesMax(textsOf(values)) + TAG_BYTES;

/**
 * Puts a person where `sealInPlace` will seal them: blind index, and values in clear, in a place as long as what becomes of
 * them.
 *
 * @param target with room for `placeBytesMax` from `at`
 * @param index keys the blind index: what seals them has the same
 * @returns where the place ends
 * @throws RangeError when a value has more than `PERSONAL_VALUE_BYTES_MAX` bytes of UTF-8
 */
export function writeToSeal(
  target: Buffer,
  at: number,
  values: PayeeValues,
  index: KeyObject,
): number {
  const subject = subjectText(canonicalValues(values), index);
  target.write(subject, at, SUBJECT_BYTES, 'binary');
  return writeValues(target, at + PLAIN_FROM, textsOf(values)) + TAG_BYTES;
}

/** A place that `writeToSeal` wrote. */
export interface PlaceToSeal {
  readonly target: Buffer;
  readonly at: number;
  readonly end: number;
}

/**
 * Seals a person as `sealPayee` does, over the values in clear.
 *
 * @param recordKey idempotency key of the record
 * @param held the key their person has, `HELD_KEY_BYTES`: they are sealed under it where the current key wraps it and it
 * opens, else as without one
 * @returns what goes into the record
 */
export function sealInPlace(
  { target, at, end }: PlaceToSeal,
  recordKey: string,
  keys: VaultKeys,
  held: Buffer | null = null,
): Commitments {
  const texts = valuesAt(target, at + PLAIN_FROM);
  return sealTexts({ target, at, end, texts, recordKey, held }, keys);
}

// Written over by the next.
let alone = Buffer.alloc(1_024);

/**
 * Commits to a person's fields and seals values and openings under a fresh key, wrapped by the key-encryption key (both
 * AES-256-GCM). Bound to the record and the person: the result opens nowhere else. Should the vault know no key of this
 * person when the row is put, the fresh one becomes it, and nothing is encrypted again. Sealing again gives other
 * openings, so seal a row once and keep the result.
 *
 * @param recordKey idempotency key of the record, `record:<id>`
 * @throws RangeError when a value has more than `PERSONAL_VALUE_BYTES_MAX` bytes of UTF-8
 */
export function sealPayee(values: PayeeValues, recordKey: string, keys: VaultKeys): SealedPayee {
  const bytes = placeBytesMax(values);
  if (bytes > alone.length) alone = Buffer.alloc(bytes);
  const end = writeToSeal(alone, 0, values, keys.index);
  const place = { target: alone, at: 0, end, texts: textsOf(values), recordKey, held: null };
  const commitments = sealTexts(place, keys);
  const subject = Buffer.from(alone.subarray(0, SUBJECT_BYTES));
  return { ...commitments, subject, sealed: Buffer.from(alone.subarray(SUBJECT_BYTES, end)) };
}

interface ToSeal extends PlaceToSeal {
  /** What lies in clear at the place. */
  readonly texts: FieldTexts;
  readonly recordKey: string;
  readonly held: Buffer | null;
}

function sealTexts(person: ToSeal, keys: VaultKeys): Commitments {
  const { target, at, end, texts } = person;
  const random = takeRandomness();
  const [name, code, account] = texts;
  const canonical = canonicalValues({ name, code, account });
  const subject = target.subarray(at, at + SUBJECT_BYTES);
  const sealed = at + SUBJECT_BYTES;
  const key = writeKey(person, { subject, random }, keys);
  writeTokens(target, sealed + TOKENS_AT, { name, canonical }, keys.index);
  writeOpenings(target, at + PLAIN_FROM, random.openings);
  encryptInto(target, sealed + BODY_AT, {
    key,
    nonce: random.bodyNonce,
    bound: bodyBound(subject, person.recordKey),
    plain: target.subarray(at + PLAIN_FROM, end - TAG_BYTES),
  });
  const commitTo = (index: 0 | 1 | 2): PersonalField => {
    if (texts[index] === null) return null;
    const field = PERSONAL_FIELDS[index];
    return commitCanonical(field, canonical[field], random.openings[index] as Buffer);
  };
  return { name: commitTo(0), code: commitTo(1), account: commitTo(2) };
}

/** What a row begins with, up to its wrapped key; answers the key. Valid until the next call. */
function writeKey(
  { target, at, held }: ToSeal,
  { subject, random }: { readonly subject: Buffer; readonly random: RowRandomness },
  keys: VaultKeys,
): Buffer {
  const { current, indexNo } = keys;
  const sealed = at + SUBJECT_BYTES;
  const known = held && unwrapIfCurrent(held, subject, keys);
  if (known) {
    target[sealed] = firstByte(indexNo, HELD_VERSION);
    target.set(held, sealed + 1);
    return known;
  }
  target[sealed] = firstByte(indexNo);
  copyInto(target, sealed + 1, current.idBytes);
  encryptInto(target, sealed + WRAPPED_KEY_AT, {
    key: current.wrapping,
    nonce: random.keyNonce,
    bound: wrapBound(subject, current.idBytes),
    plain: random.key,
  });
  return random.key;
}

/**
 * Values and openings of a sealed row, of this or the first version. Compare them with the record (`verifyCommitment`)
 * before believing that they belong to it.
 *
 * @throws SealBroken when a byte, the record key, the subject or the key is not the one it was sealed with
 */
export function unseal(entry: SealedEntry, keys: VaultKeys): PayeeOpenings {
  return decodePayload(unsealBytes(entry, keys));
}

/** The encoded values and openings of a sealed row. @throws SealBroken as `unseal` */
export function unsealBytes(entry: SealedEntry, keys: VaultKeys): Buffer {
  const { sealed, subject, recordKey } = entry;
  try {
    if (versionOf(sealed) === FIRST_VERSION) return unsealFirst(entry, keys);
    if (!isOfToday(sealed)) throw new SealBroken(recordKey);
    const key = unwrapSubjectKey(keyOfRow(sealed), subject, keys);
    return decrypt(sealed.subarray(BODY_AT), { key, bound: bodyBound(subject, recordKey) });
  } catch {
    throw new SealBroken(recordKey);
  }
}

const FIRST_LABEL = Buffer.from('fundflow-vault/1\0');

function unsealFirst({ sealed, subject, recordKey }: SealedEntry, keys: VaultKeys): Buffer {
  const keyId = sealed.subarray(1, WRAPPED_KEY_AT);
  const key = keys.find(keyId);
  if (key === null) throw new SealBroken(recordKey);
  const bound = Buffer.concat([FIRST_LABEL, keyId, subject, Buffer.from(recordKey, 'utf8')]);
  const wrapped = sealed.subarray(WRAPPED_KEY_AT, TOKENS_AT);
  const dataKey = decrypt(wrapped, { key: key.wrapping, bound });
  return decrypt(sealed.subarray(TOKENS_AT), { key: dataKey, bound });
}

/**
 * Blind index (HMAC-SHA256) of the person: of the 18-digit resident ID where there is one, else of
 * name, account and whatever code there is, so that people who share a name stay apart.
 */
export const subjectOf = (values: PayeeValues, index: KeyObject): Buffer =>
  Buffer.from(subjectText(canonicalValues(values), index), 'binary');

/** A character a byte. */
function subjectText({ name, code, account }: CanonicalValues, index: KeyObject): string {
  const who = RESIDENT_ID.test(code) ? `["id","${code}"]` : asJson(name, account, code);
  return keyedHash(index, who, 'binary');
}

const RESIDENT_ID = /^\d{17}[\dX]$/;
/** Nothing that JSON escapes. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e\u4e00-\u9fff]*$/;

const asJson = (name: string, account: string, code: string): string =>
  PLAIN.test(name) && PLAIN.test(account) && PLAIN.test(code)
    ? `["person","${name}","${account}","${code}"]`
    : JSON.stringify(['person', name, account, code]);
