import { randomBytes, randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import { matchingOpenings } from '../open-recorded.js';
import type { PayeeValues } from '../payload.js';
import type { ResealApart } from '../row-under.js';
import { placeBytesMax, sealInPlace, sealPayee, subjectOf, writeToSeal } from '../seal.js';
import { entryBytes, keyOfRow, TOKENS_AT } from '../sealed-row.js';
import { HELD_KEY_BYTES, SUBJECT_BYTES, unwrapSubjectKey } from '../subject-key.js';
import { deriveVaultKey, type VaultKey, type VaultKeys } from '../vault-key.js';
import type { PersonPayee, VaultEntry } from '../vault.js';
import { openPostgresVault, type PostgresVault } from './postgres-vault.js';
import { rotateIndexKey } from './rotate-index.js';
import { rotateVaultKey } from './rotate.js';
import { selectionOf } from '../../../test/support/vault-selection.js';

const pools: pg.Pool[] = [];
afterAll(() => Promise.all(pools.map((pool) => pool.end())));

const REGION = '450124';
const person = (at: number): PayeeValues => ({
  ...{ name: `甲例${at}`, code: null, account: `6228 ${at}` },
});

interface Payment {
  readonly entry: VaultEntry;
  readonly payee: PersonPayee;
}

/** Somebody paid, sealed under a key of the row's own. */
function paid(values: PayeeValues, keys: VaultKeys): Payment {
  const eventId = randomUUID();
  const recordKey = `record:${eventId}`;
  const { sealed, subject, ...fields } = sealPayee(values, recordKey, keys);
  const entry = { eventId, recordKey, sealed, subject, region: REGION };
  return { entry, payee: { kind: 'person', ...fields } };
}

/** The same under the key that is held for them. */
function paidUnder(held: Buffer, values: PayeeValues, keys: VaultKeys): Payment {
  const eventId = randomUUID();
  const recordKey = `record:${eventId}`;
  const target = Buffer.alloc(placeBytesMax(values));
  const place = { target, at: 0, end: writeToSeal(target, 0, values, keys.index) };
  const fields = sealInPlace(place, recordKey, keys, held);
  const subject = target.subarray(0, SUBJECT_BYTES);
  const sealed = target.subarray(SUBJECT_BYTES, place.end);
  const entry = { eventId, recordKey, sealed, subject, region: REGION };
  return { entry, payee: { kind: 'person', ...fields } };
}

const selectionOfPaid = (given: readonly Payment[]) => selectionOf(given.map(({ entry }) => entry));

async function openVault(apart: ResealApart | null = null) {
  const connectionString = await (await startTestDatabase()).createDatabase();
  const pool = new pg.Pool({ connectionString, max: 8 });
  pools.push(pool);
  const atHand = [deriveVaultKey(randomBytes(32))];
  const source = { read: (): readonly VaultKey[] => atHand };
  const vault = await openPostgresVault(pool, source, apart);
  const { keys } = vault;
  const keyHeld = (values: PayeeValues): Promise<Buffer> =>
    vault.heldKeysOf(subjectOf(values, vault.keys.index));
  const stored = async ({ entry }: Payment): Promise<Buffer | undefined> => {
    const { rows } = await pool.query<{ sealed: Buffer }>(
      'SELECT sealed FROM vault_entries WHERE event_id = $1',
      [entry.eventId],
    );
    return rows[0]?.sealed;
  };
  const namesOf = async (given: readonly Payment[]): Promise<unknown[]> => {
    const asked = given.map(({ entry: { eventId }, payee }) => ({ eventId, payee }));
    const opened = await vault.open(asked);
    return asked.map(({ eventId }) => opened.get(eventId)?.name);
  };
  return { vault, keys, pool, source, atHand, keyHeld, stored, namesOf };
}

const WAYS: readonly [string, (vault: PostgresVault, given: readonly Payment[]) => unknown][] = [
  ['where they lie', (vault, given) => vault.putSelected(selectionOfPaid(given))],
  ['beside an append', (vault, given) => vault.beginPutSelected(selectionOfPaid(given)).keep()],
  ['as a batch', (vault, given) => vault.putAll(given.map(({ entry }) => entry))],
];

describe('keys held for people', () => {
  it('are answered in the order of the people, zeros for whoever has none', async () => {
    const { vault, keys, pool } = await openVault();
    const known = [0, 1, 2].map((at) => paid(person(at), keys));
    await vault.putAll(known.map(({ entry }) => entry));
    const held = (payment: Payment | undefined): Buffer =>
      payment ? keyOfRow(payment.entry.sealed) : Buffer.alloc(HELD_KEY_BYTES);
    const asked = [2, 7, 0, 1, 8];
    const subjects = asked.map((at) => subjectOf(person(at), keys.index));
    const answer = await vault.heldKeysOf(Buffer.concat(subjects));
    expect(answer).toEqual(Buffer.concat(asked.map((at) => held(known[at]))));
    expect(await vault.heldKeysOf(Buffer.alloc(0))).toEqual(Buffer.alloc(0));
    // Each by its key, also by a session that asked first when there were three.
    const { rows } = await pool.query<{ proconfig: string[] }>(
      `SELECT proconfig FROM pg_proc WHERE proname = 'vault_held_keys'`,
    );
    expect(rows).toEqual([{ proconfig: ['enable_seqscan=off'] }]);
  });

  it.each(WAYS)('let rows be put as they are sealed: %s', async (_, put) => {
    const resealed: number[] = [];
    const apart: ResealApart = (rows) => {
      resealed.push(rows.length);
      return Promise.resolve(rows.map(() => null));
    };
    const { vault, keys, keyHeld, stored, namesOf } = await openVault(apart);
    const people = Array.from({ length: 40 }, (_, at) => person(at));
    await vault.putAll(people.map((values) => paid(values, keys).entry));
    const held = await Promise.all(people.map(keyHeld));
    const given = people.map((values, at) => paidUnder(held[at] as Buffer, values, keys));
    // Somebody new, and somebody known whom nobody asked for.
    const others = [paid(person(99), keys), paid(person(1), keys)];
    await put(vault, [...given, ...others]);
    for (const payment of given) {
      expect(await stored(payment)).toEqual(entryBytes(payment.entry.sealed));
    }
    expect(await Promise.all(people.map(keyHeld))).toEqual(held);
    expect(resealed).toEqual([]);
    const names = [...people, person(99), person(1)].map(({ name }) => name);
    expect(await namesOf([...given, ...others])).toEqual(names);
    // Repeated, it changes nothing.
    await put(vault, given);
    expect(await namesOf(given)).toEqual(people.map(({ name }) => name));
  });

  it.each(WAYS)('do not come back once they are destroyed: %s', async (_, put) => {
    const { vault, keys, keyHeld, namesOf } = await openVault();
    const before = paid(person(1), keys);
    await vault.putAll([before.entry]);
    const held = await keyHeld(person(1));
    const given = [1, 2].map(() => paidUnder(held, person(1), keys));
    expect(given.map(({ entry }) => keyOfRow(entry.sealed))).toEqual([held, held]);
    expect(await vault.destroy([before.entry.eventId])).toBe(1);
    await put(vault, given);
    const { subject } = before.entry;
    const [destroyed, now] = [held, await keyHeld(person(1))].map((key) =>
      unwrapSubjectKey(key, subject, keys),
    );
    expect(now).not.toEqual(destroyed);
    expect(await namesOf(given)).toEqual([person(1).name, person(1).name]);
  });

  it.each(WAYS.filter(([where]) => where !== 'beside an append'))(
    'do not come back with rows that were being sealed anew under them: %s',
    async (_, put) => {
      const opened = await openVault(async (rows) => {
        await opened.vault.destroy([before.entry.eventId]);
        return rows.map(() => null);
      });
      const { vault, keys, keyHeld, namesOf } = opened;
      const before = paid(person(1), keys);
      await vault.putAll([before.entry]);
      const { subject } = before.entry;
      const destroyed = unwrapSubjectKey(await keyHeld(person(1)), subject, keys);
      const given = Array.from({ length: 33 }, () => paid(person(1), keys));
      await put(vault, given);
      expect(unwrapSubjectKey(await keyHeld(person(1)), subject, keys)).not.toEqual(destroyed);
      expect(await namesOf(given)).toEqual(given.map(() => person(1).name));
    },
  );

  it('are wrapped anew with the rows that wait under them', async () => {
    const { vault, keys, pool, source, atHand, keyHeld, namesOf } = await openVault();
    await vault.putAll([paid(person(1), keys).entry]);
    const waiting = paidUnder(await keyHeld(person(1)), person(1), keys);
    const next = deriveVaultKey(randomBytes(32));
    const given: Payment[] = [];
    await rotateVaultKey({
      ...{ pool, source, addKey: () => (atHand.push(next), next) },
      rewrapStaged: (starts, reseal) => {
        const { sealed } = waiting.entry;
        expect(starts.some((start) => sealed.subarray(0, start.length).equals(start))).toBe(true);
        given.push({ ...waiting, entry: { ...waiting.entry, sealed: reseal(waiting.entry) } });
        return Promise.resolve(0);
      },
    });
    const [rewrapped] = given as [Payment];
    expect(keyOfRow(rewrapped.entry.sealed).subarray(0, 8)).toEqual(next.idBytes);
    expect(rewrapped.entry.sealed.subarray(TOKENS_AT)).toEqual(
      waiting.entry.sealed.subarray(TOKENS_AT),
    );
    expect(await vault.putSelected(selectionOfPaid(given))).toEqual([]);
    expect(await namesOf(given)).toEqual([person(1).name]);
    // What is sealed now is under the key there is now, and not under one of the former key.
    await vault.refreshKeys();
    const [former, present] = [keyOfRow(waiting.entry.sealed), await keyHeld(person(1))];
    for (const [held, isUnder] of [
      [former, false],
      [present, true],
    ] as const) {
      const { entry, payee } = paidUnder(held, person(1), vault.keys);
      expect(keyOfRow(entry.sealed).equals(held)).toBe(isUnder);
      expect(matchingOpenings(entry, payee, vault.keys)?.name?.value).toBe(person(1).name);
    }
  });

  it('are found by the name their people have now, and rows that waited under the former are put', async () => {
    const { vault, keys, pool, source, keyHeld, namesOf } = await openVault();
    await vault.putAll([paid(person(1), keys).entry]);
    const waiting = paidUnder(await keyHeld(person(1)), person(1), keys);
    const given: Payment[] = [];
    const nothing = { rename: () => Promise.resolve(), forgetOthers: () => Promise.resolve() };
    await rotateIndexKey({
      ...{ pool, source, elsewhere: nothing, keepApart: () => undefined },
      renameStaged: (starts, rename) => {
        const { sealed } = waiting.entry;
        expect(starts.some((start) => sealed.subarray(0, start.length).equals(start))).toBe(true);
        given.push({ ...waiting, entry: { ...waiting.entry, ...rename(waiting.entry) } });
        return Promise.resolve();
      },
    });
    await vault.refreshKeys();
    expect(given[0]?.entry.subject).toEqual(subjectOf(person(1), vault.keys.index));
    expect(given[0]?.entry.subject).not.toEqual(waiting.entry.subject);
    given.push(paidUnder(await keyHeld(person(1)), person(1), vault.keys));
    expect(await vault.putSelected(selectionOfPaid(given))).toEqual([]);
    expect(await namesOf(given)).toEqual([person(1).name, person(1).name]);
  });
});
