import type { KeyObject } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { newIndexKey, unwrapIndexKey, wrapIndexKey } from '../index-key.js';
import { type VaultKey, VaultKeyWrong, type VaultKeys } from '../vault-key.js';

/** Where key-encryption keys come from. Asked again when a key is missing: one may have been laid beside the old. */
export interface VaultKeySource {
  read(): readonly VaultKey[];
}

/** One key that stays. */
export const singleKey = (key: VaultKey): VaultKeySource => ({ read: () => [key] });

export interface KeyRow {
  readonly key_id: string;
  readonly check_value: Buffer;
  readonly state: 'current' | 'retiring' | 'retired';
  readonly index_key: Buffer | null;
}

const KEYS = 'SELECT key_id, check_value, state, index_key FROM vault_keys ORDER BY created_at';

/** The keys of a vault in PostgreSQL: which one is current is settled there, the keys themselves come from the source. */
export class PostgresKeyring implements VaultKeys {
  #atHand: ReadonlyMap<string, VaultKey> = new Map();
  #current: VaultKey;
  readonly index: KeyObject;

  private constructor(
    private readonly source: VaultKeySource,
    current: VaultKey,
    index: KeyObject,
  ) {
    this.#current = current;
    this.index = index;
    this.#read();
  }

  /**
   * In an empty vault the source's first key becomes the current one.
   *
   * @throws VaultKeyWrong when the current key, or one that still wraps something, is not at hand; nothing was changed
   */
  static async settle(client: PoolClient, source: VaultKeySource): Promise<PostgresKeyring> {
    const keys = source.read();
    const { rows } = await client.query<KeyRow>(KEYS);
    const [first] = keys;
    if (rows.length === 0) {
      if (!first) throw new Error('there is no vault key');
      const index = newIndexKey();
      await insertKey(client, first, index);
      return new PostgresKeyring(source, first, index);
    }
    const currentRow = rows.find(({ state }) => state === 'current');
    const current = keys.find((key) => currentRow && isKeyOf(key, currentRow));
    const needed = rows.filter(({ state }) => state === 'retiring');
    const missing = needed.some((row) => !keys.some((key) => isKeyOf(key, row)));
    if (!current || !currentRow || missing) throw wrongKey(rows, keys);
    const { index_key: wrapped } = currentRow;
    if (wrapped) return new PostgresKeyring(source, current, unwrapIndexKey(wrapped, current));
    // A vault of the first format: the blind index was keyed by the key itself, and people are named by it.
    await client.query('UPDATE vault_keys SET index_key = $2 WHERE key_id = $1', [
      current.id,
      wrapIndexKey(current.subjects, current),
    ]);
    return new PostgresKeyring(source, current, current.subjects);
  }

  get current(): VaultKey {
    return this.#current;
  }

  find(idBytes: Buffer): VaultKey | null {
    const id = idBytes.toString('hex');
    if (!this.#atHand.has(id)) this.#read();
    return this.#atHand.get(id) ?? null;
  }

  /**
   * Takes up a key another process made the current one.
   *
   * @throws VaultKeyWrong when it is not at hand
   */
  async refresh(pool: Pool): Promise<void> {
    const { rows } = await pool.query<KeyRow>(KEYS);
    const row = rows.find(({ state }) => state === 'current');
    const key = row ? this.find(Buffer.from(row.key_id, 'hex')) : null;
    if (key === null) throw wrongKey(rows, this.source.read());
    this.#current = key;
  }

  #read(): void {
    this.#atHand = new Map(this.source.read().map((key) => [key.id, key]));
  }
}

export async function insertKey(
  client: PoolClient,
  key: VaultKey,
  index: KeyObject,
): Promise<void> {
  await client.query(
    `INSERT INTO vault_keys (key_id, check_value, state, index_key)
     VALUES ($1, $2, 'current', $3)`,
    [key.id, key.check, wrapIndexKey(index, key)],
  );
}

export const isKeyOf = (key: VaultKey, row: KeyRow): boolean =>
  row.key_id === key.id && row.check_value.equals(key.check);

const wrongKey = (rows: readonly KeyRow[], keys: readonly VaultKey[]): VaultKeyWrong => {
  const needed = rows.filter(({ state }) => state !== 'retired').map((row) => row.key_id);
  return new VaultKeyWrong(
    '当前密钥打不开已有的个人信息保险库。请改用原来的密钥（FUNDFLOW_VAULT_KEY 或密钥文件）；' +
      `保险库的密钥编号为 ${needed.join('、')}，当前密钥编号为 ${keys.map(({ id }) => id).join('、')}。`,
  );
};
