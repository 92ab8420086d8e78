import { randomBytes, randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import { vaultContract } from '../contract.js';
import { type PayeeValues, sealPayee } from '../seal.js';
import { VaultKeyWrong, deriveVaultKey } from '../vault-key.js';
import type { VaultEntry } from '../vault.js';
import { openPostgresVault } from './postgres-vault.js';
import { postgresVaultExists } from './schema.js';

const pools: pg.Pool[] = [];

async function newPool(): Promise<pg.Pool> {
  const connectionString = await (await startTestDatabase()).createDatabase();
  const pool = new pg.Pool({ connectionString, max: 8 });
  pools.push(pool);
  return pool;
}

afterAll(() => Promise.all(pools.map((pool) => pool.end())));

let shared: Promise<pg.Pool> | undefined;

vaultContract('in PostgreSQL', async (key) => {
  const pool = await (shared ??= newPool());
  const vault = await openPostgresVault(pool, key);
  await pool.query('TRUNCATE vault_entries');
  return vault;
});

describe('the vault in PostgreSQL', () => {
  const key = deriveVaultKey(randomBytes(32));
  const values: PayeeValues = {
    name: '韦小某',
    code: '450124196501011234',
    account: '6228480400123456789',
  };
  const entry = (id: string = randomUUID()): VaultEntry => {
    const recordKey = `record:${id}`;
    const { sealed, subject } = sealPayee(values, recordKey, key);
    return { eventId: id, recordKey, sealed, subject };
  };

  it('is created once by processes that start at once', async () => {
    const pool = await newPool();
    expect(await postgresVaultExists(pool)).toBe(false);
    await Promise.all(Array.from({ length: 6 }, () => openPostgresVault(pool, key)));
    expect(await postgresVaultExists(pool)).toBe(true);
    expect((await pool.query('SELECT key_id FROM vault_keys')).rows).toEqual([{ key_id: key.id }]);
  });

  it('does not open with another key, and says so before anything is read', async () => {
    const pool = await newPool();
    await openPostgresVault(pool, key);
    const opening = openPostgresVault(pool, deriveVaultKey(randomBytes(32)));
    await expect(opening).rejects.toThrow(VaultKeyWrong);
    await expect(opening).rejects.toThrow(/请改用原来的密钥.*当前密钥编号为/);
    await openPostgresVault(pool, key);
  });

  it('stores an entry once when several postings of it meet', async () => {
    const vault = await openPostgresVault(await newPool(), key);
    const ids = Array.from({ length: 40 }, () => randomUUID());
    const results = await Promise.all(
      Array.from({ length: 6 }, () => vault.putAll(ids.map((id) => entry(id)))),
    );
    expect(results.flatMap(({ stored }) => stored).sort()).toEqual([...ids].sort());
    expect(results.flatMap(({ kept }) => kept)).toHaveLength(5 * ids.length);
  });

  it('holds no clear value in any table', async () => {
    const pool = await newPool();
    const vault = await openPostgresVault(pool, key);
    await vault.putAll([entry(), entry()]);
    const { rows } = await pool.query<{ line: string }>(
      `SELECT vault_entries::text AS line FROM vault_entries
        UNION ALL SELECT vault_keys::text FROM vault_keys`,
    );
    const text = rows.map((row) => row.line).join('\n');
    expect(rows).toHaveLength(3);
    for (const value of Object.values(values).map(String)) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString('hex'));
    }
  });
});
