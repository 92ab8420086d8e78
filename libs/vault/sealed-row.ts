import { WRAPPED_KEY_BYTES } from './cipher.js';
import { TOKENS_BYTES } from './search-tokens.js';
import { KEY_ID_BYTES, type VaultKeys } from './vault-key.js';

/**
 * A sealed row: version and number of the key of the blind indexes in one byte, id of the key-encryption key, wrapped key,
 * search tokens, and then nonce, ciphertext and tag under the wrapped key. Version 1 had no tokens and a key for the row
 * alone.
 */
export const ROW_VERSION = 2;
export const FIRST_VERSION = 1;
/**
 * The same, under the key its person had when it was sealed: it goes to that key and never becomes the key of a person who
 * has none, for then that one was destroyed. No single changed bit makes one version of another.
 */
export const HELD_VERSION = 4;
export const WRAPPED_KEY_AT = 1 + KEY_ID_BYTES;
export const TOKENS_AT = WRAPPED_KEY_AT + WRAPPED_KEY_BYTES;
export const BODY_AT = TOKENS_AT + TOKENS_BYTES;
const VERSION_BITS = 4;

/** The first byte of a row whose subject and tokens are keyed so. */
export const firstByte = (indexNo: number, version: number = ROW_VERSION): number =>
  (indexNo << VERSION_BITS) | version;

/** How rows of today begin. */
export const firstBytes = (indexNo: number): readonly number[] =>
  [ROW_VERSION, HELD_VERSION].map((version) => firstByte(indexNo, version));

/** 0 where there is nothing. */
export const versionOf = (sealed: Buffer): number => (sealed[0] ?? 0) & 0x0f;

/** Not of the first version. */
export const isOfToday = (sealed: Buffer): boolean =>
  versionOf(sealed) === ROW_VERSION || versionOf(sealed) === HELD_VERSION;

/** The key a row of today is under, wrapped: `HELD_KEY_BYTES`. */
export const keyOfRow = (sealed: Buffer): Buffer => sealed.subarray(1, TOKENS_AT);

/** Which of the keys of the blind indexes names the person of a row. */
export const indexNoOf = (sealed: Buffer): number => (sealed[0] ?? 0) >> VERSION_BITS;

/** Whether subject and tokens of a row are keyed by the key of the blind indexes of now. */
export const isIndexedNow = (sealed: Buffer, keys: Pick<VaultKeys, 'indexNo'>): boolean =>
  indexNoOf(sealed) === keys.indexNo;

/** The part of a row that `vault_entries` keeps. */
export const entryBytes = (row: Buffer): Buffer =>
  Buffer.concat([Buffer.of(firstByte(indexNoOf(row))), row.subarray(BODY_AT)]);
