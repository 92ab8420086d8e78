import type { Pool } from 'pg';
import { decodePayload, valuesOf } from '../payload.js';
import { SealBroken, type SealedEntry, unsealBytes } from '../seal.js';
import { tokensOf } from '../search-tokens.js';
import type { VaultKeys } from '../vault-key.js';
import { findEntries } from './find.js';
import { dropStrayTokens, replaceTokens } from './replace-tokens.js';
import { CONTENT_LOCK, transaction } from './schema.js';

const BATCH = 1_000;

export interface ReindexSettings {
  readonly pool: Pool;
  readonly keys: VaultKeys;
  /** Regions of the records of these events, as the log has them. */
  regionsOf(eventIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  onProgress?(entries: number): void;
}

export interface Reindexed {
  readonly entries: number;
  /** Entries that do not open: they stay as they are and cannot be searched for. */
  readonly broken: readonly string[];
}

/**
 * Makes the search tables anew from the vault and the log, in batches, each durable; searching and posting go on
 * meanwhile. What belongs to no entry any more goes.
 */
export async function reindexVault(settings: ReindexSettings): Promise<Reindexed> {
  const broken: string[] = [];
  let entries = 0;
  let after = '0';
  for (;;) {
    const batch = await reindexBatch(settings, after, broken);
    if (batch === null) break;
    entries += batch.entries;
    after = batch.last;
    settings.onProgress?.(entries);
  }
  await dropStrayTokens(settings.pool);
  return { entries, broken };
}

async function reindexBatch(
  { pool, keys, regionsOf }: ReindexSettings,
  after: string,
  broken: string[],
): Promise<{ readonly last: string; readonly entries: number } | null> {
  const { rows } = await pool.query<{ event_id: string; entry_no: string }>(
    `SELECT event_id, entry_no::text FROM vault_entries WHERE entry_no > $1
      ORDER BY vault_entries.entry_no LIMIT ${BATCH}`,
    [after],
  );
  const last = rows[rows.length - 1]?.entry_no;
  if (last === undefined) return null;
  const eventIds = rows.map((row) => row.event_id);
  const regions = await regionsOf(eventIds);
  await transaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [CONTENT_LOCK]);
    const found = await findEntries(client, eventIds);
    const places = [...found.keys()].map((id) => regions.get(id) ?? '');
    await client.query(
      `UPDATE vault_entries entry SET region = given.region
         FROM unnest($1::uuid[], $2::text[]) AS given (event_id, region)
        WHERE entry.event_id = given.event_id AND entry.region <> given.region`,
      [[...found.keys()], places],
    );
    const opened = [...found].flatMap(([eventId, entry]) => {
      const tokens = tokensOfEntry(entry, keys);
      if (tokens === null) broken.push(eventId);
      return tokens === null ? [] : [{ eventId, tokens }];
    });
    await replaceTokens(client, eventIds, opened);
  });
  return { last, entries: rows.length };
}

function tokensOfEntry(entry: SealedEntry, keys: VaultKeys) {
  try {
    return tokensOf(valuesOf(decodePayload(unsealBytes(entry, keys))), keys.index);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}
