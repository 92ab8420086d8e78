import type { Pool, PoolClient } from 'pg';
import { rowUnder } from '../row-under.js';
import { SealBroken, type SealedEntry } from '../seal.js';
import { entryBytes } from '../sealed-row.js';
import { newSubjectKey, wrapSubjectKey } from '../subject-key.js';
import type { VaultKeys } from '../vault-key.js';
import { SEALED_ROW } from './find.js';
import { CONTENT_LOCK, transaction } from './schema.js';

const BATCH = 1_000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface FirstRow {
  readonly event_id: string;
  readonly record_key: string;
  readonly subject: Buffer;
  readonly sealed: Buffer;
}

/**
 * Puts entries of the first version, each under a key of its own, under the keys of their people: in batches, each
 * durable, from wherever an earlier run stopped. One that does not open stays as it is, and is a finding when it is
 * opened. Search tokens come with `reindex`.
 */
export async function liftFirstVersion(pool: Pool, keys: VaultKeys): Promise<void> {
  for (let after: string | null = BEFORE_ALL; after !== null;) {
    after = await liftBatch(pool, after, keys);
  }
}

/** Answers the last id looked at, null when there was none. */
function liftBatch(pool: Pool, after: string, keys: VaultKeys): Promise<string | null> {
  return transaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [CONTENT_LOCK]);
    const { rows } = await client.query<FirstRow>(
      `SELECT event_id, record_key, entry.subject, ${SEALED_ROW} AS sealed
         FROM vault_entries entry LEFT JOIN vault_subjects person ON person.subject = entry.subject
        WHERE entry.key_id IS NOT NULL AND event_id > $1 ORDER BY event_id LIMIT ${BATCH}`,
      [after],
    );
    const held = await subjectKeys(client, rows, keys);
    const lifted = rows.flatMap((row) => {
      const sealed = lift(row, held.get(row.subject.toString('hex')) as Buffer, keys);
      return sealed ? [{ id: row.event_id, sealed }] : [];
    });
    await client.query(
      `UPDATE vault_entries entry SET sealed = given.sealed, key_id = NULL, wrapped_key = NULL
         FROM unnest($1::uuid[], $2::bytea[]) AS given (event_id, sealed)
        WHERE entry.event_id = given.event_id`,
      [lifted.map(({ id }) => id), lifted.map(({ sealed }) => sealed)],
    );
    return rows[rows.length - 1]?.event_id ?? null;
  });
}

function lift(row: FirstRow, held: Buffer, keys: VaultKeys): Buffer | null {
  const { record_key: recordKey, subject, sealed } = row;
  const entry: SealedEntry = { recordKey, subject, sealed };
  try {
    return entryBytes(rowUnder(held, entry, keys));
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}

async function subjectKeys(
  client: PoolClient,
  rows: readonly FirstRow[],
  keys: VaultKeys,
): Promise<Map<string, Buffer>> {
  const people = new Map(rows.map(({ subject }) => [subject.toString('hex'), subject]));
  const subjects = [...people.values()];
  await client.query(
    `INSERT INTO vault_subjects (subject, held_key)
     SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT DO NOTHING`,
    [subjects, subjects.map((subject) => wrapSubjectKey(newSubjectKey(), subject, keys.current))],
  );
  const known = await client.query<{ subject: Buffer; held_key: Buffer }>(
    'SELECT subject, held_key FROM vault_subjects WHERE subject = ANY ($1::bytea[])',
    [subjects],
  );
  return new Map(known.rows.map((row) => [row.subject.toString('hex'), row.held_key]));
}
