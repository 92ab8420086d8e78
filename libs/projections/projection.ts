import type { Envelope } from '@fundflow/event-store/envelope';
import type { LedgerEvent } from '@fundflow/domain/events';
import type { ClientBase } from 'pg';
import type { ReadTable } from './read-table.js';

/** An event of the log, decoded. */
export interface Recorded {
  readonly position: bigint;
  readonly envelope: Envelope;
  readonly event: LedgerEvent;
}

/** What is folded in one transaction: consecutive positions, none missing. */
export interface Page {
  /** Position before the first event: the checkpoint it continues. */
  readonly after: bigint;
  /** Position of the last event: the checkpoint afterwards. */
  readonly upTo: bigint;
  readonly events: readonly Recorded[];
  /** Whether the log held nothing behind this page when it was read. */
  readonly atHead: boolean;
}

/**
 * Keeps some read tables. All projections of the read model are written in the page's one transaction, in the order of
 * the list, so a later one may read what an earlier one wrote.
 */
export interface Projection {
  readonly name: string;
  readonly tables: readonly ReadTable[];
  /**
   * Folds a page in memory and writes it. The search path of `transaction` is the copy to write to: tables are named
   * without a schema. Never commits, never reads the clock, never calls anything outside the database.
   *
   * @throws CannotFold naming the position when an event contradicts the tables: the follower stops there.
   */
  write(page: Page, transaction: ClientBase): Promise<void>;
}

/** An event that contradicts what was folded before: the follower stops and never skips it. */
export class CannotFold extends Error {
  override readonly name = 'CannotFold';
  constructor(
    readonly position: bigint,
    message: string,
  ) {
    super(`position ${position}: ${message}`);
  }
}
