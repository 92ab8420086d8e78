import type { Pool } from 'pg';
import { allMasked, openRecorded } from '../open-recorded.js';
import { BODY_AT, WRAPPED_KEY_AT, WRAPPED_KEY_BYTES, type SealedEntry } from '../seal.js';
import { KEY_ID_BYTES, type VaultKey } from '../vault-key.js';
import { type PutResult, type Vault, type VaultEntry, assertBatch } from '../vault.js';
import { createVaultSchema } from './schema.js';

/** The sealed bytes in one piece, as `unseal` takes them: version, key id, wrapped key, the rest. */
const WHOLE = `substr(sealed, 1, 1) || decode(key_id, 'hex') || wrapped_key || substr(sealed, 2)`;

// Four arrays: within the noise of one JSON, and half again as fast as six (SQL cuts the key out of the bytes).
const PUT = `
  INSERT INTO vault_entries (event_id, record_key, subject, key_id, wrapped_key, sealed)
  SELECT event_id, record_key, subject,
         encode(substr(whole, 2, ${KEY_ID_BYTES}), 'hex'),
         substr(whole, ${WRAPPED_KEY_AT + 1}, ${WRAPPED_KEY_BYTES}),
         substr(whole, 1, 1) || substr(whole, ${BODY_AT + 1})
    FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[])
      AS entry (event_id, record_key, subject, whole)
  ON CONFLICT (event_id) DO NOTHING
  RETURNING event_id`;

const FIND = `
  SELECT event_id, record_key, subject, ${WHOLE} AS sealed
    FROM vault_entries WHERE event_id = ANY ($1::uuid[])`;

const FIND_SUBJECT = `
  SELECT event_id FROM vault_entries
   WHERE subject = $1 AND ($2::uuid IS NULL OR event_id > $2) ORDER BY event_id LIMIT $3`;

interface EntryRow {
  readonly event_id: string;
  readonly record_key: string;
  readonly subject: Buffer;
  readonly sealed: Buffer;
}

/**
 * The vault in PostgreSQL; creates its tables where they are missing. The pool stays the caller's.
 *
 * @throws VaultKeyWrong when the vault was sealed under another key
 */
export async function openPostgresVault(pool: Pool, key: VaultKey): Promise<Vault> {
  await createVaultSchema(pool, key);
  const open: Vault['open'] = async (recorded) => {
    assertBatch(recorded.length);
    const found = await findEntries(
      pool,
      recorded.map(({ eventId }) => eventId),
    );
    return openRecorded(recorded, found, key);
  };
  return {
    putAll: (entries) => putAll(pool, entries),
    open,
    openMasked: async (recorded) => allMasked(await open(recorded)),
    async findSubject(subject, { after, limit }) {
      assertBatch(limit);
      const { rows } = await pool.query<{ event_id: string }>(FIND_SUBJECT, [
        subject,
        after,
        limit,
      ]);
      return rows.map((row) => row.event_id);
    },
    async destroy(eventIds) {
      assertBatch(eventIds.length);
      const statement = 'DELETE FROM vault_entries WHERE event_id = ANY ($1::uuid[])';
      return (await pool.query(statement, [eventIds])).rowCount ?? 0;
    },
  };
}

async function putAll(pool: Pool, entries: readonly VaultEntry[]): Promise<PutResult> {
  assertBatch(entries.length);
  if (entries.length === 0) return { stored: [], repeated: [], kept: [] };
  const { rows } = await pool.query<{ event_id: string }>(PUT, [
    entries.map((entry) => entry.eventId),
    entries.map((entry) => entry.recordKey),
    entries.map((entry) => entry.subject),
    entries.map((entry) => entry.sealed),
  ]);
  const stored = rows.map((row) => row.event_id);
  if (stored.length === entries.length) return { stored, repeated: [], kept: [] };
  return { stored, ...(await known(pool, entries, new Set(stored))) };
}

/** A statement of its own: one whose snapshot is older than a competing insert would not see that row. */
async function known(
  pool: Pool,
  entries: readonly VaultEntry[],
  stored: Set<string>,
): Promise<Pick<PutResult, 'repeated' | 'kept'>> {
  // Of one id twice in a batch the first was stored and the second is known.
  const rest = entries.filter((entry) => !stored.delete(entry.eventId));
  const found = await findEntries(
    pool,
    rest.map((entry) => entry.eventId),
  );
  const isSame = (entry: VaultEntry): boolean =>
    found.get(entry.eventId)?.sealed.equals(entry.sealed) === true;
  return {
    repeated: rest.filter(isSame).map((entry) => entry.eventId),
    kept: rest.filter((entry) => !isSame(entry)).map((entry) => entry.eventId),
  };
}

async function findEntries(
  pool: Pool,
  eventIds: readonly string[],
): Promise<Map<string, SealedEntry>> {
  const { rows } = await pool.query<EntryRow>(FIND, [eventIds]);
  return new Map(
    rows.map((row) => [
      row.event_id,
      { recordKey: row.record_key, subject: row.subject, sealed: row.sealed },
    ]),
  );
}
