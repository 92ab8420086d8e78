import { randomBytes, randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { EVERYTHING, NOTHING, type ReadScope } from '@fundflow/row-security/read-scope';
import { actingAs, READER_ROLE, WORK_ROLE } from '@fundflow/row-security/roles';
import { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { prepareDatabase } from '@fundflow/runtime/prepare-database';
import pg from 'pg';
import { sealPayee } from '../seal.js';
import { deriveVaultKey } from '../vault-key.js';
import { singleKey } from './keyring.js';
import { openPostgresVault, type PostgresVault } from './postgres-vault.js';
import { BY_SOUND, searchEntries } from './search.js';
import { fileRecentTokens } from './token-filing.js';

const COUNTY: ReadScope = { ...EVERYTHING, from: '450124', below: '450124:' };
const OTHER: ReadScope = { ...EVERYTHING, from: '450125', below: '450125:' };

describe('a search within a scope', () => {
  let work: pg.Pool;
  let answers: pg.Pool;
  let vault: PostgresVault;
  beforeAll(async () => {
    const owner = await (await startTestDatabase({ durable: false })).createDatabase();
    await prepareDatabase({ application: owner, owner }, 'spec');
    work = new pg.Pool({ ...actingAs(WORK_ROLE, owner), max: 2 });
    answers = new pg.Pool({ ...actingAs(READER_ROLE, owner), max: 2 });
    vault = await openPostgresVault(work, singleKey(deriveVaultKey(randomBytes(32))));
  });
  afterAll(() => Promise.all([work.end(), answers.end()]));

  const found = async (scope: ReadScope): Promise<string[]> => {
    const result = await searchEntries(new ScopedReads(answers, scope), [vault.keys.index], {
      ...{ sought: { by: 'name', name: '韦小某' }, regions: [''], limit: 10 },
    });
    return result.outcome === 'found' ? result.entries.map(({ eventId }) => eventId) : [];
  };

  it('finds entries of its places alone, whether their tokens are recent or filed by the program', async () => {
    const eventId = randomUUID();
    const recordKey = `record:${eventId}`;
    const values = { name: '韦小某', code: null, account: null };
    const sealed = sealPayee(values, recordKey, vault.keys);
    await vault.putAll([{ eventId, recordKey, region: '450124101', ...sealed }]);
    const all = async (): Promise<string[][]> =>
      Promise.all([EVERYTHING, COUNTY, OTHER, NOTHING].map(found));
    expect(await all()).toEqual([[eventId], [eventId], [], []]);
    expect(await fileRecentTokens(work)).toBe(1);
    expect(await all()).toEqual([[eventId], [eventId], [], []]);
  });

  it('compares recent names with those that sound alike by a hash table, not each with each', async () => {
    await work.query(
      `INSERT INTO vault_recent_tokens (entry_no, event_id, region, folded)
       SELECT no, gen_random_uuid(), '450124', decode(lpad(to_hex(no), 16, '0'), 'hex')
         FROM generate_series(1, 20000) AS no`,
    );
    const tokens = Array.from({ length: 3_000 }, () => randomBytes(8));
    const rows = await new ScopedReads(answers, COUNTY).ask<Record<string, string>>(
      `EXPLAIN (COSTS OFF) ${BY_SOUND}`,
      [tokens, ['450124'], 100],
    );
    // A plan shows the values themselves, at length.
    const plan = rows.map((row) => row['QUERY PLAN'] ?? '').filter((line) => line.length < 2_000);
    const recent = plan.filter((line) => line.includes('SubPlan') && line.includes('Filter'));
    expect(recent.join('\n')).toMatch(/hashed SubPlan/);
    expect(plan.filter((line) => /Join Filter.*folded/.test(line))).toEqual([]);
  });
});
