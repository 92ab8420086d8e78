import type { AppendedGroup, SelectedGroup } from '@fundflow/event-store/selected-group';
import type { Stamp } from '@fundflow/command-handling/envelopes';
import type { StagedPart } from './staged-parts.js';

/** A part of payments as validation decided it, and the submission's own events around it. */
export interface PartAsStaged {
  readonly submissionId: string;
  readonly part: StagedPart;
  readonly stamp: Stamp;
  readonly own: SelectedGroup['own'];
}

/** Posts staged payments where they lie: records and sealed values go from table to table, this process reads neither. */
export interface AsStaged {
  /**
   * Appends the events of the rows. They must be what this program's rules decided.
   *
   * @returns null when a row was not, or a stream has moved, or an id is known: nothing is appended then
   * @throws EventStoreUnavailable as `EventStore.append`
   */
  append(part: PartAsStaged): Promise<AppendedGroup | null>;
  /** Begins to put all persons of a part that is about to be posted, while that is under way. */
  beginPayees(submissionId: string, part: StagedPart): PayeesUnderWay;
}

/** Persons that are put and that nobody sees. It must be ended, by one call of either. */
export interface PayeesUnderWay {
  /** Durable when it answers. Events under which the vault holds something else, which stays. */
  keep(): Promise<readonly string[]>;
  /** Nothing was put. */
  drop(): Promise<void>;
}
