import { randomBytes, randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { EVERYTHING } from '@fundflow/row-security/read-scope';
import { ScopedReads } from '@fundflow/row-security/scoped-reads';
import fc from 'fast-check';
import pg from 'pg';
import type { PayeeValues } from '../payload.js';
import { sealPayee, subjectOf, unseal } from '../seal.js';
import { unwrapSubjectKey } from '../subject-key.js';
import { deriveVaultKey } from '../vault-key.js';
import type { RecordedPayee, VaultEntry } from '../vault.js';
import { singleKey } from './keyring.js';
import { openPostgresVault, type PostgresVault } from './postgres-vault.js';
import { reindexVault } from './reindex.js';
import { type IndexRotation, type IndexRotationSettings, rotateIndexKey } from './rotate-index.js';
import { searchEntries, type Sought } from './search.js';
import { fileRecentTokens } from './token-filing.js';

const PEOPLE: readonly PayeeValues[] = [
  { name: '韦小某', code: '45012419650101123X', account: '6228480012345678' },
  { name: '韦小某', code: '45012419650101123x', account: null },
  { name: '蓝某', code: null, account: '90010' },
  { name: '蓝某', code: null, account: null },
  { name: '覃大某', code: '450124197003031238', account: '6228480087654321' },
  { name: '黄某', code: '450124********1238', account: '6228480011112222' },
];
const SOUGHT: readonly Sought[] = [
  ...['韦小某', '蓝某', '覃大某', '黄某'].map((name) => ({ by: 'name', name }) as const),
  ...['6228480012345678', '90010', '6228480011112222'].map(
    (account) => ({ by: 'account', account }) as const,
  ),
  ...['45012419650101123X', '031238', '450124********1238'].map(
    (id) => ({ by: 'id', id }) as const,
  ),
];
const nothingElsewhere = {
  rename: () => Promise.resolve(),
  forgetOthers: () => Promise.resolve(),
};

describe('changing the key of the blind indexes', () => {
  const source = singleKey(deriveVaultKey(randomBytes(32)));
  let pool: pg.Pool;
  /** Of a process that goes on beside it. */
  let running: PostgresVault;
  beforeAll(async () => {
    const connectionString = await (await startTestDatabase()).createDatabase();
    pool = new pg.Pool({ connectionString, max: 8 });
  });
  afterAll(() => pool.end());
  beforeEach(async () => {
    running = await openPostgresVault(pool, source);
    await pool.query(`TRUNCATE vault_entries, vault_subjects, vault_erased, vault_name_index,
      vault_number_index, vault_recent_tokens`);
  });

  interface Posted {
    readonly values: PayeeValues;
    readonly entry: VaultEntry;
    readonly recorded: RecordedPayee;
  }

  function sealed(values: PayeeValues, keys = running.keys): Posted {
    const eventId = randomUUID();
    const recordKey = `record:${eventId}`;
    const { sealed: bytes, subject, ...fields } = sealPayee(values, recordKey, keys);
    return {
      values,
      entry: { eventId, recordKey, sealed: bytes, subject, region: '450124' },
      recorded: { eventId, payee: { kind: 'person', ...fields } },
    };
  }

  async function put(people: readonly PayeeValues[]): Promise<Posted[]> {
    const posted = people.map((values) => sealed(values));
    await running.putAll(posted.map(({ entry }) => entry));
    return posted;
  }

  const rotate = (settings: Partial<IndexRotationSettings> = {}): Promise<IndexRotation> =>
    rotateIndexKey({
      ...{ pool, source, elsewhere: nothingElsewhere },
      renameStaged: () => Promise.resolve(),
      keepApart: () => undefined,
      ...settings,
    });

  async function found(vault: PostgresVault, sought: Sought): Promise<string[]> {
    const reads = new ScopedReads(pool, EVERYTHING);
    const question = { sought, regions: [''], limit: 100 };
    const result = await vault.withIndexes((indexes) => searchEntries(reads, indexes, question));
    if (result.outcome === 'refused') throw new Error(result.refusal);
    return result.entries.map(({ eventId }) => eventId).sort();
  }

  const allFound = async (): Promise<string[][]> => {
    const answers: string[][] = [];
    for (const sought of SOUGHT) answers.push(await found(running, sought));
    return answers;
  };

  /** Names of the same person in the vault open to one key. */
  async function keysOfPeople(): Promise<Map<string, Set<string>>> {
    const { keys } = running;
    const { rows } = await pool.query<{ subject: Buffer; held_key: Buffer; present: Buffer }>(
      `SELECT subject, held_key, coalesce(present, subject) AS present
         FROM vault_subjects LEFT JOIN vault_renamed ON former = subject`,
    );
    const people = new Map<string, Set<string>>();
    for (const { subject, held_key: held, present } of rows) {
      const of = people.get(present.toString('hex')) ?? new Set();
      people.set(present.toString('hex'), of);
      of.add(unwrapSubjectKey(held, subject, keys).toString('hex'));
    }
    return people;
  }

  it(
    'finds the same before, after each step and at its end, whoever is put or destroyed meanwhile',
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.nat(PEOPLE.length - 1), { minLength: 1, maxLength: 10 }),
          fc.array(fc.tuple(fc.nat(PEOPLE.length - 1), fc.constantFrom('put', 'gone', 'file')), {
            maxLength: 12,
          }),
          async (first, meanwhile) => {
            await pool.query(`TRUNCATE vault_entries, vault_subjects, vault_erased,
              vault_name_index, vault_number_index, vault_recent_tokens`);
            const posted = await put(first.map((at) => PEOPLE[at] as PayeeValues));
            const former = running.keys.index;
            const steps = [...meanwhile];
            const expectWhole = async (): Promise<void> => {
              const byMeaning = SOUGHT.map((sought) => meant(sought, posted).sort());
              expect(await allFound()).toEqual(byMeaning);
              const opened = await running.open(posted.map(({ recorded }) => recorded));
              expect([...opened.values()]).toEqual(posted.map(({ values }) => values));
              for (const keys of (await keysOfPeople()).values()) expect(keys.size).toBe(1);
            };
            await rotate({
              batch: 2,
              onProgress: async () => {
                await expectWhole();
                const [at, what] = steps.shift() ?? [0, null];
                if (what === 'put') posted.push(...(await put([PEOPLE[at] as PayeeValues])));
                if (what === 'file') await fileRecentTokens(pool);
                if (what === 'gone') {
                  const gone = posted.splice(at, 1);
                  await running.destroy(gone.map(({ entry }) => entry.eventId));
                }
                await expectWhole();
              },
            });
            await expectWhole();
            const now = await openPostgresVault(pool, source);
            const names = new Set(posted.map(({ values }) => nameOf(values, now)));
            const { rows } = await pool.query<{ subject: Buffer }>(
              'SELECT subject FROM vault_subjects UNION SELECT subject FROM vault_entries',
            );
            expect(new Set(rows.map(({ subject }) => subject.toString('hex')))).toEqual(names);
            expect((await pool.query('SELECT FROM vault_renamed')).rowCount).toBe(0);
            for (const sought of SOUGHT) {
              const reads = new ScopedReads(pool, EVERYTHING);
              const question = { sought, regions: [''], limit: 100 };
              const result = await searchEntries(reads, [former], question);
              expect(result).toMatchObject({ outcome: 'found', entries: [] });
            }
          },
        ),
        { numRuns: 10 },
      ),
    240_000,
  );

  it('takes rows that were sealed under the former key, at any time, of people known and new', async () => {
    const [known] = await put([PEOPLE[0] as PayeeValues]);
    const stale = [PEOPLE[0], PEOPLE[1], PEOPLE[4], PEOPLE[4]].map((v) => sealed(v as PayeeValues));
    await rotate();
    const other = await openPostgresVault(pool, source);
    const [of0, of1, of4, again4] = stale as [Posted, Posted, Posted, Posted];
    expect((await running.putAll([of0.entry])).stored).toEqual([of0.entry.eventId]);
    const begun = other.beginPut([of1.entry, of4.entry]);
    expect(new Set((await begun.keep()).stored)).toEqual(
      new Set([of1, of4].map(({ entry }) => entry.eventId)),
    );
    const selection = {
      name: 'given',
      text: `SELECT $1::uuid AS event_id, $2 AS record_key, $3::bytea AS subject,
        $4::bytea AS whole, $5 AS region`,
      values: [
        ...[again4.entry.eventId, again4.entry.recordKey, again4.entry.subject],
        ...[again4.entry.sealed, '450124'],
      ],
    };
    expect(await other.beginPutSelected(selection).keep()).toEqual([]);
    // And once more, as a posting that is repeated.
    expect(await other.putSelected(selection)).toEqual([]);
    const all = [known as Posted, ...stale];
    expect((await other.open(all.map(({ recorded }) => recorded))).size).toBe(5);
    expect(await found(other, { by: 'id', id: '45012419650101123X' })).toEqual(
      [known as Posted, of0, of1].map(({ entry }) => entry.eventId).sort(),
    );
    expect((await keysOfPeople()).size).toBe(2);
  });

  it('puts nothing under a former name once the new key is the current one', async () => {
    await put([PEOPLE[4] as PayeeValues]);
    const former = running.keys.index;
    const fresh = sealed(PEOPLE[0] as PayeeValues);
    await rotate({
      onProgress: async (step) => {
        if (step === 'entries') await running.putAll([fresh.entry]);
      },
    });
    const { rows } = await pool.query<{ subject: Buffer }>('SELECT subject FROM vault_subjects');
    const names = rows.map(({ subject }) => subject.toString('hex'));
    expect(names).not.toContain(subjectOf(PEOPLE[0] as PayeeValues, former).toString('hex'));
    expect(names).toHaveLength(2);
  });

  it('leaves what does not open where it is, without tokens, and says so', async () => {
    const [wei, qin] = await put([PEOPLE[0], PEOPLE[4]] as PayeeValues[]);
    const { eventId } = (wei as Posted).entry;
    await pool.query(
      `UPDATE vault_entries SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)
        WHERE event_id = $1`,
      [eventId],
    );
    expect((await rotate()).broken).toEqual([eventId]);
    await running.putAll([sealed(PEOPLE[4] as PayeeValues).entry]);
    expect(await found(running, { by: 'name', name: '韦小某' })).toEqual([]);
    expect((await running.open([(qin as Posted).recorded])).size).toBe(1);
    await expect(running.open([(wei as Posted).recorded])).rejects.toThrow('疑被改动');
  });

  it('gives rows that wait to be named anew, and they open under their new name', async () => {
    const waiting = sealed(PEOPLE[0] as PayeeValues).entry;
    let anew = waiting;
    await rotate({
      renameStaged: (starts, rename) => {
        const isOne = starts.some((start) => waiting.sealed.subarray(0, 9).equals(start));
        if (isOne) anew = { ...waiting, ...rename(waiting) };
        return Promise.resolve();
      },
    });
    const now = await openPostgresVault(pool, source);
    expect(anew.subject).toEqual(subjectOf(PEOPLE[0] as PayeeValues, now.keys.index));
    expect(unseal(anew, now.keys).name?.value).toBe('韦小某');
    expect((await now.putAll([anew])).stored).toHaveLength(1);
    expect(await found(now, { by: 'account', account: '6228480012345678' })).toHaveLength(1);
  });

  it('makes the search tables anew under the current key, while it is changed too', async () => {
    const posted = await put(PEOPLE);
    const before = await allFound();
    const regionsOf = (ids: readonly string[]) =>
      Promise.resolve(new Map(ids.map((id) => [id, '450124'])));
    const reindexed: number[] = [];
    await rotate({
      batch: 3,
      onProgress: async () => {
        const { keys } = await openPostgresVault(pool, source);
        reindexed.push((await reindexVault({ pool, keys, regionsOf })).entries);
        expect(await allFound()).toEqual(before);
      },
    });
    expect(new Set(reindexed)).toEqual(new Set([posted.length]));
    expect(await allFound()).toEqual(before);
  });

  it('is done again as often as wanted, the sixteenth number after the fifteenth', async () => {
    const posted = await put(PEOPLE);
    const before = await allFound();
    const numbers: number[] = [];
    for (let time = 0; time < 17; time += 1) {
      await rotate();
      const { rows } = await pool.query<{ index_no: number }>('SELECT index_no FROM vault_keys');
      numbers.push((rows[0] as { index_no: number }).index_no);
    }
    expect(numbers.slice(1).every((no, at) => no === ((numbers[at] as number) + 1) % 16)).toBe(
      true,
    );
    expect(await allFound()).toEqual(before);
    expect((await running.open(posted.map(({ recorded }) => recorded))).size).toBe(PEOPLE.length);
  });

  const nameOf = (values: PayeeValues, { keys }: PostgresVault): string =>
    subjectOf(values, keys.index).toString('hex');

  function meant(sought: Sought, posted: readonly Posted[]): string[] {
    const isMeant = ({ name, code, account }: PayeeValues): boolean => {
      if (sought.by === 'name') return name === sought.name;
      if (sought.by === 'account') return account === sought.account;
      const id = code?.toUpperCase() ?? '';
      if (sought.id.length === 6) return !id.includes('*') && id.endsWith(sought.id);
      if (!sought.id.includes('*')) return id === sought.id;
      return id.slice(0, 6) === sought.id.slice(0, 6) && id.slice(-4) === sought.id.slice(-4);
    };
    return posted.filter(({ values }) => isMeant(values)).map(({ entry }) => entry.eventId);
  }
});
