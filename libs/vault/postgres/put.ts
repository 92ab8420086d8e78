import { ColumnBytes, columnOf } from '@fundflow/postgres-arrays/column-bytes';
import type { Pool, PoolClient } from 'pg';
import { sameContent } from '../open-recorded.js';
import { type ResealApart, rowUnder, underCurrentIndex } from '../row-under.js';
import { isIndexedNow, isOfToday, keyOfRow, ROW_VERSION, versionOf } from '../sealed-row.js';
import { newSubjectKey, unwrapSubjectKey, wrapSubjectKey } from '../subject-key.js';
import { KEY_ID_BYTES, type VaultKeys } from '../vault-key.js';
import { type PutResult, type VaultEntry, assertBatch } from '../vault.js';
import { findEntries } from './find.js';
import type { PostgresKeyring } from './keyring.js';
import { CALL_PUT } from './put-function.js';
import { CONTENT_LOCK } from './schema.js';

/** Others that make or change the keys of the same people at the same moment, one after the other, are never so many. */
const ATTEMPTS_MAX = 20;

/** Fewer rows are sealed anew before they would have come to another thread and back. */
const HERE_MAX = 32;

/** What rows are sealed anew with. */
export interface Sealing {
  readonly keys: PostgresKeyring;
  readonly apart: ResealApart | null;
}

/**
 * The vault's `putAll` (see the port): one durable statement, and one more for people who have a key already, whose rows
 * are sealed anew under it.
 */
export async function putAll(
  pool: Pool,
  entries: readonly VaultEntry[],
  sealing: Sealing,
): Promise<PutResult> {
  assertBatch(entries.length);
  const first = new Map<string, VaultEntry>();
  const again: VaultEntry[] = [];
  for (const entry of entries) {
    if (first.has(entry.eventId)) again.push(entry);
    else first.set(entry.eventId, entry);
  }
  const once = [...first.values()];
  const left = once.length === 0 ? new Map<string, null>() : await put(pool, once);
  const result = await putRest(pool, { entries: once, held: left }, sealing);
  // Of one id twice in a batch the first was stored and the second is known.
  await sortKnown(pool, again, sealing.keys, result);
  return result;
}

/** Entries that were to be put, no event twice, and what is left of them. */
export interface Tried {
  readonly entries: readonly VaultEntry[];
  readonly held: HeldKeys;
}

/** Puts what a first try left, as `putAll`. */
export async function putRest(
  pool: Pool,
  tried: Tried,
  sealing: Sealing,
): Promise<{ readonly stored: string[]; readonly repeated: string[]; readonly kept: string[] }> {
  const result = { stored: [] as string[], repeated: [] as string[], kept: [] as string[] };
  const { keys } = sealing;
  let [pending, left] = [tried.entries, tried.held];
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    if (attempt > ATTEMPTS_MAX) throw new Error('the keys of these people change all the time');
    if (attempt > 1) left = await put(pool, pending);
    const rest: VaultEntry[] = [];
    const blocked: VaultEntry[] = [];
    for (const entry of pending) {
      const held = left.get(entry.eventId);
      if (held === undefined) result.stored.push(entry.eventId);
      else (isUnder(held, entry) ? blocked : rest).push(entry);
    }
    const unknown = await sortKnown(pool, blocked, keys, result);
    // The current keys may be others by now.
    const areOld = unknown.length > 0 || rest.some(({ eventId }) => left.get(eventId) === null);
    if (areOld) await keys.refresh(pool);
    const named = rest.filter(({ sealed }) => isIndexedNow(sealed, keys));
    const others = [...rest.filter(({ sealed }) => !isIndexedNow(sealed, keys)), ...unknown];
    pending = [
      ...(await underHeldKeys(named, left, sealing)),
      ...others.map((entry) => ({ ...entry, ...underCurrentIndex(entry, keys) })),
    ];
  }
  return result;
}

/** Of what could not be put, by event id: the key its person has; null: none. */
export type HeldKeys = ReadonlyMap<string, Buffer | null>;

interface LeftRow {
  readonly left_id: string;
  readonly held: Buffer | null;
}

/** Puts rows as they are; answers what is left. No event twice. */
export async function put(
  session: Pool | PoolClient,
  entries: readonly VaultEntry[],
): Promise<HeldKeys> {
  const texts = (type: 'uuid' | 'text', of: (entry: VaultEntry) => string): Buffer =>
    columnOf(type, entries.map(of));
  const { rows } = await session.query<LeftRow>({
    name: 'vault_put',
    text: CALL_PUT,
    values: [
      ...[CONTENT_LOCK, texts('uuid', ({ eventId }) => eventId)],
      ...[texts('text', ({ recordKey }) => recordKey), bytesOf(entries, ({ subject }) => subject)],
      ...[bytesOf(entries, ({ sealed }) => sealed), texts('text', ({ region }) => region)],
    ],
  });
  return new Map(rows.map(({ left_id: eventId, held }) => [eventId, held]));
}

function bytesOf(entries: readonly VaultEntry[], of: (entry: VaultEntry) => Buffer): Buffer {
  const column = new ColumnBytes('bytea');
  for (const entry of entries) column.addBytes(of(entry));
  return column.array;
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

async function erasedOf(pool: Pool, eventIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ event_id: string }>(
    'SELECT event_id FROM vault_erased WHERE event_id = ANY ($1::uuid[])',
    [eventIds],
  );
  return new Set(rows.map((row) => row.event_id));
}

/**
 * The same rows, each under the key its person has, or will have: of a person without one the first row's own key becomes
 * it, as it is; of one whose key is gone a fresh one does.
 *
 * @throws SealBroken when a row must be put under another key and does not open
 */
export async function underHeldKeys(
  entries: readonly VaultEntry[],
  held: HeldKeys,
  { keys, apart }: Sealing,
): Promise<VaultEntry[]> {
  const known = entries.flatMap((entry) => {
    const key = held.get(entry.eventId);
    return key && !isUnder(key, entry) ? [{ ...entry, held: key }] : [];
  });
  const made = apart && known.length > HERE_MAX ? await apart(known, keys).catch(() => []) : [];
  const sealed = new Map(
    known.map((row, at) => [row.eventId, made[at] ?? rowUnder(row.held, row, keys)]),
  );
  const own = new Map<string, Buffer>();
  const underOwn = (entry: VaultEntry): VaultEntry => {
    const person = entry.subject.toString('base64');
    const key = own.get(person) ?? ownKey(entry, keys);
    own.set(person, key);
    return isUnder(key, entry)
      ? entry
      : { ...entry, sealed: rowUnder(key, entry, keys, ROW_VERSION) };
  };
  return entries.map((entry) => {
    if (!held.get(entry.eventId)) return underOwn(entry);
    const anew = sealed.get(entry.eventId);
    return anew ? { ...entry, sealed: anew } : entry;
  });
}

/** Whether a row lies under that key already: then it is not the key that keeps it from being put. */
const isUnder = (held: Buffer | null, { sealed }: VaultEntry): boolean =>
  held !== null && isOfToday(sealed) && keyOfRow(sealed).equals(held);

/** The key a row was sealed under, as it may be kept for its person: wrapped by the current key. Else a fresh one. */
function ownKey({ sealed, subject }: VaultEntry, keys: VaultKeys): Buffer {
  if (versionOf(sealed) !== ROW_VERSION) {
    return wrapSubjectKey(newSubjectKey(), subject, keys.current);
  }
  const held = keyOfRow(sealed);
  if (held.subarray(0, KEY_ID_BYTES).equals(keys.current.idBytes)) return held;
  return wrapSubjectKey(unwrapSubjectKey(held, subject, keys), subject, keys.current);
}
