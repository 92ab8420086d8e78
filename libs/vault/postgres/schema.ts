import type { Pool, PoolClient } from 'pg';
import { type VaultKey, VaultKeyWrong } from '../vault-key.js';

/** Any number; the same in every process, so that two that start at once create the tables once. */
const SCHEMA_LOCK = 8_123_170_002n;

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
  `CREATE TABLE IF NOT EXISTS vault_entries (
    event_id uuid PRIMARY KEY,
    record_key text COLLATE "C" NOT NULL,
    subject bytea STORAGE PLAIN NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    wrapped_key bytea STORAGE PLAIN NOT NULL,
    sealed bytea STORAGE EXTERNAL NOT NULL
  )`,
  'CREATE INDEX IF NOT EXISTS vault_entries_subject ON vault_entries USING hash (subject)',
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
 * Creates the tables where they are missing and the key's check value in an empty vault. Safe to run
 * at every start, from several processes at once.
 *
 * @throws VaultKeyWrong when this vault was sealed under another key; nothing was changed
 */
export async function createVaultSchema(pool: Pool, key: VaultKey): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    for (const statement of STATEMENTS) await client.query(statement);
    await settleKey(client, key);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

async function settleKey(client: PoolClient, key: VaultKey): Promise<void> {
  const { rows } = await client.query<{ key_id: string; check_value: Buffer }>(
    'SELECT key_id, check_value FROM vault_keys',
  );
  const known = rows.find((row) => row.key_id === key.id);
  if (known?.check_value.equals(key.check)) return;
  if (rows.length > 0) {
    throw new VaultKeyWrong(
      '当前密钥打不开已有的个人信息保险库。请改用原来的密钥（FUNDFLOW_VAULT_KEY 或密钥文件）；' +
        `保险库的密钥编号为 ${rows.map((row) => row.key_id).join('、')}，当前密钥编号为 ${key.id}。`,
    );
  }
  await client.query('INSERT INTO vault_keys (key_id, check_value) VALUES ($1, $2)', [
    key.id,
    key.check,
  ]);
}
