import pg from 'pg';
import { unitsOf } from '../append-units.js';
import {
  type AppendRequest,
  type AppendResult,
  type EventStore,
  EventStoreUnavailable,
  type StoredEvent,
} from '../event-store.js';
import { checkNames, checkPage } from '../reading-limits.js';
import { WakeUps } from '../wake-ups.js';
import type { AppendedGroup, SelectedGroup } from '../selected-group.js';
import { appendSelected } from './append-selected.js';
import { Coalescer } from './coalescer.js';
import { portError, sessionConfig } from './connection.js';
import { Listener } from './listener.js';
import { Reader } from './reader.js';
import { RecordBytes } from './record-bytes.js';
import { EventStoreSchemaMismatch, SCHEMA_VERSION, schemaVersion } from './schema.js';
import { Writer } from './writer.js';
import { WritingConnection } from './writing-connection.js';

const READING_CONNECTIONS_MAX = 4;

/** How to reach the database, as node-postgres spells it, and what is accepted of it. */
export interface PostgresEventStoreOptions extends pg.ClientConfig {
  /** Connections for reading; one more appends and one hears of other processes. Default 4. */
  readonly readingConnectionsMax?: number;
  /** Accept a server that may lose what it acknowledged (fsync off): tests only. */
  readonly acceptVolatile?: boolean;
  /**
   * Accept the schema of any release, for who only reads: records lie alike in all of them. What appends is of one
   * release alone and is not to be called then.
   */
  readonly readingOnly?: boolean;
}

/** The server may lose acknowledged events: `fsync` or `full_page_writes` is off. */
export class EventStoreNotDurable extends Error {
  override readonly name = 'EventStoreNotDurable';
  constructor(setting: string) {
    super(`数据库设置 ${setting} 已关闭，断电会丢失已确认的记录，拒绝启动。`);
  }
}

/**
 * Opens the event store on a database that has its schema (`createEventStoreSchema`).
 *
 * @throws EventStoreUnavailable when the server cannot be reached, EventStoreSchemaMismatch when
 * the schema is missing or another version, EventStoreNotDurable
 */
export async function openPostgresEventStore(
  options: PostgresEventStoreOptions,
): Promise<PostgresEventStore> {
  const { readingConnectionsMax, acceptVolatile, readingOnly, ...config } = options;
  const max = readingConnectionsMax ?? READING_CONNECTIONS_MAX;
  const pool = new pg.Pool({ ...sessionConfig(config, 'reader'), max });
  // An idle connection that breaks leaves the pool by itself; without a listener it ends us.
  pool.on('error', () => undefined);
  try {
    const found = await schemaVersion(pool);
    const isReadable = readingOnly === true && found > 0;
    if (found !== SCHEMA_VERSION && !isReadable) throw new EventStoreSchemaMismatch(found);
    if (acceptVolatile !== true) await checkDurable(pool);
  } catch (error) {
    await pool.end();
    const known =
      error instanceof EventStoreSchemaMismatch || error instanceof EventStoreNotDurable;
    throw known ? error : portError(error);
  }
  return new PostgresEventStore(config, pool);
}

/** A part of ten thousand records is sorted and gathered in memory. */
const SELECTED_WORK_MEM = '-c work_mem=64MB';

const withMemory = (config: pg.ClientConfig): pg.ClientConfig => ({
  ...config,
  options: [config.options, SELECTED_WORK_MEM].filter((each) => each !== undefined).join(' '),
});

async function checkDurable(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT name FROM pg_settings
     WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'`,
  );
  if (rows[0] !== undefined) throw new EventStoreNotDurable(rows[0].name);
}

/** The port over PostgreSQL; see `openPostgresEventStore`. */
export class PostgresEventStore implements EventStore {
  readonly #wakeUps = new WakeUps();
  readonly #writing: WritingConnection;
  /** Large groups take long: beside the small appends, which only wait while one is written. */
  readonly #writingSelected: WritingConnection;
  readonly #coalescer: Coalescer<Buffer[]>;
  readonly #reader: Reader;
  readonly #recordBytes: RecordBytes;
  readonly #listener: Listener;
  readonly #pool: pg.Pool;
  #closing: Promise<void> | null = null;

  constructor(config: pg.ClientConfig, pool: pg.Pool) {
    this.#pool = pool;
    this.#writing = new WritingConnection(config);
    this.#writingSelected = new WritingConnection(withMemory(config));
    const writer = new Writer(this.#writing, (head) => this.#wakeUps.announce(head));
    this.#coalescer = new Coalescer(writer);
    this.#reader = new Reader(pool);
    this.#recordBytes = new RecordBytes(config);
    this.#listener = new Listener(config, this.#wakeUps);
  }

  async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    this.#checkOpen();
    const units = unitsOf(requests);
    const answers = await this.#coalescer.submit(units);
    const results = new Array<AppendResult>(requests.length);
    units.forEach((unit, u) => {
      unit.places.forEach((place, i) => (results[place] = answers[u]?.[i] as AppendResult));
    });
    return results;
  }

  /** As `AppendSelected` says. */
  async appendSelected(group: SelectedGroup): Promise<AppendedGroup | null> {
    this.#checkOpen();
    const appended = await appendSelected(this.#writingSelected, group);
    if (appended) this.#wakeUps.announce(appended.lastPosition);
    return appended;
  }

  async readStream(streamId: string, afterVersion: number, limit: number): Promise<StoredEvent[]> {
    this.#checkOpen();
    checkPage(afterVersion, limit);
    return this.#reader.stream(streamId, afterVersion, limit);
  }

  async readStreams(after: ReadonlyMap<string, number>, limit: number): Promise<StoredEvent[]> {
    this.#checkOpen();
    checkNames([...after.keys()]);
    checkPage(0, limit);
    for (const version of after.values()) checkPage(version, limit);
    return this.#reader.streams(after, limit);
  }

  async readAll(after: bigint, limit: number): Promise<StoredEvent[]> {
    this.#checkOpen();
    checkPage(after, limit);
    return this.#reader.all(after, limit);
  }

  /**
   * The records alone with position > `after`, in order, at most `limit`: the bytes the proof hashes, without the
   * columns beside them.
   *
   * @throws RecordMissing at a gap
   */
  async readRecords(after: bigint, limit: number): Promise<string[]> {
    this.#checkOpen();
    checkPage(after, limit);
    return this.#reader.records(after, limit);
  }

  async readRecordBytes(after: bigint, limit: number): Promise<Buffer[]> {
    this.#checkOpen();
    checkPage(after, limit);
    return this.#recordBytes.read(after, limit);
  }

  async findEvents(eventIds: readonly string[]): Promise<StoredEvent[]> {
    this.#checkOpen();
    checkNames(eventIds);
    return this.#reader.find(eventIds);
  }

  async findParts(
    eventIds: readonly string[],
    path: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    this.#checkOpen();
    checkNames(eventIds);
    return this.#reader.parts(eventIds, path);
  }

  async streamVersions(streamIds: readonly string[]): Promise<Map<string, number>> {
    this.#checkOpen();
    checkNames(streamIds);
    return this.#reader.versions(streamIds);
  }

  async head(): Promise<bigint> {
    this.#checkOpen();
    return this.#reader.head();
  }

  async waitForEventsAfter(
    position: bigint,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (this.#closing !== null) return true;
    this.#listener.start();
    return this.#wakeUps.waitAfter(position, timeoutMs, signal);
  }

  /**
   * Wakes whoever waits for events, in every process: somebody wants an answer now, and those who gather before they go
   * on shall not.
   */
  async wake(): Promise<void> {
    this.#checkOpen();
    await this.#reader.wake();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#wakeUps.wakeAll();
    await this.#coalescer.drained();
    const connections = [this.#writing, this.#writingSelected, this.#listener, this.#recordBytes];
    await Promise.all([...connections.map((each) => each.close()), this.#pool.end()]);
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new EventStoreUnavailable('the event store is closed');
  }
}
