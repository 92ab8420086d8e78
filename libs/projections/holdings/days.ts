import type { Cell } from '../column-bytes.js';

/** What a holding's day adds up. */
export type Delta = 'amountIn' | 'passedDown' | 'disbursed' | 'paid' | 'returnedUp';

/** A holding's day of one moment of record, as a page folds it. */
export interface Day extends Record<Delta, bigint> {
  readonly holdingId: string;
  readonly on: string;
  readonly at: string;
  position: bigint;
}

/** Written out: one is made for nearly every payment, and spreading costs more than the rest of its fold. */
export const newDay = (holdingId: string, on: string, at: string): Day => ({
  holdingId,
  on,
  at,
  position: 0n,
  amountIn: 0n,
  passedDown: 0n,
  disbursed: 0n,
  paid: 0n,
  returnedUp: 0n,
});

/** In the order of the columns of `holding_days`. */
export const dayCells = (day: Day): Cell[] => [
  day.holdingId,
  day.on,
  day.at,
  day.position,
  day.amountIn,
  day.passedDown,
  day.disbursed,
  day.paid,
  day.returnedUp,
];
