import { type KeyObject, createSecretKey, randomBytes } from 'node:crypto';
import { NONCE_BYTES, SYMMETRIC_KEY_BYTES, decrypt, encrypt } from './cipher.js';
import { INDEX_KEYS, type VaultKey } from './vault-key.js';

const LABEL = Buffer.from('fundflow-vault/2 index\0');
const boundTo = (by: VaultKey): Buffer => Buffer.concat([LABEL, by.idBytes]);

/** A key of the blind indexes. */
export interface IndexKey {
  /** See `VaultKeys.indexNo`. */
  readonly no: number;
  readonly key: KeyObject;
}

export const nextIndexNo = (no: number): number => (no + 1) % INDEX_KEYS;
export const formerIndexNo = (no: number): number => (no + INDEX_KEYS - 1) % INDEX_KEYS;

export const newIndexKey = (): KeyObject => createSecretKey(randomBytes(SYMMETRIC_KEY_BYTES));

/** The key of the blind indexes, to be kept beside the key-encryption key's own row. */
export const wrapIndexKey = (index: KeyObject, by: VaultKey): Buffer =>
  encrypt({
    key: by.wrapping,
    nonce: randomBytes(NONCE_BYTES),
    bound: boundTo(by),
    plain: index.export(),
  });

/** @throws Error when a byte or the key is another */
export const unwrapIndexKey = (wrapped: Buffer, by: VaultKey): KeyObject =>
  createSecretKey(decrypt(wrapped, { key: by.wrapping, bound: boundTo(by) }));
