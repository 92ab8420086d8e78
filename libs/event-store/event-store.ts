/**
 * The port every event store fills: in-memory (the double of tests), PostgreSQL (the default), KurrentDB.
 *
 * What every adapter promises is written as tests in `contract.ts`: positions are dense from 1, gap-free and in commit
 * order; a reader that has seen position n never later finds one below it; what was acknowledged is durable.
 */
export interface EventStore {
  /**
   * Appends requests, each to one stream, and answers each by itself: one conflict fails one request (or its group) and
   * not its neighbours. Requests that share a `group` are applied together or not at all.
   *
   * @throws EventStoreUnavailable when the store cannot say whether the append happened; the caller may repeat the same
   * request: known event ids answer with the first result and change nothing.
   */
  append(requests: readonly AppendRequest[]): Promise<AppendResult[]>;

  /** Events of one stream with version > `afterVersion` (versions start at 1), in order, at most `limit`. */
  readStream(streamId: string, afterVersion: number, limit: number): Promise<StoredEvent[]>;

  /** Events with position > `after`, in order, at most `limit`. */
  readAll(after: bigint, limit: number): Promise<StoredEvent[]>;

  /** The events with these ids, in no order; ids nobody appended are left out. At most `FIND_MAX` ids. */
  findEvents(eventIds: readonly string[]): Promise<StoredEvent[]>;

  /** Current versions of these streams; a stream that does not exist is left out. */
  streamVersions(streamIds: readonly string[]): Promise<Map<string, number>>;

  /** Position of the last event, 0n when empty. */
  head(): Promise<bigint>;

  /** Resolves when an event after `position` may exist, or after `timeoutMs`: a hint, never a promise. */
  waitForEventsAfter(position: bigint, timeoutMs: number, signal?: AbortSignal): Promise<void>;

  close(): Promise<void>;
}

export const FIND_MAX = 20_000;
export const RECORD_BYTES_MAX = 65_535;

/** An event as the domain decided it, before the store gives it a position. */
export interface NewEvent {
  readonly eventId: string;
  readonly type: string;
  /** RFC 3339 UTC; the moment of certification. */
  readonly recordedAt: string;
  /** RFC 8785 canonical JSON of the envelope (see envelope.ts): stored as it is, never re-serialised. */
  readonly record: string;
}

export interface AppendRequest {
  readonly streamId: string;
  /** Version the stream must have now; 0 = it must not exist yet. There is no "any". */
  readonly expectedVersion: number;
  /** Empty = a guard: only the version is checked, nothing is written. Only useful inside a group. */
  readonly events: readonly NewEvent[];
  /** Requests with the same group are applied all or nothing. A stream stands at most once in a group. */
  readonly group?: string;
}

export type AppendResult =
  /** Appended now, or known before (`repeated`): the same ids, wholly, in the same stream. */
  | { readonly outcome: 'appended'; readonly firstPosition: bigint; readonly lastPosition: bigint; readonly version: number; readonly repeated: boolean }
  | { readonly outcome: 'conflict'; readonly streamId: string; readonly expectedVersion: number; readonly actualVersion: number }
  /** Some event ids are known and some are not, or they are known elsewhere. Nothing was written. */
  | { readonly outcome: 'id-reused'; readonly eventIds: readonly string[] }
  /** Another request of the same group failed; that one says why. */
  | { readonly outcome: 'group-refused' };

export interface StoredEvent {
  readonly position: bigint;
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly recordedAt: string;
  /** The bytes the proof hashes. */
  readonly record: string;
}

/** The store could not be reached or broke off: the outcome is unknown, repeating is safe. */
export class EventStoreUnavailable extends Error {
  override readonly name = 'EventStoreUnavailable';
}

/** The store's content contradicts its promises (a gap, a broken version): stop, name the position. */
export class EventStoreCorrupt extends Error {
  override readonly name = 'EventStoreCorrupt';
}
