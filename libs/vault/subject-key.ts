import { randomBytes } from 'node:crypto';
import {
  NONCE_BYTES,
  SYMMETRIC_KEY_BYTES,
  WRAPPED_KEY_BYTES,
  copyInto,
  decrypt,
  encrypt,
  encryptInto,
} from './cipher.js';
import { KEY_ID_BYTES, type VaultKey, type VaultKeys } from './vault-key.js';

/** Id of the key-encryption key, then nonce, ciphertext and tag of the wrapped key. */
export const HELD_KEY_BYTES = KEY_ID_BYTES + WRAPPED_KEY_BYTES;

const WRAP_LABEL = Buffer.from('fundflow-vault/2 key\0');
const BODY_LABEL = Buffer.from('fundflow-vault/2 body\0');

export const SUBJECT_BYTES = 32;
const WRAP_KEY_ID_AT = WRAP_LABEL.length;
const WRAP_SUBJECT_AT = WRAP_KEY_ID_AT + KEY_ID_BYTES;
const BODY_KEY_AT = BODY_LABEL.length + SUBJECT_BYTES;
const RECORD_KEY_BYTES_REUSED_MAX = 1_024;

// Written over by the next of its kind: an allocation each would cost more than what is written.
const wrapping = Buffer.alloc(WRAP_SUBJECT_AT + SUBJECT_BYTES);
const body = Buffer.alloc(BODY_KEY_AT + RECORD_KEY_BYTES_REUSED_MAX);
wrapping.set(WRAP_LABEL);
body.set(BODY_LABEL);

/** A subject's key opens for that subject and under that key-encryption key alone. Valid until the next call. */
export function wrapBound(subject: Buffer, keyId: Buffer): Buffer {
  assertSubject(subject);
  if (keyId.length !== KEY_ID_BYTES) throw new RangeError(`a key id of ${keyId.length} bytes`);
  copyInto(wrapping, WRAP_KEY_ID_AT, keyId);
  copyInto(wrapping, WRAP_SUBJECT_AT, subject);
  return wrapping;
}

/** Values open for their person and their record alone. Valid until the next call. */
export function bodyBound(subject: Buffer, recordKey: string): Buffer {
  assertSubject(subject);
  // UTF-8 takes at most three bytes a code unit.
  if (recordKey.length * 3 > RECORD_KEY_BYTES_REUSED_MAX) {
    return Buffer.concat([BODY_LABEL, subject, Buffer.from(recordKey, 'utf8')]);
  }
  copyInto(body, BODY_LABEL.length, subject);
  return body.subarray(0, BODY_KEY_AT + body.write(recordKey, BODY_KEY_AT, 'utf8'));
}

function assertSubject({ length }: Buffer): void {
  if (length !== SUBJECT_BYTES) throw new RangeError(`a blind index of ${length} bytes`);
}

export const newSubjectKey = (): Buffer => randomBytes(SYMMETRIC_KEY_BYTES);

/** `HELD_KEY_BYTES` to be kept beside the subject. */
export function wrapSubjectKey(key: Buffer, subject: Buffer, by: VaultKey): Buffer {
  const held = Buffer.allocUnsafe(HELD_KEY_BYTES);
  held.set(by.idBytes, 0);
  encryptInto(held, KEY_ID_BYTES, {
    key: by.wrapping,
    nonce: randomBytes(NONCE_BYTES),
    bound: wrapBound(subject, by.idBytes),
    plain: key,
  });
  return held;
}

/** @throws Error when the key that wrapped it is not at hand, or a byte or the subject is another */
export function unwrapSubjectKey(held: Buffer, subject: Buffer, keys: VaultKeys): Buffer {
  const keyId = held.subarray(0, KEY_ID_BYTES);
  const by = keys.find(keyId);
  if (by === null) throw new Error('the key that wrapped this is not at hand');
  const bound = wrapBound(subject, keyId);
  return decrypt(held.subarray(KEY_ID_BYTES), { key: by.wrapping, bound });
}

/**
 * Null where the current key does not wrap it, or it does not open: nothing is to wait under a key that is about to go.
 */
export function unwrapIfCurrent(held: Buffer, subject: Buffer, keys: VaultKeys): Buffer | null {
  if (!held.subarray(0, KEY_ID_BYTES).equals(keys.current.idBytes)) return null;
  try {
    return unwrapSubjectKey(held, subject, keys);
  } catch {
    return null;
  }
}

/** Values and openings of one record under the key of its subject: nonce, ciphertext, tag. */
export const sealBody = (plain: Buffer, key: Buffer, subject: Buffer, recordKey: string): Buffer =>
  encrypt({ key, nonce: randomBytes(NONCE_BYTES), bound: bodyBound(subject, recordKey), plain });
