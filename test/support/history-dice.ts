import type { Books } from '@fundflow/domain/books';
import { addDays, type Day } from '@fundflow/domain/calendar';
import { type Row, ROW_KINDS } from '@fundflow/domain/rows';
import { day } from './rows.js';

/** One roll of the dice. Every number shrinks towards the plainest choice: 0 is a new allocation from outside. */
export interface Step {
  readonly action: number;
  readonly who: number;
  readonly other: number;
  /** Per mille of what is there. */
  readonly share: number;
  /** Days after the earliest date that would do. */
  readonly offset: number;
  /** Days from issue to receipt, from `IN_TRANSIT_FROM` on: not received yet. */
  readonly delay: number;
  readonly twist: number;
}

const IN_TRANSIT_FROM = 30;

/** What the dice can choose from so far. */
export interface Scene {
  readonly books: Books;
  readonly ids: { readonly [K in Row['kind']]: string[] };
  readonly rows: Row[];
}

export const emptyScene = (books: Books): Scene => ({
  books,
  ids: Object.fromEntries(ROW_KINDS.map((kind) => [kind, [] as string[]])) as Scene['ids'],
  rows: [],
});

export const START = day('2017-03-01');

export function pick<T>(from: readonly T[], at: number): T | null {
  return from.length === 0 ? null : (from[at % from.length] as T);
}

export const received = (step: Step, on: Day): Day | null =>
  step.delay >= IN_TRANSIT_FROM ? null : addDays(on, step.delay);

/** Mostly what is there, seldom a fen more: that one is refused and leaves no trace. */
export function amountOf(step: Step, there: bigint): bigint {
  if (step.twist === 99) return there + 1n;
  const part = (there * BigInt(step.share)) / 1000n;
  return part > 0n ? part : there;
}
