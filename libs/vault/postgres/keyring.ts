import type { KeyObject } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import {
  formerIndexNo,
  type IndexKey,
  newIndexKey,
  nextIndexNo,
  unwrapIndexKey,
  wrapIndexKey,
} from '../index-key.js';
import { FIRST_VERSION, firstBytes } from '../sealed-row.js';
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
  readonly index_no: number;
  /** While the key of the blind indexes is changed: the next one until it is the current one, then the former one. */
  readonly other_index_key: Buffer | null;
  readonly other_index_no: number | null;
}

export const KEY_COLUMNS =
  'key_id, check_value, state, index_key, index_no, other_index_key, other_index_no';
const KEYS = `SELECT ${KEY_COLUMNS} FROM vault_keys ORDER BY created_at`;

/** The keys of the blind indexes. */
export interface IndexKeys {
  readonly current: IndexKey;
  readonly other: IndexKey | null;
}

/** The keys of a vault in PostgreSQL: which one is current is settled there, the keys themselves come from the source. */
export class PostgresKeyring implements VaultKeys {
  #atHand: ReadonlyMap<string, VaultKey> = new Map();
  #current: VaultKey;
  #indexes: IndexKeys;

  private constructor(
    private readonly source: VaultKeySource,
    current: VaultKey,
    indexes: IndexKeys,
  ) {
    this.#current = current;
    this.#indexes = indexes;
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
      const indexes = { current: { no: 0, key: newIndexKey() }, other: null };
      await insertKey(client, first, indexes);
      return new PostgresKeyring(source, first, indexes);
    }
    const currentRow = rows.find(({ state }) => state === 'current');
    const current = keys.find((key) => currentRow && isKeyOf(key, currentRow));
    const needed = rows.filter(({ state }) => state === 'retiring');
    const missing = needed.some((row) => !keys.some((key) => isKeyOf(key, row)));
    if (!current || !currentRow || missing) throw wrongKey(rows, keys);
    const indexes = indexesOf(currentRow, current);
    if (indexes) return new PostgresKeyring(source, current, indexes);
    // A vault of the first format: the blind index was keyed by the key itself, and people are named by it.
    await client.query('UPDATE vault_keys SET index_key = $2 WHERE key_id = $1', [
      current.id,
      wrapIndexKey(current.subjects, current),
    ]);
    const ofFirst = { current: { no: 0, key: current.subjects }, other: null };
    return new PostgresKeyring(source, current, ofFirst);
  }

  get current(): VaultKey {
    return this.#current;
  }

  get index(): KeyObject {
    return this.#indexes.current.key;
  }

  get indexNo(): number {
    return this.#indexes.current.no;
  }

  /** As they were when the keys were last read. */
  get indexes(): IndexKeys {
    return this.#indexes;
  }

  /** How sealed rows begin whose person is named by the key before the current one. */
  formerStarts(): Buffer[] {
    const former = firstBytes(formerIndexNo(this.indexNo));
    const firsts = this.indexNo === 0 ? former : [...former, FIRST_VERSION];
    return [...this.#atHand.values()].flatMap(({ idBytes }) =>
      firsts.map((first) => Buffer.concat([Buffer.of(first), idBytes])),
    );
  }

  /** Another key of the blind indexes is there, and not the current one yet. */
  get isIndexPrepared(): boolean {
    return this.#indexes.other?.no === nextIndexNo(this.indexNo);
  }

  find(idBytes: Buffer): VaultKey | null {
    const id = idBytes.toString('hex');
    if (!this.#atHand.has(id)) this.#read();
    return this.#atHand.get(id) ?? null;
  }

  /**
   * Takes up keys another process made the current ones.
   *
   * @throws VaultKeyWrong when the key-encryption key is not at hand
   */
  async refresh(session: Pool | PoolClient): Promise<void> {
    const { rows } = await session.query<KeyRow>(KEYS);
    const row = rows.find(({ state }) => state === 'current');
    const key = row ? this.find(Buffer.from(row.key_id, 'hex')) : null;
    const indexes = row && key && indexesOf(row, key);
    if (!key || !indexes) throw wrongKey(rows, this.source.read());
    this.#current = key;
    // The objects stay while the keys do: what was worked out for them is kept by object.
    if (!areSame(indexes, this.#indexes)) this.#indexes = indexes;
  }

  #read(): void {
    // One that was retired meanwhile still opens what this process sealed with it before it knew.
    const keys = this.source.read().map((key) => [key.id, key] as const);
    this.#atHand = new Map([...this.#atHand, ...keys]);
  }
}

export async function insertKey(
  client: PoolClient,
  key: VaultKey,
  { current, other }: IndexKeys,
): Promise<void> {
  await client.query(
    `INSERT INTO vault_keys (key_id, check_value, state, index_key, index_no, other_index_key,
       other_index_no)
     VALUES ($1, $2, 'current', $3, $4, $5, $6)`,
    [
      ...[key.id, key.check, wrapIndexKey(current.key, key), current.no],
      ...[other && wrapIndexKey(other.key, key), other && other.no],
    ],
  );
}

function indexesOf(row: KeyRow, by: VaultKey): IndexKeys | null {
  if (!row.index_key) return null;
  const current = { no: row.index_no, key: unwrapIndexKey(row.index_key, by) };
  if (!row.other_index_key || row.other_index_no === null) return { current, other: null };
  const other = { no: row.other_index_no, key: unwrapIndexKey(row.other_index_key, by) };
  return { current, other };
}

const isSame = (a: IndexKey | null, b: IndexKey | null): boolean =>
  a === b || (a !== null && b !== null && a.no === b.no && a.key.equals(b.key));

const areSame = (a: IndexKeys, b: IndexKeys): boolean =>
  isSame(a.current, b.current) && isSame(a.other, b.other);

export const isKeyOf = (key: VaultKey, row: KeyRow): boolean =>
  row.key_id === key.id && row.check_value.equals(key.check);

const wrongKey = (rows: readonly KeyRow[], keys: readonly VaultKey[]): VaultKeyWrong => {
  const needed = rows.filter(({ state }) => state !== 'retired').map((row) => row.key_id);
  return new VaultKeyWrong(
    '当前密钥打不开已有的个人信息保险库。请改用原来的密钥（FUNDFLOW_VAULT_KEY 或密钥文件）；' +
      `保险库的密钥编号为 ${needed.join('、')}，当前密钥编号为 ${keys.map(({ id }) => id).join('、')}。`,
  );
};
