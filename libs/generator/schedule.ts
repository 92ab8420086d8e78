import { BASE_RATES } from './base-rates.js';
import { type DayNo, daysAfter, PLAN_END } from './days.js';
import type { Schedule } from './plan.js';
import type { Random } from './random.js';

/** Room behind the last payment for what a bank sends back. */
const LAST_DAY = PLAN_END - 2;

/** When the money of a grant reaches its project and is spent, from the day the county has it. */
export function scheduleOf(from: DayNo, toHouseholds: boolean, random: Random): Schedule {
  const late = random.chance(BASE_RATES.detailedLate);
  const gaps = [
    late ? random.between(62, 150) : random.between(6, 45),
    random.between(1, 7),
    random.between(4, 30),
    random.between(0, 3),
    random.between(2, 25),
    toHouseholds ? random.between(0, 50) : random.between(30, 200),
    random.between(25, 60),
  ];
  const days = daysAfter(from, gaps, LAST_DAY) as unknown as SevenDays;
  const [issued, received, disbursed, credited, paidFrom, paidTo, lastOn] = days;
  return { issued, received, disbursed, credited, paidFrom, paidTo, lastOn };
}

type SevenDays = readonly [DayNo, DayNo, DayNo, DayNo, DayNo, DayNo, DayNo];
