import { randomBytes, randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { EVERYTHING } from '@fundflow/row-security/read-scope';
import { ScopedReads } from '@fundflow/row-security/scoped-reads';
import fc from 'fast-check';
import pg from 'pg';
import { foldName } from '../name-folding.js';
import type { PayeeValues } from '../payload.js';
import { sealPayee } from '../seal.js';
import { deriveVaultKey } from '../vault-key.js';
import type { VaultEntry } from '../vault.js';
import { singleKey } from './keyring.js';
import { openPostgresVault, type PostgresVault } from './postgres-vault.js';
import { reindexVault } from './reindex.js';
import { searchEntries, type Sought } from './search.js';
import { FILED_MAX, fileRecentTokens, RECENT_MAX, TokenFiling } from './token-filing.js';

const COUNTY = '450124';
const NAMES = ['韦小某', '蓝某', '兰某', '覃大某'];
const ACCOUNTS = ['6228480012345678', '6228480087654321', '90010'];
const IDS = ['45012419650101123X', '450124197003031238', '450124********123X'];

const person = fc.record<PayeeValues>({
  name: fc.constantFrom(...NAMES),
  account: fc.option(fc.constantFrom(...ACCOUNTS)),
  code: fc.option(fc.constantFrom(...IDS)),
});

const soughtOf = (): Sought[] => [
  ...NAMES.map((name) => ({ by: 'name', name }) as const),
  ...ACCOUNTS.map((account) => ({ by: 'account', account }) as const),
  ...[...IDS, '01123X', '031238'].map((id) => ({ by: 'id', id }) as const),
];

const ends = (id: string): string => id.slice(0, 6) + id.slice(-4);

/** What a search by tokens means, said of the values. By sound nothing is added: no two of these names sound alike unless they fold alike. */
function isSought(sought: Sought, { name, account, code }: PayeeValues): boolean {
  if (sought.by === 'name') return foldName(name ?? '') === foldName(sought.name);
  if (sought.by === 'account') return account === sought.account;
  if (code === null) return false;
  if (sought.id.length === 6) return !code.includes('*') && code.endsWith(sought.id);
  return sought.id.includes('*') ? ends(code) === ends(sought.id) : code === sought.id;
}

describe('search tokens', () => {
  const source = singleKey(deriveVaultKey(randomBytes(32)));
  let pool: pg.Pool;
  let vault: PostgresVault;
  beforeAll(async () => {
    const connectionString = await (await startTestDatabase()).createDatabase();
    pool = new pg.Pool({ connectionString, max: 8 });
    vault = await openPostgresVault(pool, source);
  });
  afterAll(() => pool.end());
  beforeEach(async () => {
    await pool.query(`TRUNCATE vault_entries, vault_subjects, vault_erased, vault_name_index,
      vault_number_index, vault_recent_tokens`);
  });

  const sealed = (values: PayeeValues, eventId: string = randomUUID()): VaultEntry => {
    const recordKey = `record:${eventId}`;
    return { eventId, region: COUNTY, recordKey, ...sealPayee(values, recordKey, vault.keys) };
  };
  const count = async (table: string): Promise<number> =>
    (await pool.query(`SELECT FROM ${table}`)).rowCount ?? 0;

  async function found(sought: Sought): Promise<string[]> {
    const reads = new ScopedReads(pool, EVERYTHING);
    const question = { sought, regions: [COUNTY], limit: 100 };
    const result = await searchEntries(reads, [vault.keys.index], question);
    if (result.outcome === 'refused') throw new Error(result.refusal);
    return result.entries.map(({ eventId }) => eventId);
  }

  it(
    'find exactly who has them, newest first: recent, filed, and made anew',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(person, { minLength: 1, maxLength: 12 }),
          fc.array(person, { maxLength: 6 }),
          fc.array(fc.nat(17), { maxLength: 3 }),
          async (first, second, gone) => {
            const put: { readonly values: PayeeValues; readonly entry: VaultEntry }[] = [];
            const putAll = async (people: readonly PayeeValues[]): Promise<void> => {
              for (const values of people) {
                put.push({ values, entry: sealed(values) });
                await vault.putAll(put.slice(-1).map(({ entry }) => entry));
              }
            };
            const erased = new Set<string>();
            const expectAll = async (): Promise<void> => {
              for (const sought of soughtOf()) {
                const expected = put
                  .filter(
                    ({ values, entry }) => isSought(sought, values) && !erased.has(entry.eventId),
                  )
                  .map(({ entry }) => entry.eventId);
                expect(await found(sought)).toEqual(expected.reverse());
              }
            };
            await putAll(first);
            await expectAll();
            expect(await fileRecentTokens(pool)).toBe(first.length);
            await expectAll();
            await putAll(second);
            await expectAll();
            for (const { entry } of gone.flatMap((at) => put[at] ?? [])) erased.add(entry.eventId);
            await vault.destroy([...erased]);
            await expectAll();
            await fileRecentTokens(pool);
            await expectAll();
            await pool.query('TRUNCATE vault_name_index');
            const regionsOf = (ids: readonly string[]) =>
              Promise.resolve(new Map(ids.map((id) => [id, COUNTY])));
            await reindexVault({ pool, keys: vault.keys, regionsOf });
            await expectAll();
            await vault.destroy(put.map(({ entry }) => entry.eventId));
          },
        ),
        { numRuns: 12 },
      ),
    120_000,
  );

  it('of one batch are stored with what is new in it, and with nothing else', async () => {
    const of = (name: string): PayeeValues => ({ name, account: null, code: null });
    const [known, erased] = [sealed(of('甲')), sealed(of('乙'))];
    await vault.putAll([known, erased]);
    await vault.destroy([erased.eventId]);
    // All people are new, and one event is known: what was put before it was met is put again.
    const again = sealed(of('丙'), known.eventId);
    const fresh = [sealed(of('丁')), sealed(of('戊'))];
    expect(await vault.putAll([...fresh, again])).toEqual({
      ...{ stored: fresh.map(({ eventId }) => eventId), repeated: [], kept: [known.eventId] },
    });
    const late = [sealed(of('己')), sealed(of('庚'), erased.eventId), sealed(of('己'))];
    const result = await vault.putAll(late);
    expect(new Set(result.stored)).toEqual(new Set([late[0]?.eventId, late[2]?.eventId]));
    expect(result.repeated).toEqual([erased.eventId]);
    expect(await count('vault_entries')).toBe(5);
    expect(await count('vault_recent_tokens')).toBe(5);
    expect(await found({ by: 'name', name: '庚' })).toEqual([]);
    expect(await found({ by: 'name', name: '丙' })).toEqual([]);
  });

  describe('wait to be filed', () => {
    const log = { position: 0n, isBusy: false };
    const business = { head: () => Promise.resolve(log.position), isBusy: () => log.isBusy };
    beforeEach(async () => {
      Object.assign(log, { position: 5_000n, isBusy: false });
      await vault.putAll([
        sealed({ name: '甲', account: null, code: null }),
        sealed({ name: null, account: '1234', code: null }),
      ]);
    });

    it('until the log hardly grew since the turn before', async () => {
      const filing = new TokenFiling(pool, business);
      expect(await filing.turn()).toBe(0);
      log.position += 1_000n;
      expect(await filing.turn()).toBe(0);
      expect(await count('vault_recent_tokens')).toBe(2);
      log.position += 3n;
      expect(await filing.turn()).toBe(2);
      expect(await filing.turn()).toBe(0);
      const tables = ['vault_recent_tokens', 'vault_name_index', 'vault_number_index'];
      expect(await Promise.all(tables.map(count))).toEqual([0, 1, 1]);
    });

    it('while a file is read, which the log does not show yet', async () => {
      const filing = new TokenFiling(pool, business);
      log.isBusy = true;
      for (let turn = 0; turn < 3; turn += 1) expect(await filing.turn()).toBe(0);
      log.isBusy = false;
      expect(await filing.turn()).toBe(2);
    });

    it('no longer than a search can read them in a moment', async () => {
      await pool.query(
        `INSERT INTO vault_recent_tokens SELECT -no, gen_random_uuid(), $1, decode('00', 'hex')
           FROM generate_series(1, $2::int) AS no`,
        [COUNTY, RECENT_MAX - 1],
      );
      log.isBusy = true;
      const filing = new TokenFiling(pool, business);
      expect(await filing.turn()).toBe(FILED_MAX);
      expect(await count('vault_recent_tokens')).toBe(RECENT_MAX + 1 - FILED_MAX);
    });
  });

  it('are filed by one process at a time, and by none while somebody is erased', async () => {
    const entries = NAMES.map((name) => sealed({ name, account: null, code: null }));
    await vault.putAll(entries);
    const filed = await Promise.all([
      ...Array.from({ length: 4 }, () => fileRecentTokens(pool)),
      vault.destroy(entries.slice(0, 2).map(({ eventId }) => eventId)),
    ]);
    await fileRecentTokens(pool);
    expect(filed).toHaveLength(5);
    expect(await count('vault_name_index')).toBe(2);
    expect(await count('vault_recent_tokens')).toBe(0);
  });
});
