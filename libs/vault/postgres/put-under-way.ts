import type { Pool, PoolClient } from 'pg';
import type { VaultKeys } from '../vault-key.js';
import { type PutResult, type PutUnderWay, type VaultEntry, assertBatch } from '../vault.js';
import { putUnderKeys, underSubjectKeys } from './put.js';

/** Puts that hold a session while the append they wait for needs another one: never as many as a pool has. */
const UNDER_WAY_MAX = 2;
const POOL_SESSIONS_MIN = 2 * UNDER_WAY_MAX;

interface Begun {
  readonly client: PoolClient;
  /** Event ids that are there once the transaction is committed. */
  readonly stored: ReadonlySet<string>;
}

/**
 * The vault's `beginPut` (see the port): a transaction that is open while the append is on its way. It is a help and never
 * a condition: whatever goes wrong with it, and whatever it could not store, `putAll` does when the entries are to be kept.
 */
export class PutsUnderWay {
  #open = 0;

  constructor(
    private readonly pool: Pool,
    private readonly keys: VaultKeys,
    private readonly putAll: (entries: readonly VaultEntry[]) => Promise<PutResult>,
  ) {}

  begin(entries: readonly VaultEntry[]): PutUnderWay {
    assertBatch(entries.length);
    const begun = this.#begin(entries);
    return {
      keep: async () => {
        const durable = await this.#end(await begun, 'COMMIT');
        const stored: string[] = [];
        const left = entries.filter(({ eventId }) => {
          const isStored = durable.delete(eventId);
          if (isStored) stored.push(eventId);
          return !isStored;
        });
        if (left.length === 0) return { stored, repeated: [], kept: [] };
        const rest = await this.putAll(left);
        return { ...rest, stored: [...stored, ...rest.stored] };
      },
      drop: async () => void (await this.#end(await begun, 'ROLLBACK')),
    };
  }

  async #begin(entries: readonly VaultEntry[]): Promise<Begun | null> {
    const sessions = this.pool.options.max;
    if (this.#open >= UNDER_WAY_MAX || sessions < POOL_SESSIONS_MIN) return null;
    this.#open += 1;
    const client = await this.pool.connect().catch(() => null);
    try {
      if (!client) throw new Error('no session');
      await client.query('BEGIN');
      const first = new Map([...entries].reverse().map((entry) => [entry.eventId, entry]));
      const sealed = await underSubjectKeys(client, [...first.values()], this.keys);
      return { client, stored: new Set(await putUnderKeys(client, sealed)) };
    } catch {
      // With the session goes the transaction.
      client?.release(true);
      this.#open -= 1;
      return null;
    }
  }

  /** The event ids that are durable now. */
  async #end(begun: Begun | null, how: 'COMMIT' | 'ROLLBACK'): Promise<Set<string>> {
    if (!begun) return new Set();
    const { client, stored } = begun;
    try {
      await client.query(how);
      client.release();
      return new Set(how === 'COMMIT' ? stored : []);
    } catch {
      client.release(true);
      return new Set();
    } finally {
      this.#open -= 1;
    }
  }
}
