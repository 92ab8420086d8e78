import type { Pool } from 'pg';
import { allMasked, openRecorded } from '../open-recorded.js';
import { type ResealApart, underCurrentIndex } from '../row-under.js';
import type { SealedEntry } from '../seal.js';
import type { VaultKeys } from '../vault-key.js';
import { type Standing, type Vault, assertBatch } from '../vault.js';
import { destroyEntries } from './destroy.js';
import { findEntries } from './find.js';
import { heldKeysOf } from './held-keys.js';
import { type Indexes, withIndexes } from './indexes.js';
import { PostgresKeyring, type VaultKeySource } from './keyring.js';
import { liftFirstVersion } from './lift-first-version.js';
import { namesOf, presentName } from './person-names.js';
import { putAll } from './put.js';
import type { Selection } from './put-selected.js';
import { PutsUnderWay, type SelectedPutUnderWay } from './put-under-way.js';
import { createVaultSchema } from './schema.js';

const FIND_SUBJECT = `
  SELECT event_id FROM vault_entries
   WHERE subject = ANY (${namesOf('$1::bytea')}) AND ($2::uuid IS NULL OR event_id > $2) ORDER BY event_id LIMIT $3`;

const NAMES = `SELECT ${namesOf('$1::bytea')} AS names`;

const STANDING = `
  SELECT event_id, 'erased' AS standing FROM vault_erased WHERE event_id = ANY ($1::uuid[])
   UNION ALL
  SELECT event_id, 'restricted' FROM vault_entries entry
   WHERE event_id = ANY ($1::uuid[])
     AND EXISTS (SELECT FROM vault_restrictions limited
                  WHERE limited.subject = ${presentName('entry.subject')} AND limited.lifted_at IS NULL)`;

/** A vault with the keys it is opened with: what seals rows for it needs them. */
export interface PostgresVault extends Vault {
  readonly keys: VaultKeys;

  /**
   * Asks something that names people by blind index or token with every key there is of those, the current one first; again
   * when another one became the current one meanwhile.
   */
  withIndexes<T>(ask: (indexes: Indexes) => Promise<T>): Promise<T>;

  /** Takes up keys that another process made the current ones. */
  refreshKeys(): Promise<void>;

  /** Blind indexes under which something of the person may be kept: two while the key of those is changed. */
  namesOf(subject: Buffer): Promise<readonly Buffer[]>;

  /** How sealed rows begin whose person is named by the key of the blind indexes before the current one, and such a row anew. */
  readonly formerlyNamed: {
    starts(): Promise<readonly Buffer[]>;
    rename(row: SealedEntry): SealedEntry;
  };

  /**
   * The keys that people have, for who is about to seal rows about them.
   *
   * @param subjects blind indexes one behind the other
   * @returns in their order, `HELD_KEY_BYTES` each; zeros for whoever has none
   */
  heldKeysOf(subjects: Buffer): Promise<Buffer>;

  /**
   * `putAll` of sealed rows that lie in the same database already. Only those come through the process whose person has
   * another key already, to be sealed anew, and those that are known.
   *
   * @param selection yields `event_id`, `record_key`, `subject`, `whole` (the sealed row) and `region`, no event twice, at
   * most `VAULT_BATCH_MAX`
   * @returns event ids under which the vault holds other openings, as `PutResult.kept`
   */
  putSelected(selection: Selection): Promise<readonly string[]>;

  /** `beginPut` of such rows. */
  beginPutSelected(selection: Selection): SelectedPutUnderWay;
}

/**
 * The vault in PostgreSQL; creates its tables where they are missing, and puts entries of the first version under the
 * keys of their people. The pool stays the caller's.
 *
 * @param apart seals many rows anew; without it all are sealed here
 * @throws VaultKeyWrong when the vault was sealed under another key
 */
export async function openPostgresVault(
  pool: Pool,
  source: VaultKeySource,
  apart: ResealApart | null = null,
): Promise<PostgresVault> {
  const keys = await createVaultSchema(pool, (client) => PostgresKeyring.settle(client, source));
  await liftFirstVersion(pool, keys);
  const open: Vault['open'] = async (recorded) => {
    assertBatch(recorded.length);
    const found = await findEntries(
      pool,
      recorded.map(({ eventId }) => eventId),
    );
    return openRecorded(recorded, found, keys);
  };
  const standing: Vault['standing'] = async (eventIds) => {
    assertBatch(eventIds.length);
    const { rows } = await pool.query<{ event_id: string; standing: Standing }>(STANDING, [
      eventIds,
    ]);
    return new Map(rows.map((row) => [row.event_id, row.standing]));
  };
  const sealing = { keys, apart };
  const underWay = new PutsUnderWay(pool, sealing);
  return {
    keys,
    withIndexes: (ask) => withIndexes(pool, keys, ask),
    refreshKeys: () => keys.refresh(pool),
    namesOf: async (subject) => {
      const { rows } = await pool.query<{ names: Buffer[] }>(NAMES, [subject]);
      return rows[0]?.names ?? [subject];
    },
    formerlyNamed: {
      starts: async () => {
        await keys.refresh(pool);
        return keys.formerStarts();
      },
      rename: (row) => underCurrentIndex(row, keys),
    },
    heldKeysOf: (subjects) => heldKeysOf(pool, subjects),
    putAll: (entries) => putAll(pool, entries, sealing),
    beginPut: (entries) => underWay.begin(entries),
    putSelected: (selection) => underWay.putSelected(selection),
    beginPutSelected: (selection) => underWay.beginSelected(selection),
    open,
    standing,
    openMasked: async (recorded) => {
      assertBatch(recorded.length);
      const ids = recorded.map(({ eventId }) => eventId);
      const [shut, found] = await Promise.all([standing(ids), findEntries(pool, ids)]);
      const shown = recorded.filter(({ eventId }) => !shut.has(eventId));
      return allMasked(openRecorded(shown, found, keys));
    },
    async findSubject(subject, { after, limit }) {
      assertBatch(limit);
      const { rows } = await pool.query<{ event_id: string }>(FIND_SUBJECT, [
        subject,
        after,
        limit,
      ]);
      return rows.map((row) => row.event_id);
    },
    destroy: (eventIds) => destroyEntries(pool, eventIds, keys),
  };
}
