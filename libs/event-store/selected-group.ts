import type { NewEvent } from './event-store.js';

/** A statement on the database of a store, and its parameters from $1 on. */
export interface Selection {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Where the text of a selection speaks of the piece it is to yield: its number, from 0. */
export const PIECE = 'piece.no';

/** One all-or-nothing group whose events lie in the database of the store already. */
export interface SelectedGroup {
  /**
   * Yields the events of a piece in the order of their positions: `stream_id`, `version` (each stream's ascend), `event_id`
   * (uuid), `record` (text, canonical). What an `AppendRequest` must keep to has been seen to before they were put there.
   */
  readonly selection: Selection;
  /** Pieces in the order of their positions; a piece is held in memory as a whole, a few thousand events are best. */
  readonly pieces: number;
  /** Events all of them must yield: with another number nothing is appended. */
  readonly count: number;
  /** Of every one of them. */
  readonly type: string;
  readonly recordedAt: string;
  /** One more stream, with events before and behind those: at least one, at the versions after the one expected. */
  readonly own: {
    readonly streamId: string;
    readonly expectedVersion: number;
    readonly before: readonly NewEvent[];
    readonly after: readonly NewEvent[];
  };
}

/** Positions of a group are contiguous. */
export interface AppendedGroup {
  readonly firstPosition: bigint;
  readonly lastPosition: bigint;
}

/**
 * Appends such a group without carrying it through this process. A store whose database holds nothing else has no such
 * thing; its callers append through the port.
 *
 * @returns null when the selection is not such a group, or an id or a version stands against it: nothing is written
 * @throws EventStoreUnavailable, InvalidAppend (a record that is not JSON) as `EventStore.append`
 */
export type AppendSelected = (group: SelectedGroup) => Promise<AppendedGroup | null>;
