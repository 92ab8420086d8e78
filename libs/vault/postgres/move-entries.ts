import type { Pool, PoolClient } from 'pg';
import { decodePayload, valuesOf } from '../payload.js';
import { SealBroken, type SealedEntry, unsealBytes } from '../seal.js';
import { firstByte } from '../sealed-row.js';
import { tokensOf } from '../search-tokens.js';
import { sealBody, unwrapSubjectKey } from '../subject-key.js';
import { findEntries } from './find.js';
import type { PostgresKeyring } from './keyring.js';
import { BY_INDEX } from './name-anew.js';
import { type Opened, replaceTokens } from './replace-tokens.js';
import { CONTENT_LOCK, transaction } from './schema.js';

export interface Moving {
  /** Entries put under their person's present name in one durable step; people looked at together. */
  readonly batch: number;
  onProgress(entries: number): Promise<void>;
}

/** Behind which entry, in the order of former names and event ids. */
interface Place {
  readonly former: Buffer;
  readonly eventId: string;
}

const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * Puts entries of people who were renamed under their present names, with tokens of the current key: values stay under the
 * person's key, and are bound to the other name. One that does not open stays. Answers how many were put.
 */
export async function moveEntries(
  pool: Pool,
  keys: PostgresKeyring,
  { batch: size, onProgress }: Moving,
): Promise<number> {
  let entries = 0;
  for (let people = await peopleAfter(pool, Buffer.alloc(0), size); people.length > 0;) {
    for (let after: Place | null = { former: Buffer.alloc(0), eventId: BEFORE_ALL }; after;) {
      const batch = await moveBatch(pool, keys, { people, after, size });
      entries += batch.moved;
      after = batch.last;
      await onProgress(entries);
    }
    people = await peopleAfter(pool, people.at(-1) as Buffer, size);
  }
  return entries;
}

async function peopleAfter(pool: Pool, after: Buffer, size: number): Promise<Buffer[]> {
  const { rows } = await pool.query<{ former: Buffer }>(
    `SELECT former FROM vault_renamed WHERE former > $1 ORDER BY former LIMIT $2`,
    [after, size],
  );
  return rows.map(({ former }) => former);
}

interface Named {
  readonly event_id: string;
  readonly former: Buffer;
  readonly present: Buffer;
  readonly held_key: Buffer;
}

/** @returns the last entry looked at; null: these people have no more */
function moveBatch(
  pool: Pool,
  keys: PostgresKeyring,
  {
    people,
    after,
    size,
  }: { readonly people: readonly Buffer[]; readonly after: Place; readonly size: number },
): Promise<{ readonly moved: number; readonly last: Place | null }> {
  return transaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [CONTENT_LOCK]);
    await keys.refresh(client);
    await client.query(BY_INDEX);
    const { rows } = await client.query<Named>(
      `SELECT entry.event_id, known.former, known.present, person.held_key
         FROM vault_renamed known
         JOIN vault_entries entry ON entry.subject = known.former
         JOIN vault_subjects person ON person.subject = known.present
        WHERE known.former = ANY ($1::bytea[])
          AND (known.former, entry.event_id) > ($2::bytea, $3::uuid)
        ORDER BY known.former, entry.event_id LIMIT $4`,
      [people, after.former, after.eventId, size],
    );
    const moved = await moveThese(client, keys, rows);
    const last = rows.at(-1);
    if (rows.length === size && last) {
      return { moved, last: { former: last.former, eventId: last.event_id } };
    }
    await client.query(
      `DELETE FROM vault_subjects person WHERE subject = ANY ($1::bytea[])
          AND NOT EXISTS (SELECT FROM vault_entries entry WHERE entry.subject = person.subject)`,
      [people],
    );
    return { moved, last: null };
  });
}

async function moveThese(
  client: PoolClient,
  keys: PostgresKeyring,
  named: readonly Named[],
): Promise<number> {
  const ids = named.map((row) => row.event_id);
  const found = await findEntries(client, ids);
  const moved: (Opened & { readonly present: Buffer; readonly sealed: Buffer })[] = [];
  for (const { event_id: eventId, present, held_key: held } of named) {
    const plain = plainOf(found.get(eventId) as SealedEntry, keys);
    if (plain === null) continue;
    const { recordKey } = found.get(eventId) as SealedEntry;
    const body = sealBody(plain, unwrapSubjectKey(held, present, keys), present, recordKey);
    const sealed = Buffer.concat([Buffer.of(firstByte(keys.indexNo)), body]);
    const tokens = tokensOf(valuesOf(decodePayload(plain)), keys.index);
    moved.push({ eventId, tokens, present, sealed });
  }
  await client.query(
    `UPDATE vault_entries entry SET subject = given.subject, sealed = given.sealed
       FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS given (event_id, subject, sealed)
      WHERE entry.event_id = given.event_id`,
    [moved.map((m) => m.eventId), moved.map((m) => m.present), moved.map((m) => m.sealed)],
  );
  await replaceTokens(client, ids, moved);
  return moved.length;
}

/** Null when it does not open. */
function plainOf(entry: SealedEntry, keys: PostgresKeyring): Buffer | null {
  try {
    return unsealBytes(entry, keys);
  } catch (error) {
    if (error instanceof SealBroken) return null;
    throw error;
  }
}
