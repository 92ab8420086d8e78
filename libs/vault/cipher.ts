import { createCipheriv, createDecipheriv } from 'node:crypto';

export const SYMMETRIC_KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
/** Nonce, ciphertext and tag of a key of 32 bytes. */
export const WRAPPED_KEY_BYTES = NONCE_BYTES + SYMMETRIC_KEY_BYTES + TAG_BYTES;

const CIPHER = 'aes-256-gcm';
const AS_LONG = { authTagLength: TAG_BYTES };

export type CipherKey = Parameters<typeof createCipheriv>[1];

export interface Encryption {
  readonly key: CipherKey;
  /** `NONCE_BYTES` random bytes, never used twice with one key. */
  readonly nonce: Buffer;
  /** What the ciphertext is bound to (associated data); it opens with nothing else. */
  readonly bound: Buffer;
  readonly plain: Buffer;
}

/** AES-256-GCM into `target`: nonce, ciphertext, tag; `NONCE_BYTES + plain.length + TAG_BYTES` bytes from `at`. */
export function encryptInto(target: Buffer, at: number, encryption: Encryption): void {
  const { key, nonce, bound, plain } = encryption;
  const cipher = createCipheriv(CIPHER, key, nonce, AS_LONG);
  cipher.setAAD(bound);
  copyInto(target, at, nonce);
  copyInto(target, at + NONCE_BYTES, cipher.update(plain));
  cipher.final();
  copyInto(target, at + NONCE_BYTES + plain.length, cipher.getAuthTag());
}

/** For a few bytes: a call of `set` costs more than they do. */
export function copyInto(target: Buffer, at: number, bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 1) target[at + i] = bytes[i] as number;
}

export function encrypt(encryption: Encryption): Buffer {
  const sealed = Buffer.allocUnsafe(NONCE_BYTES + encryption.plain.length + TAG_BYTES);
  encryptInto(sealed, 0, encryption);
  return sealed;
}

/** @throws Error when a byte, the key or what it is bound to is another */
export function decrypt(
  bytes: Buffer,
  { key, bound }: { readonly key: CipherKey; readonly bound: Buffer },
): Buffer {
  const tagAt = bytes.length - TAG_BYTES;
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, AS_LONG);
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.subarray(tagAt));
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, tagAt));
  decipher.final();
  return plain;
}
