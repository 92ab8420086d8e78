import type { RecordUtf8 } from './record-utf8.js';

/**
 * The port every event store fills: in-memory (the double of tests), PostgreSQL (the default),
 * KurrentDB. What every adapter promises is written as tests in `contract.ts`: positions are dense
 * from 1, gap-free and in commit order; a reader that has seen position n never later finds one
 * below it; what was acknowledged is durable.
 */
export interface EventStore {
  /**
   * Appends requests, each to one stream, and answers each by itself, in their order: one conflict
   * fails one request (or its group) and not its neighbours. Requests that share a `group` are
   * applied together or not at all, at the place of the first of them; group names mean nothing
   * beyond one call. Requests of one call on the same stream see each other in their order.
   *
   * Known event ids are looked at before versions, so a repeated request is recognised although
   * its stream has moved on.
   *
   * @throws InvalidAppend when a request could not be stored by anybody; its group is not written.
   * Of a record that is not JSON the store may hear late: other requests of the call may stand.
   * @throws EventStoreUnavailable when the store cannot say whether the append happened; the
   * caller may repeat the same requests: known event ids answer with the first result and change
   * nothing.
   */
  append(requests: readonly AppendRequest[]): Promise<AppendResult[]>;

  /** Events of one stream with version > `afterVersion` (they start at 1), in order. */
  readStream(streamId: string, afterVersion: number, limit: number): Promise<StoredEvent[]>;

  /**
   * Events of many streams in one round trip: for each stream those with a version above the one
   * given, ordered by stream (UTF-8 bytes) and version, at most `limit` in all. Fewer than `limit`
   * = that was everything; otherwise the caller asks again from where each stream stands. At most
   * `FIND_MAX` streams.
   */
  readStreams(after: ReadonlyMap<string, number>, limit: number): Promise<StoredEvent[]>;

  /** Events with position > `after`, in order, at most `limit`. */
  readAll(after: bigint, limit: number): Promise<StoredEvent[]>;

  /**
   * The records alone of the events with position > `after`, in order, at most `limit`, as the bytes that are stored:
   * the first is that of position `after` + 1, and none is missing. Several times as fast as `readAll`, for whoever goes
   * through the whole log. They are views of one buffer a page.
   *
   * @throws RecordMissing at a gap
   */
  readRecordBytes(after: bigint, limit: number): Promise<Buffer[]>;

  /** The events with these ids, in no order; unknown ids are left out. At most `FIND_MAX` ids. */
  findEvents(eventIds: readonly string[]): Promise<StoredEvent[]>;

  /**
   * One part of the records of these events, by event id: the member that `path` leads to, as the JSON text it is in the
   * record. Unknown ids, and records without that member, are left out. At most `FIND_MAX` ids. For whoever wants a tenth
   * of each record and would read all of it.
   *
   * @param path names of members, from the outermost
   */
  findParts(
    eventIds: readonly string[],
    path: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;

  /** Current versions of these streams; a stream that does not exist is left out. */
  streamVersions(streamIds: readonly string[]): Promise<Map<string, number>>;

  /** Position of the last event, 0n when empty. */
  head(): Promise<bigint>;

  /**
   * Resolves when an event after `position` may exist, or after `timeoutMs`, or when `signal`
   * aborts, or on `close`: a hint, never a promise. Never rejects.
   *
   * @returns false when the time ran out
   */
  waitForEventsAfter(position: bigint, timeoutMs: number, signal?: AbortSignal): Promise<boolean>;

  /** Ends when everything accepted before has been answered; later calls are refused. */
  close(): Promise<void>;
}

/** A position no log reaches: who waits for what comes after it waits for its time, or to be woken. */
export const NEVER_REACHED = 2n ** 63n - 1n;

/** Ids of one `findEvents` or `findParts`, streams of one `streamVersions` or `readStreams`. */
export const FIND_MAX = 20_000;
/** Events of one page of `readAll` or `readStream`. */
export const PAGE_MAX = 50_000;
/** UTF-8 bytes of one record. */
export const RECORD_BYTES_MAX = 65_535;
/** UTF-8 bytes of a stream id, and of an event type. */
export const NAME_BYTES_MAX = 512;
/** Requests (guards among them) and events of one group. */
export const GROUP_ITEMS_MAX = 100_000;
/** UTF-8 bytes of the records of one group. */
export const GROUP_BYTES_MAX = 134_217_728;

/** An event as the domain decided it, before the store gives it a position. */
export interface NewEvent {
  /** A UUID in lower case, see `eventIdOf`. */
  readonly eventId: string;
  readonly type: string;
  /** RFC 3339 UTC with milliseconds, `2018-06-01T02:03:04.567Z`; the moment of certification. */
  readonly recordedAt: string;
  /** RFC 8785 canonical JSON of the envelope: stored as it is, never re-serialised. */
  readonly record: RecordUtf8;
  /**
   * Place within its group: positions of a group are contiguous and ascend by `order` across its
   * streams, so that the log reads in the order the rows were handed in. A safe integer that never
   * falls within a stream; equal ones follow the order of the requests. All events of a group carry
   * it or none does; without it positions follow the order of the requests.
   */
  readonly order?: number;
}

export interface AppendRequest {
  readonly streamId: string;
  /** Version the stream must have now; 0 = it must not exist yet. There is no "any". */
  readonly expectedVersion: number;
  /** Empty = a guard: only the version is checked, nothing is written. */
  readonly events: readonly NewEvent[];
  /** Requests with the same group are all or nothing. A stream stands at most once in a group. */
  readonly group?: string;
}

export type AppendResult =
  /**
   * Appended now, or known before (`repeated`): the same ids, in the same order, wholly, in the
   * same stream; a group is repeated only as a whole. `firstPosition` and `lastPosition` are those
   * of the first and the last event of the request (in a group with `order` others may lie between
   * them), `version` is that of the last. A guard that held answers with positions 0n and the
   * version it expected.
   */
  | {
      readonly outcome: 'appended';
      readonly firstPosition: bigint;
      readonly lastPosition: bigint;
      readonly version: number;
      readonly repeated: boolean;
    }
  | {
      readonly outcome: 'conflict';
      readonly streamId: string;
      readonly expectedVersion: number;
      readonly actualVersion: number;
    }
  /**
   * These ids are known and the request (or its group) is not a repetition: some are unknown, they
   * are known elsewhere or in another order, or one stands twice. Nothing was written.
   */
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

/** No store could keep this request (too long, not JSON, no UUID): a fault of the caller. */
export class InvalidAppend extends Error {
  override readonly name = 'InvalidAppend';
}

/** The store could not be reached or broke off: the outcome is unknown, repeating is safe. */
export class EventStoreUnavailable extends Error {
  override readonly name = 'EventStoreUnavailable';
}

/** The store contradicts its promises (a gap, a broken version): stop, name the position. */
export class EventStoreCorrupt extends Error {
  override readonly name = 'EventStoreCorrupt';
}

/** The log has a gap: everything before `position` is there, that record is not. */
export class RecordMissing extends EventStoreCorrupt {
  constructor(
    readonly position: bigint,
    found: bigint,
  ) {
    super(`position ${position} is missing, next is ${found}`);
  }
}
