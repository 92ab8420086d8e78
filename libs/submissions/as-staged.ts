import type { AppendedGroup, SelectedGroup } from '@fundflow/event-store/selected-group';
import type { Stamp } from '@fundflow/command-handling/envelopes';
import type { VaultEntry } from '@fundflow/vault/vault';
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
  /**
   * Begins to put all persons of a part that is about to be posted, while that is under way.
   *
   * @param read of the payments' events given those that have to be sealed anew
   */
  beginPayees(submissionId: string, part: StagedPart, read: ReadEntries): PayeesUnderWay;
}

type ReadEntries = (eventIds: readonly string[]) => Promise<readonly VaultEntry[]>;

/** Persons that are put and that nobody sees. It must be ended, by one call of either. */
export interface PayeesUnderWay {
  /** Durable when it answers. Events under which the vault holds something else, which stays. */
  keep(): Promise<readonly string[]>;
  /** Nothing was put. */
  drop(): Promise<void>;
}
