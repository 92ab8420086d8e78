import type { LedgerEvent } from '@fundflow/domain/events';
import type { OversightEvent } from '@fundflow/domain/oversight/events';
import type { Envelope } from '@fundflow/event-store/envelope';
import type { ClientBase } from 'pg';
import type { Movement } from './movements/movement-shape.js';
import type { PaymentRecord } from './records/payment-record.js';
import type { ReadTable } from './read-table.js';

/** What changes read tables: not who looked or who may. */
export type FoldedEvent = Exclude<LedgerEvent, OversightEvent>;

/** What the read model takes out of an envelope. */
type FoldedEnvelope = Pick<Envelope, 'eventId' | 'recordedAt' | 'actor'>;

/** An event of the log, decoded as far as read tables need it. */
export interface Recorded {
  readonly position: bigint;
  readonly envelope: FoldedEnvelope;
  readonly event: FoldedEvent;
  /** What it did to money and places; null for an event that is no entry of a trail. */
  readonly movement: Movement | null;
}

/** What is folded in one transaction: consecutive positions, none missing. */
export interface Page {
  /** Position before the first event: the checkpoint it continues. */
  readonly after: bigint;
  /** Position of the last event: the checkpoint afterwards. */
  readonly upTo: bigint;
  /** Whether the log held nothing behind this page when it was read. */
  readonly atHead: boolean;
}

/**
 * A page being folded. Events are added while the page before is still being written, so nothing may be read from the
 * database before `write`.
 */
export interface PageFold {
  /**
   * Folds one event in memory; called in order with every event of the page that is not given to `addPayment`.
   *
   * @throws CannotFold naming the position when the event contradicts the page: the follower stops there.
   */
  add(recorded: Recorded): void;
  /**
   * Folds a payment where it stands in its record: what `add` does with the same parsed. Nothing of it may be kept but what
   * it says: it is read over with the next.
   */
  addPayment(payment: PaymentRecord): void;
  /**
   * Writes what was folded. The search path of `transaction` is the copy to write to: tables are named without a schema.
   * Never commits, never reads the clock, never calls anything outside the database.
   *
   * @throws CannotFold naming the position when an event contradicts the tables: the follower stops there.
   */
  write(page: Page, transaction: ClientBase): Promise<void>;
}

/**
 * Keeps some read tables. All projections of the read model are written in the page's one transaction, in the order of
 * the list, so a later one may read what an earlier one wrote.
 */
export interface Projection {
  readonly name: string;
  readonly tables: readonly ReadTable[];
  beginPage(): PageFold;
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
