import pg from 'pg';
import type { WakeUps } from '../wake-ups.js';
import { sessionConfig } from './connection.js';

const AGAIN_FIRST_MS = 100;
const AGAIN_MAX_MS = 5_000;

/**
 * Hears of the appends of other processes (LISTEN) and wakes those who wait. While the connection
 * is gone they only have their time limits; when it is back, the head is asked for, because what
 * was notified meanwhile is lost.
 */
export class Listener {
  #client: pg.Client | null = null;
  #started = false;
  #closed = false;
  #again: NodeJS.Timeout | null = null;
  #againMs = AGAIN_FIRST_MS;
  #connecting: Promise<void> | null = null;

  constructor(
    private readonly config: pg.ClientConfig,
    private readonly wakeUps: WakeUps,
  ) {}

  /** The connection is opened for the first who waits: who only appends needs none. */
  start(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#again !== null) clearTimeout(this.#again);
    await this.#connecting;
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  #connect(): void {
    this.#again = null;
    this.#connecting = this.#listen().finally(() => (this.#connecting = null));
  }

  async #listen(): Promise<void> {
    const client = new pg.Client(sessionConfig(this.config, 'listener'));
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    this.#client = client;
    try {
      await client.connect();
      await client.query('LISTEN event_store');
      const { rows } = await client.query<{ head: string }>(
        'SELECT position::text AS head FROM event_store.es_head',
      );
      this.#hear(rows[0]?.head ?? '');
      this.#againMs = AGAIN_FIRST_MS;
    } catch {
      this.#lost(client);
    }
  }

  #hear(head: string): void {
    // The channel is open to every role of the database: what is not a position wakes everybody.
    if (/^\d{1,19}$/.test(head)) this.wakeUps.announce(BigInt(head));
    else this.wakeUps.wakeAll();
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.end().catch(() => undefined);
    if (this.#closed) return;
    this.#again = setTimeout(() => this.#connect(), this.#againMs);
    this.#againMs = Math.min(this.#againMs * 2, AGAIN_MAX_MS);
  }
}
