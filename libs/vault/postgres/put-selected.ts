import type { Pool, PoolClient } from 'pg';
import { type HeldKeys, heldKeysOf, type LeftRow } from './put.js';
import { CONTENT_LOCK } from './schema.js';

/** A statement on the vault's database, and its parameters from $1 on. */
export interface Selection {
  readonly text: string;
  readonly values: readonly unknown[];
}

const PUT_SELECTED = (selection: string): string => `
  WITH given AS MATERIALIZED (${selection})
  SELECT left_id, held FROM (
    SELECT array_agg(event_id) AS event_ids, array_agg(record_key) AS record_keys,
      array_agg(subject) AS subjects, array_agg(whole) AS wholes, array_agg(region) AS regions
    FROM given
  ) given, vault_put(${CONTENT_LOCK}, event_ids, record_keys, subjects, wholes, regions)`;

/** The vault's `putSelected` (see `PostgresVault`), in whatever transaction the session is: what is left. */
export async function putSelected(
  session: Pool | PoolClient,
  { text, values }: Selection,
): Promise<HeldKeys> {
  const { rows } = await session.query<LeftRow>(PUT_SELECTED(text), [...values]);
  return heldKeysOf(rows);
}
