import type { Cell } from '@fundflow/postgres-arrays/column-bytes';
import { DaySums } from '../day-sums.js';

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

/** In the order of the columns of `PAID_DAYS`. */
export const paidCells = (day: Day): Cell[] => [
  day.holdingId,
  day.on,
  day.at,
  day.position,
  day.paid,
];

/** Whether nothing but payments changed the holding. */
export const isPaidOnly = (day: Day): boolean =>
  day.amountIn === 0n && day.passedDown === 0n && day.disbursed === 0n && day.returnedUp === 0n;

/** What the days of a page add to a holding's month. */
export interface Month extends Record<Delta, bigint> {
  readonly holdingId: string;
  readonly month: string;
  lastOn: string;
}

const DAY_OF_MONTH_AT = '2018-06-'.length;

/** The months of days, one a holding and month. */
export function monthsOf(days: Iterable<Day>): readonly Month[] {
  const firsts = new Map<string, string>();
  const months = new DaySums<Month>();
  for (const day of days) {
    const { holdingId, on } = day;
    let first = firsts.get(on);
    if (first === undefined) firsts.set(on, (first = `${on.slice(0, DAY_OF_MONTH_AT)}01`));
    const name = first;
    const month = months.day('', name, holdingId, () => newMonth(holdingId, name, on));
    month.amountIn += day.amountIn;
    month.passedDown += day.passedDown;
    month.disbursed += day.disbursed;
    month.paid += day.paid;
    month.returnedUp += day.returnedUp;
    if (on > month.lastOn) month.lastOn = on;
  }
  return months.all;
}

const newMonth = (holdingId: string, month: string, lastOn: string): Month => ({
  holdingId,
  month,
  lastOn,
  amountIn: 0n,
  passedDown: 0n,
  disbursed: 0n,
  paid: 0n,
  returnedUp: 0n,
});

/** In the order of the columns of `holding_months`. */
export const monthCells = (month: Month): Cell[] => [
  month.holdingId,
  month.month,
  month.amountIn,
  month.passedDown,
  month.disbursed,
  month.paid,
  month.returnedUp,
  month.lastOn,
];
