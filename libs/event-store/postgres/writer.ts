import pg from 'pg';
import type { AppendUnit } from '../append-units.js';
import { type AppendResult, EventStoreUnavailable } from '../event-store.js';
import {
  type AppendAnswer,
  APPEND_STATEMENT,
  batchParameters,
  batchResults,
} from './append-batch.js';
import type { BatchAppend } from './coalescer.js';
import { appendError, sessionConfig } from './connection.js';

/**
 * The one connection that appends. It is opened when there is something to append and again after
 * it broke; a batch on a connection that breaks has an unknown outcome and is never repeated here:
 * only the caller knows whether it still wants it, and its ids make the repetition safe.
 */
export class Writer implements BatchAppend<Buffer[]> {
  #client: pg.Client | null = null;

  constructor(
    private readonly config: pg.ClientConfig,
    /** Told of the position of the last event after each batch. */
    private readonly announce: (head: bigint) => void,
  ) {}

  prepare(units: readonly AppendUnit[]): Buffer[] {
    return batchParameters(units);
  }

  /** @throws EventStoreUnavailable, InvalidAppend or EventStoreCorrupt; nothing is half applied. */
  async append(units: readonly AppendUnit[], values: Buffer[]): Promise<AppendResult[][]> {
    let client: pg.Client | null = null;
    try {
      client = this.#client ?? (await this.#connected());
      // Resolves after the server is ready for the next statement, thus after the commit.
      const { rows } = await client.query<AppendAnswer>({ ...APPEND_STATEMENT, values });
      const { results, head } = batchResults(units, rows[0] as AppendAnswer);
      this.announce(head);
      return results;
    } catch (error) {
      const spoken = appendError(error);
      // Also after the server's last words: the socket may close only after the next batch began.
      if (spoken instanceof EventStoreUnavailable && client !== null) this.#discard(client);
      throw spoken;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  async #connected(): Promise<pg.Client> {
    const client = new pg.Client(sessionConfig(this.config, 'writer'));
    // Without a listener a connection lost between two batches would end the process.
    client.on('error', () => this.#discard(client));
    client.on('end', () => this.#discard(client));
    await client.connect();
    this.#client = client;
    return client;
  }

  #discard(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    // Destroys the socket if a statement is still under way.
    client.end().catch(() => undefined);
  }
}
