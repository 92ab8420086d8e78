import type { KeyObject } from 'node:crypto';
import type { Pool } from 'pg';
import type { PostgresKeyring } from './keyring.js';

/** Keys of the blind indexes, the current one first; two while it is changed. */
export type Indexes = readonly [KeyObject, ...KeyObject[]];

/** One change takes long: who asks meets one of its two steps at most. */
const ASKED_MAX = 3;

const allOf = ({ indexes: { current, other } }: PostgresKeyring): Indexes =>
  other ? [current.key, other.key] : [current.key];

/** See `PostgresVault`. */
export async function withIndexes<T>(
  pool: Pool,
  keys: PostgresKeyring,
  ask: (indexes: Indexes) => Promise<T>,
): Promise<T> {
  await keys.refresh(pool);
  for (let asked = 1; ; asked += 1) {
    const before = keys.indexNo;
    const answer = await ask(allOf(keys));
    await keys.refresh(pool);
    if (keys.indexNo === before) return answer;
    if (asked === ASKED_MAX) throw new Error('the key of the blind indexes changes all the time');
  }
}
