import { randomBytes } from 'node:crypto';
import {
  NONCE_BYTES,
  SYMMETRIC_KEY_BYTES,
  WRAPPED_KEY_BYTES,
  decrypt,
  encrypt,
  encryptInto,
} from './cipher.js';
import { KEY_ID_BYTES, type VaultKey, type VaultKeys } from './vault-key.js';

/** Id of the key-encryption key, then nonce, ciphertext and tag of the wrapped key. */
export const HELD_KEY_BYTES = KEY_ID_BYTES + WRAPPED_KEY_BYTES;

const WRAP_LABEL = Buffer.from('fundflow-vault/2 key\0');
const BODY_LABEL = Buffer.from('fundflow-vault/2 body\0');

/** A subject's key opens for that subject and under that key-encryption key alone. */
export const wrapBound = (subject: Buffer, keyId: Buffer): Buffer =>
  Buffer.concat([WRAP_LABEL, keyId, subject]);

/** Values open for their person and their record alone. */
export const bodyBound = (subject: Buffer, recordKey: string): Buffer =>
  Buffer.concat([BODY_LABEL, subject, Buffer.from(recordKey, 'utf8')]);

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

/** Values and openings of one record under the key of its subject: nonce, ciphertext, tag. */
export const sealBody = (plain: Buffer, key: Buffer, subject: Buffer, recordKey: string): Buffer =>
  encrypt({ key, nonce: randomBytes(NONCE_BYTES), bound: bodyBound(subject, recordKey), plain });
