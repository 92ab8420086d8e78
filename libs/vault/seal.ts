import { type KeyObject, randomFillSync } from 'node:crypto';
import type { PersonalField } from '@fundflow/domain/rows';
import {
  NONCE_BYTES,
  SYMMETRIC_KEY_BYTES,
  TAG_BYTES,
  WRAPPED_KEY_BYTES,
  decrypt,
  encryptInto,
} from './cipher.js';
import {
  OPENING_BYTES,
  PERSONAL_FIELDS,
  type PersonalFieldName,
  canonicalValue,
  commit,
} from './commitment.js';
import { keyedDigest } from './keyed-hash.js';
import {
  type PayeeOpenings,
  type PayeeValues,
  decodePayload,
  encodePayload,
  openingAt,
  present,
} from './payload.js';
import { TOKENS_BYTES, tokenBytes, tokensOf } from './search-tokens.js';
import { bodyBound, unwrapSubjectKey, wrapBound } from './subject-key.js';
import { KEY_ID_BYTES, type VaultKeys } from './vault-key.js';

/** The commitments go into the record, `sealed` and `subject` wait beside the row and go into the vault. */
export type SealedPayee = { readonly [F in PersonalFieldName]: PersonalField } & {
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

/**
 * A sealed row: version, id of the key-encryption key, wrapped key, search tokens, and then nonce, ciphertext and tag
 * under the wrapped key. Version 1 had no tokens and a key for the row alone.
 */
export const ROW_VERSION = 2;
export const FIRST_VERSION = 1;
export const WRAPPED_KEY_AT = 1 + KEY_ID_BYTES;
export const TOKENS_AT = WRAPPED_KEY_AT + WRAPPED_KEY_BYTES;
export const BODY_AT = TOKENS_AT + TOKENS_BYTES;
const FIRST_BODY_AT = TOKENS_AT;

const RANDOM_BYTES = SYMMETRIC_KEY_BYTES + 2 * NONCE_BYTES + PERSONAL_FIELDS.length * OPENING_BYTES;

// One call a payee for randomness would cost as much as its encryption.
const pool = Buffer.alloc(RANDOM_BYTES * 256);
let poolUsed = pool.length;

/** Valid until the next call. */
function takeRandom(): Buffer {
  if (poolUsed === pool.length) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += RANDOM_BYTES;
  return pool.subarray(poolUsed - RANDOM_BYTES, poolUsed);
}

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
  const random = takeRandom();
  const [wrapNonceAt, bodyNonceAt] = [SYMMETRIC_KEY_BYTES, SYMMETRIC_KEY_BYTES + NONCE_BYTES];
  const openingsAt = bodyNonceAt + NONCE_BYTES;
  const fresh = random.subarray(0, SYMMETRIC_KEY_BYTES);
  const openings = random.subarray(openingsAt);
  const subject = subjectOf(values, keys.index);
  const plain = encodePayload(values, openings);
  const { current } = keys;

  const sealed = Buffer.allocUnsafe(BODY_AT + NONCE_BYTES + plain.length + TAG_BYTES);
  sealed[0] = ROW_VERSION;
  sealed.set(current.idBytes, 1);
  encryptInto(sealed, WRAPPED_KEY_AT, {
    key: current.wrapping,
    nonce: random.subarray(wrapNonceAt, bodyNonceAt),
    bound: wrapBound(subject, current.idBytes),
    plain: fresh,
  });
  sealed.set(tokenBytes(tokensOf(values, keys.index)), TOKENS_AT);
  encryptInto(sealed, BODY_AT, {
    key: fresh,
    nonce: random.subarray(bodyNonceAt, openingsAt),
    bound: bodyBound(subject, recordKey),
    plain,
  });
  const commitTo = (field: PersonalFieldName, index: number): PersonalField => {
    const value = present(values[field]);
    return value === null ? null : commit(field, value, openingAt(openings, index));
  };
  return {
    name: commitTo('name', 0),
    code: commitTo('code', 1),
    account: commitTo('account', 2),
    sealed,
    subject,
  };
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
    if (sealed[0] === FIRST_VERSION) return unsealFirst(entry, keys);
    if (sealed[0] !== ROW_VERSION) throw new SealBroken(recordKey);
    const key = unwrapSubjectKey(sealed.subarray(1, TOKENS_AT), subject, keys);
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
  const wrapped = sealed.subarray(WRAPPED_KEY_AT, FIRST_BODY_AT);
  const dataKey = decrypt(wrapped, { key: key.wrapping, bound });
  return decrypt(sealed.subarray(FIRST_BODY_AT), { key: dataKey, bound });
}

/**
 * Blind index (HMAC-SHA256) of the person: of the 18-digit resident ID where there is one, else of
 * name, account and whatever code there is, so that people who share a name stay apart.
 */
export function subjectOf(values: PayeeValues, index: KeyObject): Buffer {
  const canonical = (field: PersonalFieldName): string =>
    canonicalValue(field, values[field] ?? '');
  const code = canonical('code');
  const who = /^\d{17}[\dX]$/.test(code)
    ? ['id', code]
    : ['person', canonical('name'), canonical('account'), code];
  return keyedDigest(index, JSON.stringify(who));
}
