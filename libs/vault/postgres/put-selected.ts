import { elementsOf } from '@fundflow/postgres-arrays/elements';
import type { Pool, PoolClient } from 'pg';
import type { VaultEntry } from '../vault.js';
import type { Tried } from './put.js';
import { CONTENT_LOCK } from './schema.js';

/** A statement on the vault's database, and its parameters from $1 on. */
export interface Selection {
  /** By which a session keeps the statement: planning it costs as much as putting a hundred people. One text each. */
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Every column of what is left as one value: nothing of it is read cell by cell. */
const PUT_SELECTED = (selection: string): string => `
  SELECT array_send(array_agg(left_id::text)) AS event_ids,
    array_send(array_agg(left_key)) AS record_keys,
    array_send(array_agg(left_subject)) AS subjects, array_send(array_agg(left_whole)) AS wholes,
    array_send(array_agg(left_region)) AS regions,
    array_send(array_agg(coalesce(held, ''))) AS held_keys
  FROM (
    SELECT array_agg(event_id) AS event_ids, array_agg(record_key) AS record_keys,
      array_agg(subject) AS subjects, array_agg(whole) AS wholes, array_agg(region) AS regions
    FROM (${selection} OFFSET 0) given
  ) given, vault_put(${CONTENT_LOCK}, event_ids, record_keys, subjects, wholes, regions)`;

interface LeftColumns {
  readonly event_ids: Buffer;
  readonly record_keys: Buffer;
  readonly subjects: Buffer;
  readonly wholes: Buffer;
  readonly regions: Buffer;
  readonly held_keys: Buffer;
}

/** Puts selected rows as they are, in whatever transaction the session is: what is left, all of it with the key held. */
export async function trySelected(
  session: Pool | PoolClient,
  { name, text, values }: Selection,
): Promise<Tried> {
  const { rows } = await session.query<LeftColumns | Record<keyof LeftColumns, null>>({
    name: `vault_put_${name}`,
    text: PUT_SELECTED(text),
    values: [...values],
  });
  const [left] = rows;
  // Aggregates over nothing are null.
  if (!left?.event_ids) return { entries: [], held: new Map() };
  const [recordKeys, regions] = [elementsOf(left.record_keys), elementsOf(left.regions)];
  const [subjects, wholes] = [elementsOf(left.subjects), elementsOf(left.wholes)];
  const heldKeys = elementsOf(left.held_keys);
  const held = new Map<string, Buffer | null>();
  const entries = elementsOf(left.event_ids).map((id, at): VaultEntry => {
    const eventId = id.toString('latin1');
    const key = heldKeys[at] as Buffer;
    held.set(eventId, key.length === 0 ? null : key);
    return {
      ...{ eventId, recordKey: String(recordKeys[at]), region: String(regions[at]) },
      ...{ subject: subjects[at] as Buffer, sealed: wholes[at] as Buffer },
    };
  });
  return { entries, held };
}
