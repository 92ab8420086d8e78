import pg from 'pg';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import type { RegionCode } from '@fundflow/domain/region';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { prepareDatabase } from '@fundflow/runtime/prepare-database';
import { EVERYTHING, NOTHING, type ReadScope, readScopeOf } from './read-scope.js';
import { actingAs, READER_ROLE } from './roles.js';
import { ScopedReads } from './scoped-reads.js';

const PLACES = ['000000', '45', '450124', '450124101', '450125', '52', '5201'];
const regions = loadDivisions();
const scopeOf = (...codes: string[]): ReadScope => readScopeOf(codes as RegionCode[], regions);

let pool: pg.Pool;
let owner: string;
beforeAll(async () => {
  owner = await (await startTestDatabase({ durable: false })).createDatabase();
  await prepareDatabase({ application: owner, owner }, 'spec');
  const client = new pg.Client({ connectionString: owner });
  await client.connect();
  await client.query(
    `INSERT INTO read_side.holdings (id, kind, region, fund_type, fiscal_year, position)
     SELECT 'A-' || place, 'allocation', place, 'central', 2018, 1 FROM unnest($1::text[]) AS place`,
    [PLACES],
  );
  await client.query(
    `INSERT INTO read_side.movements (position, recorded_at, occurred_on, kind, personal, event_id,
       county_key, record_id, giver_region, holding_region, places, actor, document_no)
     VALUES (1, now(), '2018-01-01', 1, false, gen_random_uuid(), '450124', 'A-450124', '45',
       '450124', ',450124101', 'somebody', 'D-1')`,
  );
  await client.query(
    `INSERT INTO read_side.journal_entries (debit, credit, occurred_on, recorded_at, amount_fen)
     VALUES ('cash', 'authority', '2018-01-01', now(), 1)`,
  );
  await client.end();
  pool = new pg.Pool({ ...actingAs(READER_ROLE, owner), max: 1 });
});
afterAll(() => pool.end());

const seenBy = async (scope: ReadScope): Promise<string[]> =>
  new ScopedReads(pool, scope).read<{ region: string }, string[]>(
    'SELECT region FROM read_side.holdings ORDER BY region COLLATE "C"',
    async (rows) => rows.map(({ region }) => region),
  );

const countOf = async (scope: ReadScope, table: string): Promise<number> =>
  new ScopedReads(pool, scope).read<{ count: number }, number>(
    `SELECT count(*)::int AS count FROM ${table}`,
    async ([row]) => row?.count ?? -1,
  );

describe('reads within a scope', () => {
  it('see the places of the scope and what lies in them, and nothing else', async () => {
    expect(await seenBy(EVERYTHING)).toEqual(PLACES);
    expect(await seenBy(scopeOf('45'))).toEqual(['45', '450124', '450124101', '450125']);
    expect(await seenBy(scopeOf('450124'))).toEqual(['450124', '450124101']);
    expect(await seenBy(scopeOf('450124', '52'))).toEqual(['450124', '450124101', '52', '5201']);
    expect(await seenBy(NOTHING)).toEqual([]);
    expect(await seenBy(scopeOf())).toEqual([]);
  });

  it('see nothing without one, nor after one on the same connection', async () => {
    await seenBy(EVERYTHING);
    expect((await pool.query('TABLE read_side.holdings')).rows).toEqual([]);
    expect((await pool.query('TABLE read_side.movements')).rows).toEqual([]);
    expect((await pool.query('TABLE read_side.journal_entries')).rows).toEqual([]);
  });

  it('see a record from each of the places it names', async () => {
    for (const [code, count] of [
      ['45', 1],
      ['450124', 1],
      ['450124101', 1],
      ['450125', 0],
      ['52', 0],
    ] as const) {
      expect([code, await countOf(scopeOf(code), 'read_side.movements')]).toEqual([code, count]);
    }
  });

  it('see the accounts of the whole ledger with the whole ledger alone', async () => {
    expect(await countOf(EVERYTHING, 'read_side.journal_entries')).toBe(1);
    expect(await countOf(scopeOf('45'), 'read_side.journal_entries')).toBe(0);
  });

  it('follow money across the border without the papers of others', async () => {
    const papers = (scope: ReadScope): Promise<unknown> =>
      new ScopedReads(pool, scope).read(
        'SELECT document_no AS paper, shown FROM read_side.lineage_movements',
        async (rows) => rows[0],
      );
    expect(await papers(scopeOf('450124'))).toEqual({ paper: 'D-1', shown: true });
    expect(await papers(scopeOf('52'))).toEqual({ paper: null, shown: false });
  });

  it('read the tables in service, also when others have taken their place', async () => {
    const counted = (): Promise<unknown> =>
      new ScopedReads(pool, EVERYTHING).ask('SELECT count(*)::int AS n FROM read_side.rule_limits');
    // As often as PostgreSQL needs to plan it for good.
    for (let i = 0; i < 8; i += 1) expect(await counted()).toEqual([{ n: 0 }]);
    const client = new pg.Client({ connectionString: owner });
    await client.connect();
    await client.query(`
      CREATE SCHEMA read_side_next;
      CREATE TABLE read_side_next.rule_limits AS SELECT 1 AS one;
      GRANT USAGE ON SCHEMA read_side_next TO ${READER_ROLE};
      GRANT SELECT ON read_side_next.rule_limits TO ${READER_ROLE};
      ALTER SCHEMA read_side RENAME TO read_side_before;
      ALTER SCHEMA read_side_next RENAME TO read_side`);
    expect(await counted()).toEqual([{ n: 1 }]);
    await client.query(
      'DROP SCHEMA read_side CASCADE; ALTER SCHEMA read_side_before RENAME TO read_side',
    );
    expect(await counted()).toEqual([{ n: 0 }]);
    await client.end();
  });

  it('write nothing and read no other table', async () => {
    const asked = [
      'INSERT INTO read_side.holdings SELECT * FROM read_side.holdings',
      'TABLE public.identity_users',
      'TABLE public.vault_entries',
      'TABLE public.vault_keys',
      'TABLE public.submission_blocks',
      'TABLE read_side.holding_days',
      'TABLE event_store.es_schema',
    ];
    for (const sql of asked) {
      await expect(pool.query(sql)).rejects.toThrow(/permission denied/);
      const scoped = new ScopedReads(pool, EVERYTHING).read(sql, async (rows) => rows);
      await expect(scoped).rejects.toThrow(/permission denied|read-only transaction/);
    }
  });
});
