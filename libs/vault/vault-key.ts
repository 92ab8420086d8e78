import { type KeyObject, createSecretKey, hkdfSync } from 'node:crypto';

export const VAULT_KEY_BYTES = 32;
export const KEY_ID_BYTES = 8;

/**
 * What is derived from the key-encryption key (HKDF-SHA256, one label a purpose). The key itself is
 * never kept, and key objects do not print their content.
 */
export interface VaultKey {
  /** 16 hex digits; stands beside everything sealed under this key. */
  readonly id: string;
  readonly idBytes: Buffer;
  /** Wraps the data keys. */
  readonly wrapping: KeyObject;
  /** Keyed the blind index before it had a key of its own: still does in vaults of that time. */
  readonly subjects: KeyObject;
  /** Kept in the vault, so that another key is recognised before it is used. */
  readonly check: Buffer;
}

/** The keys a process works with. */
export interface VaultKeys {
  /** Wraps what is sealed from now on; another one after a rotation. */
  readonly current: VaultKey;
  /** Keys the blind indexes of what is sealed from now on; another one after it was changed. */
  readonly index: KeyObject;
  /** Which of the keys of the blind indexes that is: 0 to `INDEX_KEYS` - 1, and then 0 again. Stands in every sealed row. */
  readonly indexNo: number;
  /** The key with these id bytes, while it is at hand. */
  find(idBytes: Buffer): VaultKey | null;
}

/** Numbers of keys of the blind indexes: two are there at most, one behind the other. */
export const INDEX_KEYS = 16;

/** One key that never rotates, in memory: for tests and for vaults without a database. */
export const keysOf = (key: VaultKey): VaultKeys => ({
  current: key,
  index: key.subjects,
  indexNo: 0,
  find: (idBytes) => (idBytes.equals(key.idBytes) ? key : null),
});

/** A text or file that should be a vault key and is not. */
export class VaultKeyMalformed extends Error {
  override readonly name = 'VaultKeyMalformed';
}

/** There is sealed data, and no key to it. */
export class VaultKeyMissing extends Error {
  override readonly name = 'VaultKeyMissing';
}

/** A well-formed key that does not open this vault. */
export class VaultKeyWrong extends Error {
  override readonly name = 'VaultKeyWrong';
}

/** @throws RangeError when it has not `VAULT_KEY_BYTES` bytes */
export function deriveVaultKey(keyEncryptionKey: Uint8Array): VaultKey {
  if (keyEncryptionKey.length !== VAULT_KEY_BYTES) {
    throw new RangeError(
      `a vault key has ${VAULT_KEY_BYTES} bytes, not ${keyEncryptionKey.length}`,
    );
  }
  const derive = (purpose: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', keyEncryptionKey, '', `fundflow-vault/1 ${purpose}`, bytes));
  const idBytes = derive('id', KEY_ID_BYTES);
  return {
    id: idBytes.toString('hex'),
    idBytes,
    wrapping: createSecretKey(derive('wrapping', 32)),
    subjects: createSecretKey(derive('subjects', 32)),
    check: derive('check', 32),
  };
}

/** Several keys, apart by white space, commas or semicolons; null when one of them is none. */
export function parseVaultKeys(text: string): Buffer[] | null {
  const keys = text.split(/[\s,;]+/).filter((part) => part !== '');
  const parsed = keys.map(parseVaultKey);
  return parsed.length > 0 && parsed.every((key) => key !== null) ? parsed : null;
}

/** 64 hex digits, or the base64 (also base64url, with or without padding) of 32 bytes; null for anything else. */
export function parseVaultKey(text: string): Buffer | null {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null;
  return Buffer.from(trimmed, 'base64');
}
