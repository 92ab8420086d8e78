import { BASE_RATES } from './base-rates.js';
import { type DayNo, dayNo, yearOf } from './days.js';
import type { Fund } from './fund-mix.js';
import type { Random } from './random.js';

/** So many numbers a day: a letter about one fund does not share that of another. */
const NUMBERS_PER_DAY = 3;

/**
 * `桂财农〔2018〕123号`. Numbers rise through a year with gaps, as an office also writes letters about other matters; all
 * of one issuer's allocations of a fund on one day stand in one letter.
 */
export function documentNo(issuer: string, fund: Fund, day: DayNo): string {
  const year = yearOf(day);
  const dayOfYear = day - dayNo(`${year}-01-01`);
  const number = dayOfYear * NUMBERS_PER_DAY + (fund.letter.charCodeAt(0) % NUMBERS_PER_DAY) + 1;
  return `${issuer}〔${year}〕${number}号`;
}

/** As an office hands it in: now and then with other brackets, or not at all. */
export function asHandedIn(stated: string, random: Random): string {
  if (random.chance(BASE_RATES.documentNotStated)) return '未载明';
  if (!random.chance(BASE_RATES.documentOtherBrackets)) return stated;
  const [open, close] = random.pick(['[]', '【】', '()', '﹝﹞']);
  return stated.replace('〔', open ?? '〔').replace('〕', close ?? '〕');
}
