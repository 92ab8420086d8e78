import { decodePayload, valuesOf } from './payload.js';
import { SealBroken, type SealedEntry, subjectOf, unsealBytes } from './seal.js';
import {
  BODY_AT,
  HELD_VERSION,
  ROW_VERSION,
  TOKENS_AT,
  firstByte,
  indexNoOf,
  isIndexedNow,
  isOfToday,
  keyOfRow,
  versionOf,
} from './sealed-row.js';
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
 * A sealed row as one of today whose values lie under the key held for its person. Its tokens stay as they are.
 *
 * @param version `ROW_VERSION` where its person has no key, and shall have this one
 * @throws SealBroken when it, or that key, does not open
 */
export function rowUnder(
  held: Buffer,
  entry: SealedEntry,
  keys: VaultKeys,
  version: number = HELD_VERSION,
): Buffer {
  const { sealed, subject, recordKey } = entry;
  const plain = unsealBytes(entry, keys);
  const isFirst = !isOfToday(sealed);
  const tokens = isFirst
    ? tokenBytes(tokensOf(valuesOf(decodePayload(plain)), keys.index))
    : sealed.subarray(TOKENS_AT, BODY_AT);
  let key: Buffer;
  try {
    key = unwrapSubjectKey(held, subject, keys);
  } catch {
    throw new SealBroken(recordKey);
  }
  const body = sealBody(plain, key, subject, recordKey);
  const first = firstByte(isFirst ? keys.indexNo : indexNoOf(sealed), version);
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
  const isFirst = !isOfToday(sealed);
  if (!isFirst && isIndexedNow(sealed, keys)) return entry;
  const plain = unsealBytes(entry, keys);
  const values = valuesOf(decodePayload(plain));
  const subject = subjectOf(values, keys.index);
  const key = isFirst ? newSubjectKey() : unwrapSubjectKey(keyOfRow(sealed), entry.subject, keys);
  const version = isFirst ? ROW_VERSION : versionOf(sealed);
  return {
    ...{ recordKey, subject },
    sealed: Buffer.concat([
      Buffer.of(firstByte(keys.indexNo, version)),
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
  if (!isOfToday(sealed)) {
    const held = wrapSubjectKey(newSubjectKey(), subject, keys.current);
    return rowUnder(held, entry, keys, ROW_VERSION);
  }
  try {
    const key = unwrapSubjectKey(keyOfRow(sealed), subject, keys);
    const held = wrapSubjectKey(key, subject, keys.current);
    return Buffer.concat([sealed.subarray(0, 1), held, sealed.subarray(TOKENS_AT)]);
  } catch {
    throw new SealBroken(recordKey);
  }
}
