import { randomBytes, randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import type { PayeeValues } from '../payload.js';
import { placeBytesMax, sealInPlace, sealPayee, writeToSeal } from '../seal.js';
import { SUBJECT_BYTES } from '../subject-key.js';
import { deriveVaultKey } from '../vault-key.js';
import type { PersonPayee, VaultEntry } from '../vault.js';
import { singleKey } from './keyring.js';
import { openPostgresVault, type PostgresVault } from './postgres-vault.js';

/** So many that keys are first made as if nobody had one. */
const MANY = 500;
/** Looked up before: the first, and each fiftieth behind it. */
const LOOKED_UP = 50;

describe('many people put at once', () => {
  const source = singleKey(deriveVaultKey(randomBytes(32)));
  let pool: pg.Pool;
  let vaults: [PostgresVault, PostgresVault];
  beforeAll(async () => {
    const connectionString = await (await startTestDatabase()).createDatabase();
    pool = new pg.Pool({ connectionString, max: 8 });
    vaults = [await openPostgresVault(pool, source), await openPostgresVault(pool, source)];
  });
  afterAll(() => pool.end());
  beforeEach(() => pool.query('TRUNCATE vault_entries, vault_subjects'));

  interface Paid {
    readonly values: PayeeValues;
    readonly entry: VaultEntry;
    readonly payee: PersonPayee;
  }
  const paid = (person: number): Paid => {
    const eventId = randomUUID();
    const recordKey = `record:${eventId}`;
    const values = { name: `甲例${person}`, code: null, account: `6228${person}` };
    const { sealed, subject, ...fields } = sealPayee(values, recordKey, vaults[0].keys);
    const entry = { eventId, recordKey, sealed, subject, region: '450124' };
    return { values, entry, payee: { kind: 'person', ...fields } };
  };
  /** As a file brings somebody who has a key. */
  const paidUnder = (held: Buffer, { values }: Paid): Paid => {
    const eventId = randomUUID();
    const recordKey = `record:${eventId}`;
    const { keys } = vaults[0];
    const target = Buffer.alloc(placeBytesMax(values));
    const place = { target, at: 0, end: writeToSeal(target, 0, values, keys.index) };
    const fields = sealInPlace(place, recordKey, keys, held);
    const subject = target.subarray(0, SUBJECT_BYTES);
    const sealed = target.subarray(SUBJECT_BYTES, place.end);
    const entry = { eventId, recordKey, sealed, subject, region: '450124' };
    return { values, entry, payee: { kind: 'person', ...fields } };
  };
  const people = (from: number): Paid[] => Array.from({ length: MANY }, (_, at) => paid(from + at));
  const entries = (all: readonly Paid[]): VaultEntry[] => all.map(({ entry }) => entry);

  async function expectAll(all: readonly Paid[], keys: number): Promise<void> {
    const recorded = all.map(({ entry: { eventId, recordKey }, payee }) => ({
      ...{ eventId, recordKey, payee },
    }));
    const opened = await vaults[0].open(recorded);
    expect(all.map(({ entry }) => opened.get(entry.eventId))).toEqual(
      all.map(({ values }) => values),
    );
    expect((await pool.query('SELECT FROM vault_subjects')).rowCount).toBe(keys);
  }

  it.each([
    ['nobody', []],
    ['somebody who is looked up before', [2 * LOOKED_UP]],
    ['somebody who is not', [2 * LOOKED_UP + 1]],
    ['the last two', [MANY - 2, MANY - 1]],
  ])('are all there with one key each where %s has one already', async (_, known) => {
    const all = people(0);
    const before = known.map(paid);
    for (const { entry } of before) await vaults[0].putAll([entry]);
    const { stored } = await vaults[0].putAll(entries(all));
    expect(stored).toHaveLength(MANY);
    await expectAll([...before, ...all], MANY);
  });

  it('are all there with one key each where half of them come under the key they have', async () => {
    const known = people(0).slice(0, MANY / 2);
    await vaults[0].putAll(entries(known));
    const { rows } = await pool.query<{ subject: Buffer; held_key: Buffer }>(
      'SELECT subject, held_key FROM vault_subjects',
    );
    const held = new Map(rows.map((row) => [row.subject.toString('hex'), row.held_key]));
    const all = known.flatMap((before, at) => [
      paidUnder(held.get(before.entry.subject.toString('hex')) as Buffer, before),
      paid(MANY + at),
    ]);
    const { stored } = await vaults[0].putAll(entries(all));
    expect(stored).toHaveLength(MANY);
    await expectAll([...known, ...all], MANY);
  });

  it('are all there with one key each where somebody is paid twice', async () => {
    const all = [...people(0), paid(MANY - 1), paid(7)];
    await vaults[0].putAll(entries(all));
    await expectAll(all, MANY);
  });

  it('are all there with one key each where two processes put them in another order', async () => {
    const [mine, theirs] = [people(0), people(MANY / 2).reverse()];
    await Promise.all([vaults[0].putAll(entries(mine)), vaults[1].putAll(entries(theirs))]);
    await expectAll([...mine, ...theirs], MANY * 1.5);
  });
});
