import type { Pool, PoolClient } from 'pg';
import { rowUnder } from '../row-under.js';
import { entryBytes } from '../sealed-row.js';
import { newSubjectKey, wrapSubjectKey } from '../subject-key.js';
import type { VaultKeys } from '../vault-key.js';
import { assertBatch } from '../vault.js';
import { findEntries } from './find.js';
import { namesOf } from './person-names.js';
import { CONTENT_LOCK, transaction } from './schema.js';

const DELETE = `
  WITH gone AS (
    DELETE FROM vault_entries WHERE event_id = ANY ($1::uuid[])
    RETURNING event_id, entry_no, subject
  ), names AS (
    DELETE FROM vault_name_index USING gone WHERE vault_name_index.entry_no = gone.entry_no
  ), numbers AS (
    DELETE FROM vault_number_index USING gone WHERE vault_number_index.entry_no = gone.entry_no
  ), recent AS (
    DELETE FROM vault_recent_tokens USING gone WHERE vault_recent_tokens.entry_no = gone.entry_no
  ), marked AS (
    INSERT INTO vault_erased (event_id) SELECT event_id FROM gone ON CONFLICT DO NOTHING
  )
  SELECT event_id, subject FROM gone`;

/**
 * The vault's `destroy` (see the port), in one transaction in which nobody puts. A person of whom something stays gets a
 * new key, so that the old one, wherever it was copied with the wrapped keys, opens nothing that is kept.
 */
export async function destroyEntries(
  pool: Pool,
  eventIds: readonly string[],
  keys: VaultKeys,
): Promise<number> {
  assertBatch(eventIds.length);
  if (eventIds.length === 0) return 0;
  return transaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [CONTENT_LOCK]);
    const { rows } = await client.query<{ subject: Buffer }>(DELETE, [eventIds]);
    const people = new Map(rows.map(({ subject }) => [subject.toString('base64'), subject]));
    for (const subject of people.values()) await renewKey(client, subject, keys);
    return rows.length;
  });
}

const NAMES = `SELECT ${namesOf('$1::bytea')} AS names`;
const LEFT =
  'SELECT event_id FROM vault_entries WHERE subject = ANY ($1::bytea[]) AND key_id IS NULL';

async function renewKey(client: PoolClient, subject: Buffer, keys: VaultKeys): Promise<void> {
  const known = await client.query<{ names: Buffer[] }>(NAMES, [subject]);
  const names = known.rows[0]?.names ?? [];
  const { rows } = await client.query<{ event_id: string }>(LEFT, [names]);
  if (rows.length === 0) {
    await client.query('DELETE FROM vault_subjects WHERE subject = ANY ($1::bytea[])', [names]);
    await client.query('DELETE FROM vault_renamed WHERE former = ANY ($1::bytea[])', [names]);
    return;
  }
  const left = await findEntries(
    client,
    rows.map((row) => row.event_id),
  );
  const key = newSubjectKey();
  const held = new Map(
    names.map((name) => [name.toString('hex'), wrapSubjectKey(key, name, keys.current)]),
  );
  const sealed = [...left.values()].map((entry) =>
    entryBytes(rowUnder(held.get(entry.subject.toString('hex')) as Buffer, entry, keys)),
  );
  await client.query(
    `UPDATE vault_subjects person SET held_key = given.held_key
       FROM unnest($1::bytea[], $2::bytea[]) AS given (subject, held_key)
      WHERE person.subject = given.subject`,
    [names, [...held.values()]],
  );
  await client.query(
    `UPDATE vault_entries entry SET sealed = given.sealed
       FROM unnest($1::uuid[], $2::bytea[]) AS given (event_id, sealed)
      WHERE entry.event_id = given.event_id`,
    [[...left.keys()], sealed],
  );
}
