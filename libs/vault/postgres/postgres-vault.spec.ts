import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Commitment } from '@fundflow/domain/rows';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import { vaultContract } from '../contract.js';
import type { PayeeValues } from '../payload.js';
import { sealPayee, subjectOf } from '../seal.js';
import { type VaultKeys, VaultKeyWrong, deriveVaultKey } from '../vault-key.js';
import type { VaultEntry } from '../vault.js';
import { singleKey } from './keyring.js';
import { openPostgresVault, type PostgresVault } from './postgres-vault.js';
import { postgresVaultExists } from './schema.js';
import { fileRecentTokens } from './token-filing.js';
import { selectionOf } from '../../../test/support/vault-selection.js';

const pools: pg.Pool[] = [];

async function newPool(): Promise<pg.Pool> {
  const connectionString = await (await startTestDatabase()).createDatabase();
  const pool = new pg.Pool({ connectionString, max: 8 });
  pools.push(pool);
  return pool;
}

/** As the first version made them. */
const FIRST_TABLES = `
  CREATE TABLE vault_keys (key_id text COLLATE "C" PRIMARY KEY, check_value bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE vault_entries (event_id uuid PRIMARY KEY, record_key text COLLATE "C" NOT NULL,
    subject bytea STORAGE PLAIN NOT NULL, key_id text COLLATE "C" NOT NULL,
    wrapped_key bytea STORAGE PLAIN NOT NULL, sealed bytea STORAGE EXTERNAL NOT NULL)`;

afterAll(() => Promise.all(pools.map((pool) => pool.end())));

let shared: Promise<pg.Pool> | undefined;

const sharedKey = singleKey(deriveVaultKey(randomBytes(32)));
vaultContract('in PostgreSQL', async () => {
  const pool = await (shared ??= newPool());
  const vault = await openPostgresVault(pool, sharedKey);
  await pool.query(`TRUNCATE vault_entries, vault_subjects, vault_erased, vault_name_index,
    vault_number_index, vault_recent_tokens`);
  return { vault, keys: vault.keys };
});

describe('the vault in PostgreSQL', () => {
  const key = deriveVaultKey(randomBytes(32));
  const values: PayeeValues = {
    name: '韦小某',
    code: '450124196501011234',
    account: '6228480400123456789',
  };
  const source = singleKey(key);
  const entry = (keys: VaultKeys, id: string = randomUUID()): VaultEntry => {
    const recordKey = `record:${id}`;
    const { sealed, subject } = sealPayee(values, recordKey, keys);
    return { eventId: id, recordKey, sealed, subject, region: '450124' };
  };

  it('puts what lies in its database, rows that have to be sealed anew for their person too', async () => {
    const pool = await newPool();
    const vault = await openPostgresVault(pool, source);
    const known = entry(vault.keys);
    await vault.putAll([known]);
    const made = (name: string): VaultEntry => {
      const id = randomUUID();
      const other = { name, code: null, account: '1234' };
      const { sealed, subject } = sealPayee(other, `record:${id}`, vault.keys);
      return { eventId: id, recordKey: `record:${id}`, sealed, subject, region: '450124' };
    };
    const [first, second, again] = [made('甲例一'), made('甲例二'), entry(vault.keys)];
    const given = [first, again, second, known];
    const selection = selectionOf(given);
    const of = ({ subject }: VaultEntry) => vault.findSubject(subject, { after: null, limit: 9 });
    expect(await vault.putSelected(selection)).toEqual([]);
    for (const each of [first, second]) expect(await of(each)).toEqual([each.eventId]);
    expect(await of(known)).toEqual([again.eventId, known.eventId].sort());
    // Repeated, it changes nothing.
    expect(await vault.putSelected(selection)).toEqual([]);
    const all = given.map(({ eventId }) => eventId).sort();
    const repeated = await vault.putAll(given);
    expect({ ...repeated, repeated: [...repeated.repeated].sort() }).toEqual({
      ...{ stored: [], repeated: all, kept: [] },
    });
    // Sealed again, one has other openings, and those that stand stay.
    const other = [entry(vault.keys, known.eventId), made('甲例三')];
    expect(await vault.putSelected(selectionOf(other))).toEqual([known.eventId]);
    expect(await vault.putSelected({ ...selection, values: Array(5).fill([]) })).toEqual([]);
  });

  it('puts what lies in its database while it is posted, the rest of it too, or nothing', async () => {
    const pool = await newPool();
    const vault = await openPostgresVault(pool, source);
    const stored = async (): Promise<unknown[]> =>
      (await pool.query('SELECT event_id FROM vault_entries ORDER BY event_id')).rows.map(
        (row: { event_id: string }) => row.event_id,
      );
    const idsOf = (given: readonly VaultEntry[]): string[] =>
      given.map(({ eventId }) => eventId).sort();
    const given = [entry(vault.keys), entry(vault.keys)];
    await vault.beginPutSelected(selectionOf(given)).drop();
    expect(await stored()).toEqual([]);
    expect(await vault.beginPutSelected(selectionOf(given)).keep()).toEqual([]);
    expect(await stored()).toEqual(idsOf(given));
    // The same record sealed again has other openings, and those that stand stay.
    const [first] = given as [VaultEntry, VaultEntry];
    const resealed = [entry(vault.keys, first.eventId), entry(vault.keys)];
    const again = vault.beginPutSelected(selectionOf(resealed));
    expect(await again.keep()).toEqual([first.eventId]);
    // More than may be under way begin when they are kept.
    const others = Array.from({ length: 4 }, () => [entry(vault.keys)]);
    const begun = others.map((each) => vault.beginPutSelected(selectionOf(each)));
    for (const each of begun) expect(await each.keep()).toEqual([]);
    expect(await stored()).toEqual(idsOf([...given, ...resealed.slice(1), ...others.flat()]));
  });

  it('replaces the function by which an earlier version put, which answered less', async () => {
    const pool = await newPool();
    await openPostgresVault(pool, source);
    for (const answers of ['SETOF uuid', 'TABLE (left_id uuid, held bytea)']) {
      await pool.query(`DROP FUNCTION vault_put;
        CREATE FUNCTION vault_put(content_lock bigint, event_ids uuid[], record_keys text[],
          subjects bytea[], wholes bytea[], regions text[]) RETURNS ${answers}
          LANGUAGE plpgsql AS 'BEGIN RAISE ''of an earlier version''; END';
        DELETE FROM vault_schema`);
      const vault = await openPostgresVault(pool, source);
      expect(await vault.putSelected(selectionOf([entry(vault.keys)]))).toEqual([]);
    }
  });

  it('is created once by processes that start at once', async () => {
    const pool = await newPool();
    expect(await postgresVaultExists(pool)).toBe(false);
    await Promise.all(Array.from({ length: 6 }, () => openPostgresVault(pool, source)));
    expect(await postgresVaultExists(pool)).toBe(true);
    expect((await pool.query('SELECT key_id FROM vault_keys')).rows).toEqual([{ key_id: key.id }]);
  });

  it('does not open with another key, and says so before anything is read', async () => {
    const pool = await newPool();
    await openPostgresVault(pool, source);
    const opening = openPostgresVault(pool, singleKey(deriveVaultKey(randomBytes(32))));
    await expect(opening).rejects.toThrow(VaultKeyWrong);
    await expect(opening).rejects.toThrow(/请改用原来的密钥.*当前密钥编号为/);
    await openPostgresVault(pool, source);
  });

  it('stores an entry once when several postings of it meet', async () => {
    const vault = await openPostgresVault(await newPool(), source);
    const ids = Array.from({ length: 40 }, () => randomUUID());
    const results = await Promise.all(
      Array.from({ length: 6 }, () => vault.putAll(ids.map((id) => entry(vault.keys, id)))),
    );
    expect(results.flatMap(({ stored }) => stored).sort()).toEqual([...ids].sort());
    expect(results.flatMap(({ kept }) => kept)).toHaveLength(5 * ids.length);
  });

  it('shows nobody a put that is under way, and makes it whole when its session was lost', async () => {
    const pool = await newPool();
    pool.on('connect', (client) => client.on('error', () => undefined));
    const vault = await openPostgresVault(pool, source);
    const count = async (): Promise<number> =>
      (await pool.query('SELECT FROM vault_entries')).rows.length;
    const all = Array.from({ length: 5 }, () => entry(vault.keys));
    // All name one person: the second waits for the first, and what is more than two begins when it is kept.
    const begun = all.map((each) => vault.beginPut([each]));
    const isOpen = `SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND state = 'idle in transaction'`;
    let pid: number | undefined;
    while (pid === undefined) pid = (await pool.query<{ pid: number }>(isOpen)).rows[0]?.pid;
    expect(await count()).toBe(0);
    await pool.query('SELECT pg_terminate_backend($1)', [pid]);
    const results = await Promise.all(begun.map((each) => each.keep()));
    expect(results.flatMap(({ stored }) => stored)).toEqual(all.map(({ eventId }) => eventId));
    expect(await count()).toBe(5);
  });

  it('finds a row that was sealed anew for its person as it finds the first', async () => {
    const pool = await newPool();
    const vault = await openPostgresVault(pool, source);
    for (const each of [entry(vault.keys), entry(vault.keys)]) await vault.putAll([each]);
    const tokens = await pool.query<{ n: string }>(
      `SELECT count(*) AS n FROM vault_recent_tokens
        WHERE num_nonnulls(folded, account, id_tail, id_shown) = 4
        GROUP BY folded, account, id_tail, id_shown`,
    );
    expect(tokens.rows).toEqual([{ n: '2' }]);
  });

  it('settles on one key of a person whom several processes put first at once', async () => {
    const pool = await newPool();
    const vaults = await Promise.all(
      Array.from({ length: 4 }, () => openPostgresVault(pool, source)),
    );
    const recorded = await Promise.all(
      vaults.flatMap((vault) => Array.from({ length: 5 }, () => putOne(vault))),
    );
    const { rows } = await pool.query<{ n: string }>('SELECT count(*) AS n FROM vault_subjects');
    expect(rows[0]?.n).toBe('1');
    const opened = await vaults[0]?.open(recorded);
    expect([...(opened?.values() ?? [])]).toEqual(recorded.map(() => values));
  });

  async function putOne(vault: PostgresVault) {
    const id = randomUUID();
    const { sealed, subject, ...fields } = sealPayee(values, `record:${id}`, vault.keys);
    const recordKey = `record:${id}`;
    const [stored] = [
      await vault.putAll([{ eventId: id, recordKey, sealed, subject, region: '' }]),
    ];
    expect(stored.stored).toEqual([id]);
    return { eventId: id, payee: { kind: 'person', ...fields } as const };
  }

  it('never puts an entry under a key that is being destroyed', async () => {
    const pool = await newPool();
    const vault = await openPostgresVault(pool, source);
    const before = await Promise.all(Array.from({ length: 20 }, () => putOne(vault)));
    const [recorded] = await Promise.all([
      Promise.all(Array.from({ length: 40 }, () => putOne(vault))),
      ...before.map(({ eventId }) => vault.destroy([eventId])),
    ]);
    expect((await vault.open(recorded)).size).toBe(40);
    expect(await vault.open(before)).toEqual(new Map());
    await vault.destroy(recorded.map(({ eventId }) => eventId));
    for (const table of ['entries', 'subjects', 'name_index', 'number_index', 'recent_tokens']) {
      expect((await pool.query(`SELECT FROM vault_${table}`)).rows).toEqual([]);
    }
  });

  it('puts entries of the first version under the keys of their people when it is opened', async () => {
    const golden = JSON.parse(
      readFileSync(
        new URL('../../../test/golden/vault-first-version.json', import.meta.url),
        'utf8',
      ),
    ) as {
      key: string;
      recordKey: string;
      subject: string;
      sealed: string;
      values: PayeeValues;
    } & {
      commitments: { name: Commitment; code: Commitment; account: Commitment };
    };
    const pool = await newPool();
    const old = deriveVaultKey(Buffer.from(golden.key, 'hex'));
    await pool.query(FIRST_TABLES);
    await pool.query('INSERT INTO vault_keys VALUES ($1, $2)', [old.id, old.check]);
    const eventId = randomUUID();
    const whole = Buffer.from(golden.sealed, 'hex');
    const broken = randomUUID();
    for (const [id, cut] of [
      [eventId, 69],
      [broken, 70],
    ] as const) {
      await pool.query('INSERT INTO vault_entries VALUES ($1, $2, $3, $4, $5, $6)', [
        ...[id, golden.recordKey, Buffer.from(golden.subject, 'hex'), old.id],
        ...[whole.subarray(9, 69), Buffer.concat([whole.subarray(0, 1), whole.subarray(cut)])],
      ]);
    }
    const vault = await openPostgresVault(pool, singleKey(old));
    const recorded = { eventId, payee: { kind: 'person', ...golden.commitments } } as const;
    expect(await vault.open([recorded])).toEqual(new Map([[eventId, golden.values]]));
    expect(subjectOf(golden.values, vault.keys.index).toString('hex')).toBe(golden.subject);
    const first = await pool.query('SELECT event_id FROM vault_entries WHERE key_id IS NOT NULL');
    expect(first.rows).toEqual([{ event_id: broken }]);
    const opening = vault.open([{ ...recorded, eventId: broken }]);
    await expect(opening).rejects.toMatchObject({ eventIds: [broken] });
  });

  it('takes up the tables of the release before: another function to put, other indexes', async () => {
    const pool = await newPool();
    const before = entry((await openPostgresVault(pool, source)).keys);
    await pool.query(`
      DROP TABLE vault_recent_tokens;
      DROP FUNCTION vault_put;
      CREATE FUNCTION vault_put(content_lock bigint, event_ids uuid[], record_keys text[],
        subjects bytea[], wholes bytea[], regions text[]) RETURNS SETOF uuid LANGUAGE sql
        AS 'SELECT unnest(event_ids)';
      DROP INDEX vault_number_index_by_account, vault_number_index_by_id_tail,
        vault_number_index_by_id_shown;
      CREATE INDEX vault_number_index_account ON vault_number_index (account)
        WHERE account IS NOT NULL;
      UPDATE vault_schema SET digest = 'of the release before'`);
    const vault = await openPostgresVault(pool, source);
    expect(await vault.putAll([before])).toMatchObject({ stored: [before.eventId] });
    const { rows } = await pool.query<{ name: string }>(
      `SELECT indexname AS name FROM pg_indexes WHERE tablename = 'vault_number_index'
        ORDER BY indexname COLLATE "C"`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      ...['by_account', 'by_id_shown', 'by_id_tail'].map((by) => `vault_number_index_${by}`),
      'vault_number_index_pkey',
    ]);
  });

  it('holds no clear value in any table', async () => {
    const pool = await newPool();
    const vault = await openPostgresVault(pool, source);
    await vault.putAll([entry(vault.keys)]);
    expect(await fileRecentTokens(pool)).toBe(1);
    await vault.putAll([entry(vault.keys)]);
    const { rows } = await pool.query<{ line: string }>(
      `SELECT vault_entries::text AS line FROM vault_entries
        UNION ALL SELECT vault_keys::text FROM vault_keys
        UNION ALL SELECT vault_subjects::text FROM vault_subjects
        UNION ALL SELECT vault_name_index::text FROM vault_name_index
        UNION ALL SELECT vault_number_index::text FROM vault_number_index
        UNION ALL SELECT vault_recent_tokens::text FROM vault_recent_tokens`,
    );
    const text = rows.map((row) => row.line).join('\n');
    expect(rows).toHaveLength(7);
    for (const value of Object.values(values).map(String)) {
      expect(text).not.toContain(value);
      expect(text).not.toContain(Buffer.from(value).toString('hex'));
    }
  });
});
