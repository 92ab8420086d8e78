import type { Pool, PoolClient } from 'pg';
import type { SearchTokens } from '../search-tokens.js';

const TOKEN_TABLES = ['vault_name_index', 'vault_number_index', 'vault_recent_tokens'];

/** Tokens of an entry that opens. */
export interface Opened {
  readonly eventId: string;
  readonly tokens: SearchTokens;
}

/**
 * The tokens of these entries, wherever they lie, are these; of one that is not among the opened there are none.
 */
export async function replaceTokens(
  client: PoolClient,
  eventIds: readonly string[],
  opened: readonly Opened[],
): Promise<void> {
  for (const table of TOKEN_TABLES) {
    await client.query(
      `DELETE FROM ${table} known USING vault_entries entry
        WHERE entry.event_id = ANY ($1::uuid[]) AND known.entry_no = entry.entry_no`,
      [eventIds],
    );
  }
  const ids = opened.map(({ eventId }) => eventId);
  await client.query(
    `INSERT INTO vault_name_index (entry_no, event_id, region, folded)
     SELECT entry_no, event_id, region, folded
       FROM unnest($1::uuid[], $2::bytea[]) AS given (event_id, folded)
       JOIN vault_entries USING (event_id) WHERE folded IS NOT NULL`,
    [ids, opened.map(({ tokens }) => tokens.folded)],
  );
  await client.query(
    `INSERT INTO vault_number_index (entry_no, event_id, region, account, id_tail, id_shown)
     SELECT entry_no, event_id, region, account, id_tail, id_shown
       FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[])
         AS given (event_id, account, id_tail, id_shown)
       JOIN vault_entries USING (event_id) WHERE num_nonnulls(account, id_tail, id_shown) > 0`,
    [
      ids,
      opened.map(({ tokens }) => tokens.account),
      opened.map(({ tokens }) => tokens.idTail),
      opened.map(({ tokens }) => tokens.idShown),
    ],
  );
}

/** Tokens that belong to no entry any more go. */
export async function dropStrayTokens(pool: Pool): Promise<void> {
  for (const table of TOKEN_TABLES) {
    await pool.query(
      `DELETE FROM ${table} known WHERE NOT EXISTS
         (SELECT FROM vault_entries entry WHERE entry.event_id = known.event_id
             AND entry.entry_no = known.entry_no)`,
    );
  }
}
