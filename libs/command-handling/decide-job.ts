import type { LedgerEvent } from '@fundflow/domain/events';
import { postRow } from '@fundflow/domain/posting';
import type { PostingContext } from '@fundflow/domain/posting-context';
import type { Row } from '@fundflow/domain/rows';
import type { AppendRequest } from '@fundflow/event-store/event-store';
import { groupOf, type Stamp } from './envelopes.js';
import type { OpenBooks } from './open-books.js';
import type { PostingResult, RowRefusal } from './posting-result.js';

const REFUSALS_REPORTED_MAX = 1_000;

/** Rows that post together or not at all: a whole submission, or one part of a large one. */
export interface PostingJob {
  readonly rows: readonly Row[];
  readonly context: PostingContext;
  readonly stamp: Stamp;
  /** The submission's own stream; its version decides which of two processes posts the part. */
  readonly stream: { readonly streamId: string; readonly expectedVersion: number };
  /** Its own events before and after those of the rows. */
  before(): readonly LedgerEvent[];
  after(postedRows: number): readonly LedgerEvent[];
  /** Brings the rows of known ids in line with what is posted (personal data compare by their openings). */
  reconcile?(open: OpenBooks, rows: readonly Row[]): Promise<readonly Row[]>;
}

/** What a job comes to, to be appended as one group. */
export interface DecidedJob {
  readonly requests: readonly AppendRequest[];
  /** Of all its streams, in the order of the log. */
  readonly events: readonly LedgerEvent[];
  /** Of the rows that post something. */
  readonly postedIndexes: readonly number[];
}

/**
 * Decides the rows of a job, which lie in `open`; the books and versions there grow by what is accepted.
 *
 * @param rows of the job, as they are reconciled
 * @param group that its requests are of
 * @returns `refused` with the first thousand refusals when one row is; rows before it stand in the books
 */
export function decideJob(
  open: OpenBooks,
  job: PostingJob,
  rows: readonly Row[],
  group: string,
): DecidedJob | PostingResult {
  const { context, stamp, stream } = job;
  // These are kept until the answer, and a list begun empty has room for seventeen.
  let events: LedgerEvent[] = [...job.before()];
  let guards: Set<string> | null = null;
  const refusals: RowRefusal[] = [];
  let postedIndexes: number[] = [];
  for (let index = 0; index < rows.length; index += 1) {
    const decision = postRow(open.books, rows[index] as Row, context);
    if (decision.outcome === 'refused') {
      if (refusals.length < REFUSALS_REPORTED_MAX) {
        refusals.push({ index, refusal: decision.refusal });
      }
    } else if (decision.outcome === 'accepted') {
      if (events.length === 0) events = [...decision.events];
      else for (const event of decision.events) events.push(event);
      for (const guard of decision.guards) guards = (guards ?? new Set()).add(guard);
      if (postedIndexes.length === 0) postedIndexes = [index];
      else postedIndexes.push(index);
    }
  }
  if (refusals.length > 0) return { outcome: 'refused', refusals };
  for (const event of job.after(postedIndexes.length)) events.push(event);
  const requests = groupOf(group, events, guards ?? [], open.versions, stamp, stream);
  return { requests, events, postedIndexes };
}
