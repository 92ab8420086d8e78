import { type AppendUnit, type KnownEvent, appended, judge, unitsOf } from './append-units.js';
import {
  type AppendRequest,
  type AppendResult,
  type EventStore,
  EventStoreUnavailable,
  InvalidAppend,
  type StoredEvent,
} from './event-store.js';
import { checkNames, checkPage } from './reading-limits.js';
import { type RecordUtf8, textOf } from './record-utf8.js';
import { WakeUps } from './wake-ups.js';

/** The double of tests: everything the contract promises except durability. */
export class InMemoryEventStore implements EventStore {
  readonly #log: StoredEvent[] = [];
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly #byId = new Map<string, StoredEvent>();
  readonly #wakeUps = new WakeUps();
  #closed = false;

  async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    this.#checkOpen();
    const units = unitsOf(requests);
    for (const { events } of requests) events.forEach(({ record }) => checkJson(record));
    const results = new Array<AppendResult>(requests.length);
    for (const unit of units) {
      const answers = this.#answer(unit);
      unit.places.forEach((place, i) => (results[place] = answers[i] as AppendResult));
    }
    this.#wakeUps.announce(BigInt(this.#log.length));
    return results;
  }

  async readStream(streamId: string, afterVersion: number, limit: number): Promise<StoredEvent[]> {
    this.#checkOpen();
    checkPage(afterVersion, limit);
    return (this.#streams.get(streamId) ?? []).slice(afterVersion, afterVersion + limit);
  }

  async readStreams(after: ReadonlyMap<string, number>, limit: number): Promise<StoredEvent[]> {
    this.#checkOpen();
    checkNames([...after.keys()]);
    checkPage(0, limit);
    for (const version of after.values()) checkPage(version, limit);
    const page: StoredEvent[] = [];
    for (const streamId of [...after.keys()].sort(byBytes)) {
      const rest = (this.#streams.get(streamId) ?? []).slice(after.get(streamId));
      page.push(...rest.slice(0, limit - page.length));
    }
    return page;
  }

  async readAll(after: bigint, limit: number): Promise<StoredEvent[]> {
    this.#checkOpen();
    checkPage(after, limit);
    return this.#log.slice(Number(after), Number(after) + limit);
  }

  async readRecordBytes(after: bigint, limit: number): Promise<Buffer[]> {
    return (await this.readAll(after, limit)).map(({ record }) => Buffer.from(record));
  }

  async findEvents(eventIds: readonly string[]): Promise<StoredEvent[]> {
    this.#checkOpen();
    checkNames(eventIds);
    return [...new Set(eventIds)].flatMap((id) => this.#byId.get(id) ?? []);
  }

  async findParts(
    eventIds: readonly string[],
    path: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    const parts = new Map<string, string>();
    for (const { eventId, record } of await this.findEvents(eventIds)) {
      const part = partOf(JSON.parse(record), path);
      // Records are canonical, so that this is the text it was.
      if (part !== undefined) parts.set(eventId, JSON.stringify(part));
    }
    return parts;
  }

  async streamVersions(streamIds: readonly string[]): Promise<Map<string, number>> {
    this.#checkOpen();
    checkNames(streamIds);
    const existing = streamIds.filter((id) => this.#streams.has(id));
    return new Map(existing.map((id) => [id, this.#versionOf(id)]));
  }

  async head(): Promise<bigint> {
    this.#checkOpen();
    return BigInt(this.#log.length);
  }

  async waitForEventsAfter(
    position: bigint,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
    return this.#closed || this.#wakeUps.waitAfter(position, timeoutMs, signal);
  }

  /** Whoever waits looks again, as in PostgreSQL. */
  async wake(): Promise<void> {
    this.#checkOpen();
    this.#wakeUps.wakeAll();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wakeUps.wakeAll();
  }

  #answer(unit: AppendUnit): AppendResult[] {
    const known = new Map<string, KnownEvent>();
    for (const { event } of unit.events) {
      const stored = this.#byId.get(event.eventId);
      if (stored !== undefined) known.set(event.eventId, stored);
    }
    const refused = judge(unit, known, (streamId) => this.#versionOf(streamId));
    return refused ?? this.#write(unit);
  }

  #write(unit: AppendUnit): AppendResult[] {
    const first = BigInt(this.#log.length) + 1n;
    for (const { event, streamId, version } of unit.events) {
      const { eventId, type, recordedAt } = event;
      const record = textOf(event.record);
      const position = BigInt(this.#log.length) + 1n;
      const stored = { position, streamId, version, eventId, type, recordedAt, record };
      this.#log.push(stored);
      this.#byId.set(eventId, stored);
      const stream = this.#streams.get(streamId);
      if (stream === undefined) this.#streams.set(streamId, [stored]);
      else stream.push(stored);
    }
    return appended(unit, first);
  }

  #versionOf(streamId: string): number {
    return this.#streams.get(streamId)?.length ?? 0;
  }

  #checkOpen(): void {
    if (this.#closed) throw new EventStoreUnavailable('the event store is closed');
  }
}

/** The order of UTF-8, which is that of code points; `<` on strings goes by UTF-16. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function checkJson(record: RecordUtf8): void {
  try {
    JSON.parse(textOf(record));
  } catch (error) {
    throw new InvalidAppend('a record is not JSON', { cause: error });
  }
}

function partOf(record: unknown, path: readonly string[]): unknown {
  let part = record;
  for (const name of path) {
    if (part === null || typeof part !== 'object' || !Object.hasOwn(part, name)) return undefined;
    part = (part as Record<string, unknown>)[name];
  }
  return part;
}
