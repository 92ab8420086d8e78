import type { PoolClient } from 'pg';
import type { IndexKey } from '../index-key.js';
import { keyedDigest } from '../keyed-hash.js';
import { decodePayload, valuesOf } from '../payload.js';
import { SealBroken, subjectOf, unsealBytes, type SealedEntry } from '../seal.js';
import { unwrapSubjectKey, wrapSubjectKey } from '../subject-key.js';
import { findEntries } from './find.js';
import type { PostgresKeyring } from './keyring.js';

/** People named at once where all are. */
const TOGETHER_MAX = 1_000;
/** Entries of a person that are opened until one does. */
const OPENED_MAX = 100;

/** Of a person: both blind indexes. */
export interface Renamed {
  readonly former: Buffer;
  readonly present: Buffer;
}

/** What else in the database calls people by blind index. In the transaction that is given. */
export interface OtherNames {
  rename(client: PoolClient, people: readonly Renamed[]): Promise<void>;
  /** Everybody of whom something is kept was renamed: what still has another name is of nobody. */
  forgetOthers(client: PoolClient): Promise<void>;
}

/** For this transaction: what is asked about a thousand people is looked up, not read whole. */
export const BY_INDEX = 'SET LOCAL enable_seqscan = off';

interface Person {
  readonly subject: Buffer;
  readonly held_key: Buffer;
}

const UNNAMED = `
  NOT EXISTS (SELECT FROM vault_renamed known WHERE known.former = person.subject)
    AND NOT EXISTS (SELECT FROM vault_renamed known WHERE known.present = person.subject)`;

/** Tables that name people about whom something was decided. */
const MEASURES = ['vault_holds', 'vault_restrictions', 'vault_erasures'];

/**
 * Gives people a further name, under the key that is not the current one yet: one key of a person under both names, so that
 * whoever comes under the new one finds it. Everything but entries and the rows that wait calls the person by it from now on.
 *
 * @returns how many, and the last person looked at; null: there are no more
 */
export async function nameBatch(
  client: PoolClient,
  keys: PostgresKeyring,
  {
    after,
    size,
    elsewhere,
  }: { readonly after: Buffer; readonly size: number; readonly elsewhere: OtherNames },
): Promise<{ readonly named: number; readonly last: Buffer | null }> {
  if (!keys.isIndexPrepared) return { named: 0, last: null };
  await client.query(BY_INDEX);
  const { rows } = await client.query<Person & { is_unnamed: boolean }>(
    `SELECT subject, held_key, ${UNNAMED} AS is_unnamed FROM vault_subjects person
      WHERE subject > $1 ORDER BY subject LIMIT $2`,
    [after, size],
  );
  const unnamed = rows.filter((row) => row.is_unnamed);
  const named = await nameThese(client, keys, { people: unnamed, elsewhere });
  return { named, last: rows.length < size ? null : (rows.at(-1)?.subject ?? null) };
}

/** The same of everybody who is left. */
export async function nameAll(
  client: PoolClient,
  keys: PostgresKeyring,
  elsewhere: OtherNames,
): Promise<number> {
  const { rows: people } = await client.query<Person>(
    `SELECT subject, held_key FROM vault_subjects person WHERE ${UNNAMED}`,
  );
  await client.query(BY_INDEX);
  let named = 0;
  for (let from = 0; from < people.length; from += TOGETHER_MAX) {
    const some = people.slice(from, from + TOGETHER_MAX);
    named += await nameThese(client, keys, { people: some, elsewhere });
  }
  return named;
}

/**
 * Measures about people of whom nothing is kept: they get a name that tells them apart as before, and no more. Somebody
 * whose entries do not open keeps the former one.
 */
export async function nameTheGone(
  client: PoolClient,
  { indexes: { other } }: PostgresKeyring,
  elsewhere: OtherNames,
): Promise<void> {
  for (const table of MEASURES) {
    const { rows } = await client.query<{ subject: Buffer }>(
      `SELECT DISTINCT subject FROM ${table} measure
        WHERE NOT EXISTS (SELECT FROM vault_subjects person WHERE person.subject = measure.subject)`,
    );
    const gone = rows.map(({ subject: former }) => ({
      former,
      present: keyedDigest((other as IndexKey).key, `gone\0${former.toString('hex')}`),
    }));
    await renameIn(client, table, gone);
  }
  await elsewhere.forgetOthers(client);
}

async function nameThese(
  client: PoolClient,
  keys: PostgresKeyring,
  { people, elsewhere }: { readonly people: readonly Person[]; readonly elsewhere: OtherNames },
): Promise<number> {
  if (people.length === 0) return 0;
  const next = keys.indexes.other as IndexKey;
  const { entries, empty } = await entryOfEach(client, people);
  // A key of nobody: made for a row that was not put, because it is erased.
  await client.query('DELETE FROM vault_subjects WHERE subject = ANY ($1::bytea[])', [empty]);
  const renamed: (Renamed & { readonly held: Buffer })[] = [];
  for (const { subject: former, held_key: held } of people) {
    const of = entries.get(former.toString('hex'));
    const present = of && (await nameUnder(client, next, { former, of, keys }));
    if (!present) continue;
    const key = unwrapSubjectKey(held, former, keys);
    renamed.push({ former, present, held: wrapSubjectKey(key, present, keys.current) });
  }
  const columns = [renamed.map((r) => r.former), renamed.map((r) => r.present)];
  await client.query(
    `INSERT INTO vault_subjects (subject, held_key) SELECT * FROM unnest($1::bytea[], $2::bytea[])
     ON CONFLICT DO NOTHING`,
    [columns[1], renamed.map((r) => r.held)],
  );
  await client.query(
    'INSERT INTO vault_renamed (former, present) SELECT * FROM unnest($1::bytea[], $2::bytea[])',
    columns,
  );
  for (const table of MEASURES) await renameIn(client, table, renamed);
  await elsewhere.rename(client, renamed);
  return renamed.length;
}

async function renameIn(
  client: PoolClient,
  table: string,
  people: readonly Renamed[],
): Promise<void> {
  await client.query(
    `UPDATE ${table} measure SET subject = given.present
       FROM unnest($1::bytea[], $2::bytea[]) AS given (former, present)
      WHERE measure.subject = given.former`,
    [people.map(({ former }) => former), people.map(({ present }) => present)],
  );
}

/** One entry of each, by blind index in hex; and those who have none. */
async function entryOfEach(client: PoolClient, people: readonly Person[]) {
  const { rows } = await client.query<{ subject: Buffer; event_id: string | null }>(
    `SELECT given.subject,
       (SELECT event_id FROM vault_entries entry WHERE entry.subject = given.subject LIMIT 1)
       FROM unnest($1::bytea[]) AS given (subject)`,
    [people.map(({ subject }) => subject)],
  );
  const ids = rows.flatMap((row) => row.event_id ?? []);
  const found = [...(await findEntries(client, ids)).values()];
  return {
    entries: new Map(found.map((entry) => [entry.subject.toString('hex'), entry])),
    empty: rows.filter((row) => row.event_id === null).map(({ subject }) => subject),
  };
}

/** Null when nothing of the person opens. */
async function nameUnder(
  client: PoolClient,
  { key }: IndexKey,
  person: {
    readonly former: Buffer;
    readonly of: SealedEntry;
    readonly keys: PostgresKeyring;
  },
): Promise<Buffer | null> {
  const { former, of, keys } = person;
  const first = nameOf(of, keys, key);
  if (first) return first;
  const { rows } = await client.query<{ event_id: string }>(
    `SELECT event_id FROM vault_entries WHERE subject = $1 LIMIT ${OPENED_MAX}`,
    [former],
  );
  const others = await findEntries(
    client,
    rows.map((row) => row.event_id),
  );
  for (const other of others.values()) {
    const name = nameOf(other, keys, key);
    if (name) return name;
  }
  return null;
}

function nameOf(entry: SealedEntry, keys: PostgresKeyring, index: IndexKey['key']): Buffer | null {
  try {
    return subjectOf(valuesOf(decodePayload(unsealBytes(entry, keys))), index);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}
