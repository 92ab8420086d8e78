import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto';
import type { PersonalField } from '@fundflow/domain/rows';
import {
  OPENING_BYTES,
  PERSONAL_FIELDS,
  type PersonalFieldName,
  canonicalValue,
  commit,
} from './commitment.js';
import { KEY_ID_BYTES, type VaultKey } from './vault-key.js';

/** A person's fields in clear; null where the row has none. */
export type PayeeValues = { readonly [F in PersonalFieldName]: string | null };

/** The commitments go into the record, `sealed` and `subject` into the vault. */
export type SealedPayee = { readonly [F in PersonalFieldName]: PersonalField } & {
  /** Values and openings, encrypted: opaque, with everything in it but the key-encryption key. */
  readonly sealed: Buffer;
  /** Blind index of the person, 32 bytes: the same for all rows of one person, and says nothing without the key. */
  readonly subject: Buffer;
};

export interface Opening {
  readonly value: string;
  readonly opening: Buffer;
}

export type PayeeOpenings = { readonly [F in PersonalFieldName]: Opening | null };

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

/** A longer value is not sealed: names, IDs and accounts are short, and a row is refused before it comes here. */
export const PERSONAL_VALUE_BYTES_MAX = 1_024;

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const WRAPPED_KEY_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES;
/** Where the sealed bytes divide: version, key id, wrapped data key, and then nonce, ciphertext and tag. */
export const WRAPPED_KEY_AT = 1 + KEY_ID_BYTES;
export const BODY_AT = WRAPPED_KEY_AT + WRAPPED_KEY_BYTES;

const LABEL = Buffer.from('fundflow-vault/1\0');
const RANDOM_BYTES = KEY_BYTES + 2 * NONCE_BYTES + PERSONAL_FIELDS.length * OPENING_BYTES;

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
 * Commits to a person's fields and seals values and openings under a fresh data key, which is wrapped
 * by the key-encryption key (both AES-256-GCM). Bound to the record and the person: the result opens
 * nowhere else. Sealing again gives other openings, so seal a row once and keep the result.
 *
 * @param recordKey idempotency key of the record, `record:<id>`
 * @throws RangeError when a value has more than `PERSONAL_VALUE_BYTES_MAX` bytes of UTF-8
 */
export function sealPayee(values: PayeeValues, recordKey: string, key: VaultKey): SealedPayee {
  const random = takeRandom();
  const dataKey = random.subarray(0, KEY_BYTES);
  const wrapNonce = random.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES);
  const bodyNonce = random.subarray(KEY_BYTES + NONCE_BYTES, KEY_BYTES + 2 * NONCE_BYTES);
  const openings = random.subarray(KEY_BYTES + 2 * NONCE_BYTES);
  const subject = subjectOf(values, key);
  const bound = associatedData(recordKey, subject, key.idBytes);
  const plain = encode(values, openings);

  const sealed = Buffer.allocUnsafe(BODY_AT + NONCE_BYTES + plain.length + TAG_BYTES);
  sealed[0] = VERSION;
  sealed.set(key.idBytes, 1);
  encryptInto(sealed, WRAPPED_KEY_AT, {
    key: key.wrapping,
    nonce: wrapNonce,
    bound,
    plain: dataKey,
  });
  encryptInto(sealed, BODY_AT, { key: dataKey, nonce: bodyNonce, bound, plain });
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
 * Values and openings as they were sealed. Compare them with the record (`verifyCommitment`) before
 * believing that they belong to it.
 *
 * @throws SealBroken when a byte, the record key, the subject or the key is not the one it was sealed with
 */
export function unseal(entry: SealedEntry, key: VaultKey): PayeeOpenings {
  const { sealed } = entry;
  const bound = associatedData(entry.recordKey, entry.subject, key.idBytes);
  try {
    if (sealed[0] !== VERSION || !sealed.subarray(1, WRAPPED_KEY_AT).equals(key.idBytes)) {
      throw new SealBroken(entry.recordKey);
    }
    const wrapped = sealed.subarray(WRAPPED_KEY_AT, BODY_AT);
    const dataKey = decrypt(wrapped, { key: key.wrapping, bound });
    return decode(decrypt(sealed.subarray(BODY_AT), { key: dataKey, bound }));
  } catch {
    throw new SealBroken(entry.recordKey);
  }
}

/**
 * Blind index (HMAC-SHA256) of the person: of the 18-digit resident ID where there is one, else of
 * name, account and whatever code there is, so that people who share a name stay apart.
 */
export function subjectOf(values: PayeeValues, key: VaultKey): Buffer {
  const canonical = (field: PersonalFieldName): string =>
    canonicalValue(field, values[field] ?? '');
  const code = canonical('code');
  const who = /^\d{17}[\dX]$/.test(code)
    ? ['id', code]
    : ['person', canonical('name'), canonical('account'), code];
  return createHmac('sha256', key.subjects).update(JSON.stringify(who), 'utf8').digest();
}

/** An empty cell by whatever route it came. */
const present = (value: string | null): string | null =>
  value === null || value.trim() === '' ? null : value;

const openingAt = (openings: Buffer, index: number): Buffer =>
  openings.subarray(index * OPENING_BYTES, (index + 1) * OPENING_BYTES);

function associatedData(recordKey: string, subject: Buffer, keyId: Buffer): Buffer {
  return Buffer.concat([LABEL, keyId, subject, Buffer.from(recordKey, 'utf8')]);
}

type CipherKey = Parameters<typeof createCipheriv>[1];

interface Encryption {
  readonly key: CipherKey;
  readonly nonce: Buffer;
  readonly bound: Buffer;
  readonly plain: Buffer;
}

function encryptInto(target: Buffer, at: number, { key, nonce, bound, plain }: Encryption): void {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound);
  target.set(nonce, at);
  target.set(cipher.update(plain), at + NONCE_BYTES);
  cipher.final();
  target.set(cipher.getAuthTag(), at + NONCE_BYTES + plain.length);
}

function decrypt(bytes: Buffer, { key, bound }: { key: CipherKey; bound: Buffer }): Buffer {
  const tagAt = bytes.length - TAG_BYTES;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.subarray(tagAt));
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, tagAt));
  decipher.final();
  return plain;
}

// A field: two bytes of length (all ones: there is none), the opening, the value as UTF-8.
const NO_VALUE = 0xffff;

function encode(values: PayeeValues, openings: Buffer): Buffer {
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

function decode(plain: Buffer): PayeeOpenings {
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
