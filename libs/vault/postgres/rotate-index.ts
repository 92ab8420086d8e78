import type { Pool, PoolClient } from 'pg';
import { type IndexKey, newIndexKey, nextIndexNo, wrapIndexKey } from '../index-key.js';
import { underCurrentIndex } from '../row-under.js';
import type { SealedEntry } from '../seal.js';
import { firstByte } from '../sealed-row.js';
import { PostgresKeyring, type VaultKeySource } from './keyring.js';
import { liftFirstVersion } from './lift-first-version.js';
import { moveEntries } from './move-entries.js';
import { nameAll, nameBatch, nameTheGone, type OtherNames } from './name-anew.js';
import { dropStrayTokens, replaceTokens } from './replace-tokens.js';
import { CONTENT_LOCK, createVaultSchema, transaction } from './schema.js';

export interface IndexRotationSettings {
  readonly pool: Pool;
  readonly source: VaultKeySource;
  readonly elsewhere: OtherNames;
  /** Gives every row that waits for certification and begins so to `rename`. */
  renameStaged(starts: readonly Buffer[], rename: (row: SealedEntry) => SealedEntry): Promise<void>;
  /** Keeps the former key apart: as soon as it answers the vault forgets it. May be asked again after a crash. */
  keepApart(former: IndexKey): void;
  /** After each durable step: people who have a further name, then entries that have it; each number grows. */
  onProgress?(step: 'people' | 'entries', done: number): void | Promise<void>;
  /** People, or entries, of one durable step. */
  readonly batch?: number;
}

export interface IndexRotation {
  /** People who got a name under the new key in this run. */
  readonly people: number;
  /** Entries that were put under it in this run. */
  readonly entries: number;
  /** Entries that do not open: they stay under the former name, and nobody finds them. */
  readonly broken: readonly string[];
}

/** Short steps: what is posted meanwhile waits for one of them. */
const BATCH = 500;
/** Passes over everybody, while new people come, before the rest is done with the doors shut. */
const PASSES_MAX = 20;

/**
 * Changes the key of the blind indexes beside a ledger that goes on (record 20): everybody gets a name under the new key,
 * then that key becomes the current one, then entries and tokens are put under it, then the former key is forgotten. In
 * batches, each durable: a run that was cut short is taken up by the next. Records and commitments stay as they are.
 *
 * @throws VaultKeyWrong when a key-encryption key that is needed is not at hand
 */
export async function rotateIndexKey(settings: IndexRotationSettings): Promise<IndexRotation> {
  const { pool, source } = settings;
  const keys = await createVaultSchema(pool, (client) => PostgresKeyring.settle(client, source));
  await liftFirstVersion(pool, keys);
  await prepare(pool, keys);
  const people = keys.isIndexPrepared ? await giveNames(settings, keys) : 0;
  const entries = await moveEntries(pool, keys, {
    batch: settings.batch ?? BATCH,
    onProgress: async (done) => settings.onProgress?.('entries', done),
  });
  const broken = await withoutTokens(pool, keys);
  await settings.renameStaged(keys.formerStarts(), (row) => underCurrentIndex(row, keys));
  await forget(settings, keys);
  return { people, entries, broken };
}

/** Lays a new key beside the current one, unless an earlier run did. */
async function prepare(pool: Pool, keys: PostgresKeyring): Promise<void> {
  await transaction(pool, async (client) => {
    await client.query('LOCK TABLE vault_keys IN SHARE ROW EXCLUSIVE MODE');
    await keys.refresh(client);
    if (keys.indexes.other) return;
    await client.query(
      `UPDATE vault_keys SET other_index_key = $1, other_index_no = $2 WHERE state = 'current'`,
      [wrapIndexKey(newIndexKey(), keys.current), nextIndexNo(keys.indexNo)],
    );
  });
  await keys.refresh(pool);
}

async function giveNames(
  { pool, elsewhere, onProgress, batch: size = BATCH }: IndexRotationSettings,
  keys: PostgresKeyring,
): Promise<number> {
  let people = 0;
  for (let pass = 1; pass <= PASSES_MAX; pass += 1) {
    const before = people;
    for (let after: Buffer | null = Buffer.alloc(0); after !== null;) {
      const batch = await alone(pool, keys, (client) =>
        nameBatch(client, keys, { after: after as Buffer, size, elsewhere }),
      );
      people += batch.named;
      after = batch.last;
      await onProgress?.('people', people);
    }
    if (people - before <= size) break;
  }
  return people + (await alone(pool, keys, (client) => makeCurrent(client, keys, elsewhere)));
}

/** With the doors shut: nobody is left without a name under the new key, which becomes the current one. */
async function makeCurrent(
  client: PoolClient,
  keys: PostgresKeyring,
  elsewhere: OtherNames,
): Promise<number> {
  if (!keys.isIndexPrepared) return 0;
  const named = await nameAll(client, keys, elsewhere);
  await nameTheGone(client, keys, elsewhere);
  await client.query(
    `UPDATE vault_keys SET index_key = other_index_key, index_no = other_index_no,
       other_index_key = index_key, other_index_no = index_no
      WHERE state = 'current'`,
  );
  await keys.refresh(client);
  return named;
}

/** Entries that did not open have no tokens any more; answers which they are. */
async function withoutTokens(pool: Pool, keys: PostgresKeyring): Promise<string[]> {
  const { rows } = await pool.query<{ event_id: string }>(
    'SELECT event_id FROM vault_entries WHERE get_byte(sealed, 0) <> $1 ORDER BY event_id',
    [firstByte(keys.indexNo)],
  );
  const broken = rows.map((row) => row.event_id);
  if (broken.length > 0) {
    await alone(pool, keys, (client) => replaceTokens(client, broken, []));
  }
  await dropStrayTokens(pool);
  return broken;
}

async function forget(settings: IndexRotationSettings, keys: PostgresKeyring): Promise<void> {
  await alone(settings.pool, keys, async (client) => {
    const former = keys.indexes.other;
    if (former === null) return;
    settings.keepApart(former);
    await client.query('UPDATE vault_keys SET other_index_key = NULL, other_index_no = NULL');
    await client.query(`UPDATE vault_keys SET index_key = NULL WHERE state <> 'current'`);
    await client.query('DELETE FROM vault_renamed');
  });
  await keys.refresh(settings.pool);
}

/** In one transaction, with the keys of now, in which nobody puts, destroys or decides about people. */
function alone<T>(
  pool: Pool,
  keys: PostgresKeyring,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return transaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [CONTENT_LOCK]);
    await keys.refresh(client);
    return work(client);
  });
}
