import type { Pool, PoolClient } from 'pg';
import { isIndexedNow } from '../sealed-row.js';
import { type PutUnderWay, type VaultEntry, assertBatch } from '../vault.js';
import { put, putAll, putRest, type Sealing, type Tried, underHeldKeys } from './put.js';
import { type Selection, trySelected } from './put-selected.js';

/** Puts that hold a session while the append they wait for needs another one: never as many as a pool has. */
const UNDER_WAY_MAX = 2;
const POOL_SESSIONS_MIN = 2 * UNDER_WAY_MAX;

/** Selected rows that are put and that nobody sees. It must be ended, by one call of either. */
export interface SelectedPutUnderWay {
  /** Durable when it answers. Event ids under which the vault holds other openings, as `PutResult.kept`. */
  keep(): Promise<readonly string[]>;
  /** Nothing was put. */
  drop(): Promise<void>;
}

interface Begun<T> {
  readonly client: PoolClient;
  /** What is there once the transaction is committed. */
  readonly put: T;
}

/**
 * The vault's `beginPut` (see the port): a transaction that is open while the append is on its way. It is a help and never
 * a condition: whatever goes wrong with it, and whatever it could not store, `putAll` does when the entries are to be kept.
 */
export class PutsUnderWay {
  #open = 0;

  constructor(
    private readonly pool: Pool,
    private readonly sealing: Sealing,
  ) {}

  begin(entries: readonly VaultEntry[]): PutUnderWay {
    assertBatch(entries.length);
    const begun = this.#begin(async (client) => {
      const byEvent = new Map([...entries].reverse().map((entry) => [entry.eventId, entry]));
      const first = [...byEvent.values()];
      const left = await put(client, first);
      const stored = first.map(({ eventId }) => eventId).filter((id) => !left.has(id));
      const rest = first.filter(({ eventId }) => left.has(eventId));
      return [...stored, ...(await this.#putLeft(client, { entries: rest, held: left }))];
    });
    return {
      keep: async () => {
        const durable = new Set(await this.#commit(await begun));
        const stored: string[] = [];
        const left = entries.filter(({ eventId }) => {
          const isStored = durable.delete(eventId);
          if (isStored) stored.push(eventId);
          return !isStored;
        });
        if (left.length === 0) return { stored, repeated: [], kept: [] };
        const rest = await putAll(this.pool, left, this.sealing);
        return { ...rest, stored: [...stored, ...rest.stored] };
      },
      drop: async () => this.#drop(await begun),
    };
  }

  /** The same of rows that lie in the database; only what has to be sealed anew comes here. */
  beginSelected(selection: Selection): SelectedPutUnderWay {
    const begun = this.#begin(async (client) => {
      const tried = await trySelected(client, selection);
      return { left: tried.entries, stored: await this.#putLeft(client, tried) };
    });
    return {
      keep: async () => {
        const durable = await this.#commit(await begun);
        if (!durable) return this.putSelected(selection);
        const stored = new Set(durable.stored);
        const left = durable.left.filter(({ eventId }) => !stored.has(eventId));
        return left.length === 0 ? [] : (await putAll(this.pool, left, this.sealing)).kept;
      },
      drop: async () => this.#drop(await begun),
    };
  }

  /** The vault's `putSelected` (see `PostgresVault`). */
  async putSelected(selection: Selection): Promise<readonly string[]> {
    const left = await trySelected(this.pool, selection);
    return (await putRest(this.pool, left, this.sealing)).kept;
  }

  /** Puts what was left once more, under the keys held; answers the event ids that are new. */
  async #putLeft(client: PoolClient, { entries, held }: Tried): Promise<readonly string[]> {
    const named = entries.filter(({ sealed }) => isIndexedNow(sealed, this.sealing.keys));
    if (named.length === 0) return [];
    const left = await put(client, await underHeldKeys(named, held, this.sealing));
    return named.map(({ eventId }) => eventId).filter((id) => !left.has(id));
  }

  async #begin<T>(work: (client: PoolClient) => Promise<T>): Promise<Begun<T> | null> {
    const sessions = this.pool.options.max;
    if (this.#open >= UNDER_WAY_MAX || sessions < POOL_SESSIONS_MIN) return null;
    this.#open += 1;
    const client = await this.pool.connect().catch(() => null);
    try {
      if (!client) throw new Error('no session');
      await client.query('BEGIN');
      return { client, put: await work(client) };
    } catch {
      // With the session goes the transaction.
      client?.release(true);
      this.#open -= 1;
      return null;
    }
  }

  /** What is durable now; null: nothing, as far as is known. */
  async #commit<T>(begun: Begun<T> | null): Promise<T | null> {
    return begun && (await this.#end(begun, 'COMMIT')) ? begun.put : null;
  }

  async #drop(begun: Begun<unknown> | null): Promise<void> {
    if (begun) await this.#end(begun, 'ROLLBACK');
  }

  async #end({ client }: Begun<unknown>, how: 'COMMIT' | 'ROLLBACK'): Promise<boolean> {
    try {
      await client.query(how);
      client.release();
      return true;
    } catch {
      client.release(true);
      return false;
    } finally {
      this.#open -= 1;
    }
  }
}
