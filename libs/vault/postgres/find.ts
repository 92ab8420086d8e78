import type { Pool, PoolClient } from 'pg';
import type { SealedEntry } from '../seal.js';
import { TOKENS_BYTES } from '../search-tokens.js';

/** A sealed row as `unseal` takes it: of an entry of the first version with its own key, else with its person's. */
export const SEALED_ROW = `
  CASE WHEN entry.key_id IS NULL
       THEN substr(sealed, 1, 1) || person.held_key || '\\x${'00'.repeat(TOKENS_BYTES)}'::bytea
            || substr(sealed, 2)
       ELSE substr(sealed, 1, 1) || decode(entry.key_id, 'hex') || wrapped_key || substr(sealed, 2)
  END`;

const FIND = `
  SELECT event_id, record_key, entry.subject, ${SEALED_ROW} AS sealed
    FROM vault_entries entry LEFT JOIN vault_subjects person ON person.subject = entry.subject
   WHERE event_id = ANY ($1::uuid[])`;

interface EntryRow {
  readonly event_id: string;
  readonly record_key: string;
  readonly subject: Buffer;
  /** Null when the key of the person is gone: then nothing opens. */
  readonly sealed: Buffer | null;
}

const NOTHING = Buffer.alloc(0);

/** By event id; what is not there is left out. */
export async function findEntries(
  pool: Pool | PoolClient,
  eventIds: readonly string[],
): Promise<Map<string, SealedEntry>> {
  const { rows } = await pool.query<EntryRow>(FIND, [eventIds]);
  return new Map(
    rows.map(({ event_id: eventId, record_key: recordKey, subject, sealed }) => [
      eventId,
      { recordKey, subject, sealed: sealed ?? NOTHING },
    ]),
  );
}
