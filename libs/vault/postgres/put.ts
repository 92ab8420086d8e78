import type { Pool, PoolClient } from 'pg';
import { sameContent } from '../open-recorded.js';
import { decodePayload, valuesOf } from '../payload.js';
import {
  BODY_AT,
  ROW_VERSION,
  SealBroken,
  type SealedEntry,
  TOKENS_AT,
  unsealBytes,
} from '../seal.js';
import { tokenBytes, tokensOf } from '../search-tokens.js';
import {
  HELD_KEY_BYTES,
  newSubjectKey,
  sealBody,
  unwrapSubjectKey,
  wrapSubjectKey,
} from '../subject-key.js';
import { KEY_ID_BYTES, type VaultKeys } from '../vault-key.js';
import { type PutResult, type VaultEntry, assertBatch } from '../vault.js';
import { findEntries } from './find.js';
import type { PostgresKeyring } from './keyring.js';
import { CALL_PUT } from './put-function.js';
import { CONTENT_LOCK } from './schema.js';

/** Others that make or change the keys of the same people at the same moment, one after the other, are never so many. */
const ATTEMPTS_MAX = 20;

/**
 * The vault's `putAll` (see the port): one durable statement, and one more for people who have a key already, whose rows
 * are sealed anew under it.
 */
export async function putAll(
  pool: Pool,
  entries: readonly VaultEntry[],
  keys: PostgresKeyring,
): Promise<PutResult> {
  assertBatch(entries.length);
  const result = { stored: [] as string[], repeated: [] as string[], kept: [] as string[] };
  const first = new Map<string, VaultEntry>();
  const again: VaultEntry[] = [];
  for (const entry of entries) {
    if (first.has(entry.eventId)) again.push(entry);
    else first.set(entry.eventId, entry);
  }
  let pending = [...first.values()];
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    if (attempt > ATTEMPTS_MAX) throw new Error('the keys of these people change all the time');
    const left = await put(pool, pending);
    const rest: VaultEntry[] = [];
    const blocked: VaultEntry[] = [];
    for (const entry of pending) {
      const held = left.get(entry.eventId);
      if (held === undefined) result.stored.push(entry.eventId);
      else (isUnder(held, entry) ? blocked : rest).push(entry);
    }
    // The current key may be another one by now.
    if (rest.some(({ eventId }) => left.get(eventId) === null)) await keys.refresh(pool);
    const unknown = await sortKnown(pool, blocked, keys, result);
    pending = [...underHeldKeys(rest, left, keys), ...unknown];
  }
  // Of one id twice in a batch the first was stored and the second is known.
  await sortKnown(pool, again, keys, result);
  return result;
}

/** Of what could not be put, by event id: the key its person has; null: none. */
export type HeldKeys = ReadonlyMap<string, Buffer | null>;

export interface LeftRow {
  readonly left_id: string;
  readonly held: Buffer | null;
}

export const heldKeysOf = (rows: readonly LeftRow[]): HeldKeys =>
  new Map(rows.map(({ left_id: eventId, held }) => [eventId, held]));

/** Puts rows as they are; answers what is left. No event twice. */
export async function put(
  session: Pool | PoolClient,
  entries: readonly VaultEntry[],
): Promise<HeldKeys> {
  const { rows } = await session.query<LeftRow>({
    name: 'vault_put',
    text: CALL_PUT,
    values: [
      CONTENT_LOCK,
      entries.map((entry) => entry.eventId),
      entries.map((entry) => entry.recordKey),
      entries.map((entry) => entry.subject),
      entries.map((entry) => entry.sealed),
      entries.map((entry) => entry.region),
    ],
  });
  return heldKeysOf(rows);
}

/** Adds what is known or erased to the result; answers the others. */
async function sortKnown(
  pool: Pool,
  rest: readonly VaultEntry[],
  keys: VaultKeys,
  result: { readonly repeated: string[]; readonly kept: string[] },
): Promise<VaultEntry[]> {
  if (rest.length === 0) return [];
  const ids = rest.map(({ eventId }) => eventId);
  const found = await findEntries(pool, ids);
  const gone = await erasedOf(pool, ids);
  return rest.filter((entry) => {
    const known = found.get(entry.eventId);
    if (gone.has(entry.eventId)) result.repeated.push(entry.eventId);
    else if (!known) return true;
    else if (sameContent(known, entry, keys)) result.repeated.push(entry.eventId);
    else result.kept.push(entry.eventId);
    return false;
  });
}

export async function erasedOf(pool: Pool, eventIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ event_id: string }>(
    'SELECT event_id FROM vault_erased WHERE event_id = ANY ($1::uuid[])',
    [eventIds],
  );
  return new Set(rows.map((row) => row.event_id));
}

/**
 * The same rows, each under the key its person has, or will have: of a person without one the first row's own key becomes
 * it, as it is.
 */
export function underHeldKeys(
  entries: readonly VaultEntry[],
  held: HeldKeys,
  keys: VaultKeys,
): VaultEntry[] {
  const own = new Map<string, Buffer>();
  return entries.map((entry) => {
    const known = held.get(entry.eventId);
    if (known) return reseal(entry, known, keys);
    const person = entry.subject.toString('base64');
    const key = own.get(person) ?? ownKey(entry, keys);
    own.set(person, key);
    return reseal(entry, key, keys);
  });
}

/** Whether a row lies under that key already: then it is not the key that keeps it from being put. */
const isUnder = (held: Buffer | null, { sealed }: VaultEntry): boolean =>
  held !== null && sealed[0] === ROW_VERSION && sealed.subarray(1, TOKENS_AT).equals(held);

/** The key a row was sealed under, as it may be kept for its person: wrapped by the current key. */
function ownKey({ sealed, subject }: VaultEntry, keys: VaultKeys): Buffer {
  if (sealed[0] !== ROW_VERSION) return wrapSubjectKey(newSubjectKey(), subject, keys.current);
  const held = sealed.subarray(1, 1 + HELD_KEY_BYTES);
  if (held.subarray(0, KEY_ID_BYTES).equals(keys.current.idBytes)) return held;
  return wrapSubjectKey(unwrapSubjectKey(held, subject, keys), subject, keys.current);
}

/**
 * A sealed row that waits for certification, wrapped by the current key: for when the one that wrapped it goes.
 *
 * @throws SealBroken when it does not open
 */
export function underCurrentKey(entry: SealedEntry, keys: VaultKeys): Buffer {
  const { sealed, subject, recordKey } = entry;
  if (sealed[0] !== ROW_VERSION) {
    const held = wrapSubjectKey(newSubjectKey(), subject, keys.current);
    return rowUnder(held, entry, keys);
  }
  try {
    const key = unwrapSubjectKey(sealed.subarray(1, TOKENS_AT), subject, keys);
    const held = wrapSubjectKey(key, subject, keys.current);
    return Buffer.concat([sealed.subarray(0, 1), held, sealed.subarray(TOKENS_AT)]);
  } catch {
    throw new SealBroken(recordKey);
  }
}

/** @throws SealBroken when the row must be put under another key and does not open */
function reseal(entry: VaultEntry, held: Buffer, keys: VaultKeys): VaultEntry {
  if (isUnder(held, entry)) return entry;
  return { ...entry, sealed: rowUnder(held, entry, keys) };
}

/**
 * A sealed row as one of today's version whose values lie under the key held for its person. Its tokens stay as they are.
 *
 * @throws SealBroken when it, or that key, does not open
 */
export function rowUnder(held: Buffer, entry: SealedEntry, keys: VaultKeys): Buffer {
  const { sealed, subject, recordKey } = entry;
  const plain = unsealBytes(entry, keys);
  const tokens =
    sealed[0] === ROW_VERSION
      ? sealed.subarray(TOKENS_AT, BODY_AT)
      : tokenBytes(tokensOf(valuesOf(decodePayload(plain)), keys.index));
  let key: Buffer;
  try {
    key = unwrapSubjectKey(held, subject, keys);
  } catch {
    throw new SealBroken(recordKey);
  }
  const body = sealBody(plain, key, subject, recordKey);
  return Buffer.concat([Buffer.of(ROW_VERSION), held, tokens, body]);
}

/** The part of a sealed row that `vault_entries` keeps. */
export const entryBytes = (row: Buffer): Buffer =>
  Buffer.concat([row.subarray(0, 1), row.subarray(BODY_AT)]);
