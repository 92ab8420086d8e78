import { randomBytes, randomUUID } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { openPostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { rotateVaultKey } from '@fundflow/vault/postgres/rotate';
import type { ResealApart } from '@fundflow/vault/row-under';
import { type SealedPayee, sealPayee } from '@fundflow/vault/seal';
import { deriveVaultKey, type VaultKey, type VaultKeys } from '@fundflow/vault/vault-key';
import type { RecordedPayee, VaultEntry } from '@fundflow/vault/vault';
import pg from 'pg';
import { threadFromSources } from '../../test/support/thread-from-sources.js';
import { SealingThread } from './seal-apart.js';
import { selectionOf } from '../../test/support/vault-selection.js';

/** More than are sealed anew here, and than go to the thread at a time. */
const PEOPLE = 1_040;

const pools: pg.Pool[] = [];
const started: Worker[] = [];
afterEach(() => Promise.all(started.splice(0).map((thread) => thread.terminate())));
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

interface Payment {
  readonly entry: VaultEntry;
  readonly recorded: RecordedPayee;
  readonly account: string;
}

/** A payment to each of the people, the same people every time. */
const payments = (keys: VaultKeys, people = PEOPLE): Payment[] =>
  Array.from({ length: people }, (_, at) => {
    const [eventId, account] = [randomUUID(), `6228 ${at}`];
    const recordKey = `record:${eventId}`;
    const values = { name: `甲例${at}`, code: null, account };
    const { sealed, subject, ...fields }: SealedPayee = sealPayee(values, recordKey, keys);
    return {
      entry: { eventId, recordKey, sealed, subject, region: '450124' },
      recorded: { eventId, payee: { kind: 'person', ...fields } },
      account,
    };
  });

const selectionOfPaid = (given: readonly Payment[]) => selectionOf(given.map(({ entry }) => entry));

/** A vault that knows the people already, and what the thread answered. */
async function vaultOfKnown(thread: SealingThread) {
  const connectionString = await (await startTestDatabase()).createDatabase();
  const pool = new pg.Pool({ connectionString, max: 8 });
  pools.push(pool);
  const keys = [deriveVaultKey(randomBytes(32))];
  const source = { read: (): readonly VaultKey[] => keys };
  const answers: string[] = [];
  const apart: ResealApart = async (rows, now) => {
    try {
      const sealed = await thread.reseal(rows, now);
      const isNull = sealed.filter((row) => row === null).length;
      answers.push(`${sealed.length} rows, ${isNull} left`);
      return sealed;
    } catch (error) {
      answers.push((error as Error).message);
      throw error;
    }
  };
  const vault = await openPostgresVault(pool, source, apart);
  await vault.putAll(payments(vault.keys).map(({ entry }) => entry));
  const heldKeys = async (): Promise<string[]> =>
    (
      await pool.query<{ held_key: Buffer }>('SELECT held_key FROM vault_subjects ORDER BY subject')
    ).rows.map(({ held_key: held }) => held.toString('hex'));
  /** Every row opens against its commitments, and each person has one key: the one there was. */
  const expectStored = async (given: readonly Payment[], held: readonly string[]) => {
    const opened = await vault.open(given.map(({ recorded }) => recorded));
    const accounts = given.map(({ entry }) => opened.get(entry.eventId)?.account);
    expect(accounts).toEqual(given.map(({ account }) => account));
    expect(await heldKeys()).toEqual(held);
  };
  return { vault, pool, keys, source, answers, heldKeys, expectStored };
}

function startFromSources(): Worker {
  const thread = threadFromSources('libs/runtime/sealing-thread.ts');
  started.push(thread);
  return thread;
}

describe('rows of people who have a key', () => {
  it('are sealed anew in the thread, beside the append, behind it, and of a batch', async () => {
    const thread = new SealingThread({ start: startFromSources });
    const { vault, answers, heldKeys, expectStored } = await vaultOfKnown(thread);
    const held = await heldKeys();
    const [beside, behind, batch] = [0, 1, 2].map(() => payments(vault.keys));
    const given = [...(beside ?? []), ...(behind ?? []), ...(batch ?? [])];
    expect(await vault.beginPutSelected(selectionOfPaid(beside ?? [])).keep()).toEqual([]);
    expect(await vault.putSelected(selectionOfPaid(behind ?? []))).toEqual([]);
    const put = await vault.putAll((batch ?? []).map(({ entry }) => entry));
    expect(put.stored).toHaveLength(PEOPLE);
    await expectStored(given, held);
    expect(answers).toEqual(Array(3).fill(`${PEOPLE} rows, 0 left`));
    expect(started).toHaveLength(1);
  });

  it('are sealed anew here when they are few', async () => {
    const thread = new SealingThread({ start: startFromSources });
    const { vault, answers, heldKeys, expectStored } = await vaultOfKnown(thread);
    const [held, few] = [await heldKeys(), payments(vault.keys, 32)];
    expect(await vault.putSelected(selectionOfPaid(few))).toEqual([]);
    await expectStored(few, held);
    expect([answers, started]).toEqual([[], []]);
  });

  it('are sealed anew here when the thread ends', async () => {
    const failures: number[] = [];
    const start = (): Worker => {
      const ending = startFromSources();
      void ending.terminate();
      return ending;
    };
    const onFailure = (_: Error, people: number): void => void failures.push(people);
    const thread = new SealingThread({ start, onFailure });
    const { vault, answers, heldKeys, expectStored } = await vaultOfKnown(thread);
    const [held, given] = [await heldKeys(), payments(vault.keys)];
    expect(await vault.beginPutSelected(selectionOfPaid(given)).keep()).toEqual([]);
    await expectStored(given, held);
    expect(answers).toEqual(['the sealing thread ended']);
    expect(failures).toEqual([1_000]);
  });

  it('are sealed anew here when the key of the row or of the person is not the current one', async () => {
    const thread = new SealingThread({ start: startFromSources });
    const known = await vaultOfKnown(thread);
    const { vault, pool, keys, source, answers, heldKeys, expectStored } = known;
    const [staged, more] = [payments(vault.keys), payments(vault.keys)];
    const next = deriveVaultKey(randomBytes(32));
    const addKey = (): VaultKey => (keys.push(next), next);
    // Rows that wait for certification are still under the old key.
    await rotateVaultKey({ pool, source, addKey, rewrapStaged: () => Promise.resolve(1) });
    const held = await heldKeys();
    expect(held.every((key) => key.startsWith(next.id))).toBe(true);
    // This process still has the old one as the current, another one the new.
    expect(await vault.putSelected(selectionOfPaid(staged))).toEqual([]);
    const apart: ResealApart = async (rows, now) => {
      expect(now.current.id).toBe(next.id);
      const sealed = await thread.reseal(rows, now);
      answers.push(sealed.every((row) => row === null) ? 'all left' : 'sealed');
      return sealed;
    };
    const other = await openPostgresVault(pool, source, apart);
    expect(await other.beginPutSelected(selectionOfPaid(more)).keep()).toEqual([]);
    await expectStored([...staged, ...more], held);
    expect(answers).toEqual([`${PEOPLE} rows, ${PEOPLE} left`, 'all left']);
  });
});
