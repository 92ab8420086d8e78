import { addDays, type Day, daysBetween } from '@fundflow/domain/calendar';

/** A day as a whole number: days since the first of January 2017. Ten million payments are dated by plain addition. */
export type DayNo = number;

const FIRST = '2017-01-01' as Day;
const LAST = '2021-12-31' as Day;
const DAYS: readonly Day[] = Array.from({ length: daysBetween(FIRST, LAST) + 1 }, (_, index) =>
  addDays(FIRST, index),
);

/** @throws Error outside the years of the plan */
export function dayText(day: DayNo): Day {
  const text = DAYS[day];
  if (text === undefined) throw new Error(`day ${day} lies outside the plan`);
  return text;
}

export const dayNo = (text: string): DayNo => daysBetween(FIRST, text as Day);

export const yearOf = (day: DayNo): number => Number(dayText(day).slice(0, 4));

/** `180706` in voucher numbers. */
export const shortDay = (day: DayNo): string => dayText(day).slice(2).replaceAll('-', '');

/** The last day of the three-year plan: nothing the generator writes happens later. */
export const PLAN_END: DayNo = dayNo('2020-12-31');

/**
 * Days one after another from `start`, a gap each. Where they would run past `end` all gaps shrink in proportion, as an
 * office hurries at the end of a year.
 */
export function daysAfter(start: DayNo, gaps: readonly number[], end: DayNo): DayNo[] {
  const wanted = gaps.reduce((a, b) => a + b, 0);
  const room = Math.max(0, end - start);
  let passed = 0;
  return gaps.map((gap) => {
    passed += gap;
    return start + (wanted <= room ? passed : Math.floor((passed * room) / wanted));
  });
}
