import { Books } from '@fundflow/domain/books';
import type { RefusalCode } from '@fundflow/domain/decision';
import type { LedgerEvent } from '@fundflow/domain/events';
import { postRow } from '@fundflow/domain/posting';
import type { PostingContext, RowDecision } from '@fundflow/domain/posting-context';
import type { RegionCode } from '@fundflow/domain/region';
import type { Row } from '@fundflow/domain/rows';
import { REGION, testRegions } from './regions.js';

/**
 * Specs read as the specification:
 *
 *     given(allocation({ amount: 1_00n }))
 *       .when(payment({ sourceId: 'A-1', amount: 1_01n }))
 *       .then(refused('exceeds-available', { field: 'amount', difference: '1' }));
 */
export interface Given {
  /** The books after everything given. */
  readonly books: Books;
  readonly context: PostingContext;
  /** The rows asked about come from a unit of this region; otherwise from the centre, which may post anything. */
  by(jurisdiction: RegionCode): Given;
  /** Posts one more row, which must be accepted. */
  and(...rows: readonly Row[]): Given;
  when(row: Row): When;
}

export interface When {
  readonly decision: RowDecision;
  then(outcome: Outcome): void;
}

export type Outcome = (decision: RowDecision) => void;

const regions = testRegions();

/** The rows, posted in this order by the centre. @throws when one of them is not accepted: the spec is wrong then. */
export function given(...rows: readonly Row[]): Given {
  const books = new Books();
  for (const row of rows) postGiven(books, row);
  return setting(books, REGION.centre);
}

function setting(books: Books, jurisdiction: RegionCode): Given {
  const context = { jurisdiction, regions };
  return {
    books,
    context,
    by: (other) => setting(books, other),
    and: (...rows) => {
      for (const row of rows) postGiven(books, row);
      return setting(books, jurisdiction);
    },
    when: (row) => {
      const decision = postRow(books, row, context);
      return { decision, then: (outcome) => outcome(decision) };
    },
  };
}

function postGiven(books: Books, row: Row): void {
  const decision = postRow(books, row, { jurisdiction: REGION.centre, regions });
  if (decision.outcome === 'accepted') return;
  const why = decision.outcome === 'refused' ? decision.refusal : decision.outcome;
  throw new Error(`given ${row.kind} ${row.id} was not accepted: ${JSON.stringify(why)}`);
}

export const accepted: Outcome = (decision) =>
  expect(decision).toEqual(expect.objectContaining({ outcome: 'accepted' }));

/** Accepted, and these are the events, each with what the spec is about. */
export const happened =
  (
    ...events: readonly (Pick<LedgerEvent, 'type'> & Readonly<Record<string, unknown>>)[]
  ): Outcome =>
  (decision) => {
    accepted(decision);
    expect(decision).toMatchObject({ events });
  };

export const refused =
  (
    code: RefusalCode,
    rest: { field?: string; value?: string; expected?: string; difference?: string } = {},
  ): Outcome =>
  (decision) =>
    expect(decision).toMatchObject({ outcome: 'refused', refusal: { code, ...rest } });

export const alreadyPosted: Outcome = (decision) =>
  expect(decision).toEqual({ outcome: 'already-posted' });
