import { hash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { NAMES_OF_FUNCTION } from './person-names.js';
import { DROP_EARLIER_PUT_FUNCTION, HELD_KEYS_FUNCTION, PUT_FUNCTION } from './put-function.js';

/** Any number; the same in every process, so that two that start at once create the tables once. */
const SCHEMA_LOCK = 8_123_170_002n;
/** Shared by whoever puts, alone by whoever destroys or changes keys of people. */
export const CONTENT_LOCK = 8_123_170_003n;

/**
 * `subject` is looked up by equality only and its values are random: a hash index is a third of the
 * size of a B-tree. The ciphertexts do not compress, so PostgreSQL need not try.
 */
const STATEMENTS = [
  `CREATE TABLE IF NOT EXISTS vault_keys (
    key_id text COLLATE "C" PRIMARY KEY,
    check_value bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  // The key of the blind indexes lies here under each key-encryption key: it outlives them.
  `ALTER TABLE vault_keys
    ADD COLUMN IF NOT EXISTS state text NOT NULL DEFAULT 'current'
      CHECK (state IN ('current', 'retiring', 'retired')),
    ADD COLUMN IF NOT EXISTS index_key bytea,
    ADD COLUMN IF NOT EXISTS retired_at timestamptz`,
  // While it is changed there is another key of the blind indexes: the next, and then the former one.
  `ALTER TABLE vault_keys
    ADD COLUMN IF NOT EXISTS index_no smallint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS other_index_key bytea,
    ADD COLUMN IF NOT EXISTS other_index_no smallint`,
  // Meanwhile a person has two names: entries may have the former one, everything else has the present one.
  `CREATE TABLE IF NOT EXISTS vault_renamed (
    former bytea STORAGE PLAIN PRIMARY KEY,
    present bytea STORAGE PLAIN NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS vault_renamed_present ON vault_renamed USING hash (present)',
  `CREATE UNIQUE INDEX IF NOT EXISTS vault_keys_current ON vault_keys (state)
    WHERE state = 'current'`,
  `CREATE TABLE IF NOT EXISTS vault_subjects (
    subject bytea STORAGE PLAIN PRIMARY KEY,
    held_key bytea STORAGE PLAIN NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS vault_entries (
    event_id uuid PRIMARY KEY,
    record_key text COLLATE "C" NOT NULL,
    subject bytea STORAGE PLAIN NOT NULL,
    key_id text COLLATE "C",
    wrapped_key bytea STORAGE PLAIN,
    sealed bytea STORAGE EXTERNAL NOT NULL
  )`,
  // Both keys of an entry of its own (the first version) are gone once its person has one.
  `ALTER TABLE vault_entries
    ALTER COLUMN key_id DROP NOT NULL,
    ALTER COLUMN wrapped_key DROP NOT NULL,
    ADD COLUMN IF NOT EXISTS region text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS entry_no bigint GENERATED ALWAYS AS IDENTITY`,
  'CREATE INDEX IF NOT EXISTS vault_entries_subject ON vault_entries USING hash (subject)',
  `CREATE INDEX IF NOT EXISTS vault_entries_first_version ON vault_entries (event_id)
    WHERE key_id IS NOT NULL`,
  // An ascending number as the key: these tables are written with every posting and looked up by their tokens.
  `CREATE TABLE IF NOT EXISTS vault_name_index (
    entry_no bigint PRIMARY KEY,
    event_id uuid NOT NULL,
    region text COLLATE "C" NOT NULL,
    folded bytea STORAGE PLAIN NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS vault_name_index_folded ON vault_name_index (folded)',
  `CREATE TABLE IF NOT EXISTS vault_number_index (
    entry_no bigint PRIMARY KEY,
    event_id uuid NOT NULL,
    region text COLLATE "C" NOT NULL,
    account bytea STORAGE PLAIN,
    id_tail bytea STORAGE PLAIN,
    id_shown bytea STORAGE PLAIN
  )`,
  // Asked for equality alone, as `subject` is; they were B-trees once.
  ...['account', 'id_tail', 'id_shown'].flatMap((column) => [
    `DROP INDEX IF EXISTS vault_number_index_${column}`,
    `CREATE INDEX IF NOT EXISTS vault_number_index_by_${column}
      ON vault_number_index USING hash (${column}) WHERE ${column} IS NOT NULL`,
  ]),
  // Where tokens lie until they are filed into the two tables above: without an index, since it is short and read whole.
  `CREATE TABLE IF NOT EXISTS vault_recent_tokens (
    entry_no bigint NOT NULL,
    event_id uuid NOT NULL,
    region text COLLATE "C" NOT NULL,
    folded bytea STORAGE PLAIN,
    account bytea STORAGE PLAIN,
    id_tail bytea STORAGE PLAIN,
    id_shown bytea STORAGE PLAIN
  )`,
  `CREATE TABLE IF NOT EXISTS vault_erased (
    event_id uuid PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE IF NOT EXISTS vault_restrictions (
    restriction_id uuid PRIMARY KEY,
    subject bytea STORAGE PLAIN NOT NULL,
    until date,
    lifted_at timestamptz
  )`,
  'CREATE INDEX IF NOT EXISTS vault_restrictions_subject ON vault_restrictions (subject)',
  // Why stands with the event that set it; the case is what a restricted person's data are still shown for.
  `CREATE TABLE IF NOT EXISTS vault_holds (
    hold_id uuid PRIMARY KEY,
    subject bytea STORAGE PLAIN NOT NULL,
    case_id text NOT NULL,
    until date,
    lifted_at timestamptz
  )`,
  // Of the record by which the person was named; empty in those set before this was kept.
  `ALTER TABLE vault_holds ADD COLUMN IF NOT EXISTS region text COLLATE "C" NOT NULL DEFAULT ''`,
  'CREATE INDEX IF NOT EXISTS vault_holds_subject ON vault_holds (subject)',
  `CREATE TABLE IF NOT EXISTS vault_erasures (
    erasure_id uuid PRIMARY KEY,
    subject bytea STORAGE PLAIN NOT NULL,
    region text COLLATE "C" NOT NULL,
    basis text NOT NULL,
    state text NOT NULL CHECK (state IN ('proposed', 'approved', 'done')),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL,
    approved_by text CONSTRAINT another_approver CHECK (approved_by <> proposed_by),
    approved_unit text,
    approved_region text,
    event_ids uuid[],
    record_keys text[],
    erased_entries integer,
    done_at timestamptz
  )`,
  `CREATE INDEX IF NOT EXISTS vault_erasures_unfinished ON vault_erasures (erasure_id)
    WHERE state = 'approved'`,
  `CREATE TABLE IF NOT EXISTS vault_unmaskings (
    actor text NOT NULL,
    day date NOT NULL,
    times integer NOT NULL,
    PRIMARY KEY (actor, day)
  )`,
  NAMES_OF_FUNCTION,
  DROP_EARLIER_PUT_FUNCTION,
  PUT_FUNCTION,
  HELD_KEYS_FUNCTION,
];

/** Whether anything was ever sealed here: then a missing key must not be replaced by a new one. */
export async function postgresVaultExists(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ known: boolean }>(
    `SELECT to_regclass('vault_keys') IS NOT NULL AS known`,
  );
  if (rows[0]?.known !== true) return false;
  const keys = await pool.query('SELECT 1 FROM vault_keys LIMIT 1');
  return keys.rows.length > 0;
}

/**
 * Creates the tables where they are missing; `settle` runs in the same transaction. Safe to run at every start, from
 * several processes at once.
 */
export async function createVaultSchema<T>(
  pool: Pool,
  settle: (client: PoolClient) => Promise<T>,
): Promise<T> {
  return transaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    await createTables(client);
    return settle(client);
  });
}

/** Only when this program's tables are not those already there: changing a table waits for whoever reads it. */
async function createTables(client: PoolClient): Promise<void> {
  const digest = hash('sha256', STATEMENTS.join(';'), 'hex');
  const { rows: there } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('vault_schema') IS NOT NULL AS there`,
  );
  // Who may not make tables may still find that they are there.
  if (!there[0]?.there) await client.query('CREATE TABLE vault_schema (digest text NOT NULL)');
  const { rows } = await client.query<{ digest: string }>('SELECT digest FROM vault_schema');
  if (rows[0]?.digest === digest) return;
  for (const statement of STATEMENTS) await client.query(statement);
  await client.query('DELETE FROM vault_schema');
  await client.query('INSERT INTO vault_schema (digest) VALUES ($1)', [digest]);
}

/** Runs `work` in one transaction: committed when it answers, rolled back when it throws. */
export async function transaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
