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
  /**
   * Puts the persons of a posted part into the vault as far as none has to be sealed anew; repeating it changes nothing.
   *
   * @returns ids of the payments' events that were not put now: there already, or left
   */
  keepPayees(submissionId: string, part: StagedPart): Promise<ReadonlySet<string>>;
}
