import { decodePayload, valuesOf } from './payload.js';
import {
  BODY_AT,
  ROW_VERSION,
  SealBroken,
  type SealedEntry,
  TOKENS_AT,
  firstByte,
  isIndexedNow,
  subjectOf,
  unsealBytes,
  versionOf,
} from './seal.js';
import { tokenBytes, tokensOf } from './search-tokens.js';
import { newSubjectKey, sealBody, unwrapSubjectKey, wrapSubjectKey } from './subject-key.js';
import type { VaultKeys } from './vault-key.js';

/** A sealed row, and the key its person has: wrapped, `HELD_KEY_BYTES`. */
export interface RowToReseal extends SealedEntry {
  readonly held: Buffer;
}

/**
 * `rowUnder` of many rows, in their order, apart from what this thread does; null where a row could not be done there. It
 * is a help and never a condition: what is null, and all when it rejects, is done here.
 */
export type ResealApart = (
  rows: readonly RowToReseal[],
  keys: Pick<VaultKeys, 'current' | 'index' | 'indexNo'>,
) => Promise<readonly (Buffer | null)[]>;

/**
 * A sealed row as one of today's version whose values lie under the key held for its person. Its tokens stay as they are.
 *
 * @throws SealBroken when it, or that key, does not open
 */
export function rowUnder(held: Buffer, entry: SealedEntry, keys: VaultKeys): Buffer {
  const { sealed, subject, recordKey } = entry;
  const plain = unsealBytes(entry, keys);
  const isOfToday = versionOf(sealed) === ROW_VERSION;
  const tokens = isOfToday
    ? sealed.subarray(TOKENS_AT, BODY_AT)
    : tokenBytes(tokensOf(valuesOf(decodePayload(plain)), keys.index));
  let key: Buffer;
  try {
    key = unwrapSubjectKey(held, subject, keys);
  } catch {
    throw new SealBroken(recordKey);
  }
  const body = sealBody(plain, key, subject, recordKey);
  const first = isOfToday ? (sealed[0] as number) : firstByte(keys.indexNo);
  return Buffer.concat([Buffer.of(first), held, tokens, body]);
}

/**
 * A sealed row whose person and tokens are named by the key of the blind indexes of now, under its own key, which is
 * wrapped by the current one. The row itself when it is so already.
 *
 * @throws SealBroken when it does not open
 */
export function underCurrentIndex(entry: SealedEntry, keys: VaultKeys): SealedEntry {
  const { sealed, recordKey } = entry;
  const isOfToday = versionOf(sealed) === ROW_VERSION;
  if (isOfToday && isIndexedNow(sealed, keys)) return entry;
  const plain = unsealBytes(entry, keys);
  const values = valuesOf(decodePayload(plain));
  const subject = subjectOf(values, keys.index);
  const key = isOfToday
    ? unwrapSubjectKey(sealed.subarray(1, TOKENS_AT), entry.subject, keys)
    : newSubjectKey();
  return {
    ...{ recordKey, subject },
    sealed: Buffer.concat([
      Buffer.of(firstByte(keys.indexNo)),
      wrapSubjectKey(key, subject, keys.current),
      tokenBytes(tokensOf(values, keys.index)),
      sealBody(plain, key, subject, recordKey),
    ]),
  };
}

/**
 * A sealed row that waits for certification, wrapped by the current key: for when the one that wrapped it goes.
 *
 * @throws SealBroken when it does not open
 */
export function underCurrentKey(entry: SealedEntry, keys: VaultKeys): Buffer {
  const { sealed, subject, recordKey } = entry;
  if (versionOf(sealed) !== ROW_VERSION) {
    const held = wrapSubjectKey(newSubjectKey(), subject, keys.current);
    return rowUnder(held, entry, keys);
  }
  try {
    const key = unwrapSubjectKey(sealed.subarray(1, TOKENS_AT), subject, keys);
    const held = wrapSubjectKey(key, subject, keys.current);
    return Buffer.concat([sealed.subarray(0, 1), held, sealed.subarray(TOKENS_AT)]);
  } catch {
    throw new SealBroken(recordKey);
  }
}
