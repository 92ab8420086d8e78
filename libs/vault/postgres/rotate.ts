import type { Pool } from 'pg';
import { formerIndexNo } from '../index-key.js';
import { underCurrentKey } from '../row-under.js';
import { SealBroken, type SealedEntry } from '../seal.js';
import { FIRST_VERSION, firstBytes } from '../sealed-row.js';
import { unwrapSubjectKey, wrapSubjectKey } from '../subject-key.js';
import { KEY_ID_BYTES, type VaultKey, VaultKeyMissing, type VaultKeys } from '../vault-key.js';
import {
  insertKey,
  isKeyOf,
  KEY_COLUMNS,
  type KeyRow,
  PostgresKeyring,
  type VaultKeySource,
} from './keyring.js';
import { CONTENT_LOCK, createVaultSchema, transaction } from './schema.js';

/** Keys of people wrapped anew in one durable step. */
export const ROTATION_BATCH = 1_000;

export interface RotationSettings {
  readonly pool: Pool;
  readonly source: VaultKeySource;
  /** Lays a new key beside those of the source; asked only when the source holds none that the vault does not know. */
  addKey(): VaultKey;
  /**
   * Gives rows that wait for certification to `reseal` whose sealed bytes begin so; answers how many blocks of them are
   * left: the old key is retired when there are none.
   */
  rewrapStaged(starts: readonly Buffer[], reseal: (row: SealedEntry) => Buffer): Promise<number>;
  onProgress?(wrapped: number): void;
}

export interface Rotation {
  readonly current: string;
  /** Keys that open nothing of this vault any more, retired by this run. */
  readonly retired: readonly string[];
  /** Keys still needed by rows that wait for certification, with how many blocks of them. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Keys of people that were wrapped anew by this run. */
  readonly wrapped: number;
}

/**
 * Changes the key-encryption key: the new one becomes current at once, the old one stays at hand until nothing is wrapped
 * by it. Keys of people are wrapped anew in batches; a run that was cut short is taken up by the next, which makes no
 * further key. Values are not encrypted again, and blind indexes stay: their key is changed by `rotateIndexKey`.
 *
 * @throws VaultKeyWrong when a key that is needed is not at hand
 */
export async function rotateVaultKey(settings: RotationSettings): Promise<Rotation> {
  const { pool, source } = settings;
  const keys = await createVaultSchema(pool, (client) => PostgresKeyring.settle(client, source));
  await beginRotation(settings, keys);
  const retired: string[] = [];
  const waiting = new Map<string, number>();
  let wrapped = 0;
  for (const { key_id: id } of await keyRows(pool, 'retiring')) {
    const idBytes = Buffer.from(id, 'hex');
    for (let done = ROTATION_BATCH; done === ROTATION_BATCH;) {
      done = await wrapBatch(pool, idBytes, keys);
      wrapped += done;
      settings.onProgress?.(wrapped);
    }
    const starts = firstBytesOf(keys).map((first) => Buffer.concat([Buffer.of(first), idBytes]));
    const blocks = await settings.rewrapStaged(starts, (row) => underCurrentKey(row, keys));
    if (blocks > 0) waiting.set(id, blocks);
    else if (await retire(pool, idBytes)) retired.push(id);
    else waiting.set(id, 0);
  }
  return { current: keys.current.id, retired, waiting, wrapped };
}

/** Makes a new key current, unless an earlier run did and is not at its end. */
async function beginRotation(settings: RotationSettings, keys: PostgresKeyring): Promise<void> {
  const { pool, source } = settings;
  if ((await keyRows(pool, 'retiring')).length > 0) return;
  const known = await keyRows(pool);
  const isKnown = (key: VaultKey): boolean => known.some((row) => isKeyOf(key, row));
  const fresh = source.read().find((key) => !isKnown(key)) ?? settings.addKey();
  if (isKnown(fresh)) throw new VaultKeyMissing('没有新的密钥可以启用。');
  await transaction(pool, async (client) => {
    await client.query('LOCK TABLE vault_keys IN SHARE ROW EXCLUSIVE MODE');
    // Keys of people that are being made under the old one are there, and wrapped anew, before it goes.
    await client.query('SELECT pg_advisory_xact_lock($1)', [CONTENT_LOCK]);
    await keys.refresh(client);
    const { rowCount } = await client.query(
      `UPDATE vault_keys SET state = 'retiring' WHERE key_id = $1 AND state = 'current'`,
      [keys.current.id],
    );
    if (rowCount !== 1) throw new Error('another rotation has begun');
    await insertKey(client, fresh, keys.indexes);
  });
  await keys.refresh(pool);
}

/** How rows begin that may wait for certification. */
const firstBytesOf = ({ indexNo }: PostgresKeyring): number[] => [
  ...[indexNo, formerIndexNo(indexNo)].flatMap(firstBytes),
  FIRST_VERSION,
];

async function keyRows(pool: Pool, state?: KeyRow['state']): Promise<KeyRow[]> {
  const { rows } = await pool.query<KeyRow>(
    `SELECT ${KEY_COLUMNS} FROM vault_keys
      WHERE $1::text IS NULL OR state = $1 ORDER BY created_at`,
    [state ?? null],
  );
  return rows;
}

const WRAPPED_BY = `substr(held_key, 1, ${KEY_ID_BYTES}) = $1`;

async function wrapBatch(pool: Pool, old: Buffer, keys: VaultKeys): Promise<number> {
  return transaction(pool, async (client) => {
    const { rows } = await client.query<{ subject: Buffer; held_key: Buffer }>(
      `SELECT subject, held_key FROM vault_subjects WHERE ${WRAPPED_BY}
        LIMIT ${ROTATION_BATCH} FOR UPDATE`,
      [old],
    );
    const wrapped = rows.map(({ subject, held_key: held }) => {
      try {
        return wrapSubjectKey(unwrapSubjectKey(held, subject, keys), subject, keys.current);
      } catch {
        throw new SealBroken(`subject ${subject.toString('hex')}`);
      }
    });
    await client.query(
      `UPDATE vault_subjects person SET held_key = given.held_key
         FROM unnest($1::bytea[], $2::bytea[]) AS given (subject, held_key)
        WHERE person.subject = given.subject`,
      [rows.map(({ subject }) => subject), wrapped],
    );
    return rows.length;
  });
}

/** False when something is wrapped by it after all. */
function retire(pool: Pool, id: Buffer): Promise<boolean> {
  return transaction(pool, async (client) => {
    const held = await client.query(`SELECT FROM vault_subjects WHERE ${WRAPPED_BY} LIMIT 1`, [id]);
    const first = await client.query('SELECT FROM vault_entries WHERE key_id = $1 LIMIT 1', [
      id.toString('hex'),
    ]);
    if (held.rows.length + first.rows.length > 0) return false;
    await client.query(
      `UPDATE vault_keys SET state = 'retired', retired_at = now(), index_key = NULL,
          other_index_key = NULL
        WHERE key_id = $1 AND state = 'retiring'`,
      [id.toString('hex')],
    );
    return true;
  });
}
