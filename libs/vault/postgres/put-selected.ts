import type { Pool, PoolClient } from 'pg';
import { ROW_VERSION } from '../seal.js';
import { CONTENT_LOCK } from './schema.js';

/** A statement on the vault's database, and its parameters from $1 on. */
export interface Selection {
  readonly text: string;
  readonly values: readonly unknown[];
}

const PUT_SELECTED = (selection: string): string => `
  WITH given AS MATERIALIZED (${selection}), stored AS MATERIALIZED (
    SELECT vault_put(${CONTENT_LOCK}, array_agg(event_id), array_agg(record_key),
      array_agg(subject), array_agg(whole), array_agg(region)) AS event_id
    FROM given WHERE get_byte(whole, 0) = ${ROW_VERSION}
  )
  SELECT event_id FROM given EXCEPT SELECT event_id FROM stored`;

/** The vault's `putSelected` (see `PostgresVault`), in whatever transaction the session is. */
export async function putSelected(
  session: Pool | PoolClient,
  { text, values }: Selection,
): Promise<string[]> {
  const { rows } = await session.query<{ event_id: string }>(PUT_SELECTED(text), [...values]);
  return rows.map((row) => row.event_id);
}
