import pg from 'pg';
import { EventStoreUnavailable } from '../event-store.js';
import { appendError, sessionConfig } from './connection.js';

/**
 * A connection that appends. It is opened when there is something to append and again after it broke; a statement on a
 * connection that breaks has an unknown outcome and is never repeated here: only the caller knows whether it still wants
 * it, and its ids make the repetition safe.
 */
export class WritingConnection {
  #client: pg.Client | null = null;

  constructor(private readonly config: pg.ClientConfig) {}

  /**
   * One statement, a transaction of its own; its answer comes after the commit.
   *
   * @throws as `appendError` speaks of it; nothing is half applied
   */
  async query<T extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<T[]> {
    let client: pg.Client | null = null;
    try {
      client = this.#client ?? (await this.#connected());
      // Resolves after the server is ready for the next statement, thus after the commit.
      const { rows } = await client.query<T>(statement);
      return rows;
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
