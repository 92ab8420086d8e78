/** A business date `YYYY-MM-DD` in Asia/Shanghai. Plain text, so that `<` and sort order are the calendar's. */
export type Day = string & { readonly __unit: 'day' };

const DAY_MS = 86_400_000;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
}

const exists = (year: number, month: number, day: number): boolean =>
  month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);

/** Years outside 1900-2199 are typing errors in this ledger. */
const isOfLedger = (year: number, month: number, day: number): boolean =>
  year >= 1900 && year <= 2199 && exists(year, month, day);

export function dayOf(year: number, month: number, day: number): Day | null {
  return isOfLedger(year, month, day) ? dayText(year, month, day) : null;
}

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);

const dayText = (year: number, month: number, day: number): Day =>
  `${year}-${two(month)}-${two(day)}` as Day;

const twoDigits = (text: string, at: number): number =>
  (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;

const yearOf = (text: string): number => twoDigits(text, 0) * 100 + twoDigits(text, 2);

/** Whether a text has the form `YYYY-MM-DD`. */
function isWritten(text: string): boolean {
  if (text.length !== 10 || text[4] !== '-' || text[7] !== '-') return false;
  for (let at = 0; at < 10; at += 1) {
    const code = text.charCodeAt(at);
    if (at !== 4 && at !== 7 && (code < 48 || code > 57)) return false;
  }
  return true;
}

/** Of a text that `isWritten`. */
function isInUse(text: string): boolean {
  return isOfLedger(yearOf(text), twoDigits(text, 5), twoDigits(text, 8));
}

const FORMS = [
  /^(\d{4})-(\d{1,2})-(\d{1,2})$/,
  /^(\d{4})\/(\d{1,2})\/(\d{1,2})$/,
  /^(\d{4})\.(\d{1,2})\.(\d{1,2})$/,
  /^(\d{4})(\d{2})(\d{2})$/,
  /^(\d{4})年(\d{1,2})月(\d{1,2})日$/,
];

/** `2018-06-01`, `2018/6/1`, `2018.6.1`, `20180601`, `2018年6月1日`; null for anything else. */
export function parseDay(text: string): Day | null {
  // Nearly every day of a file is written as it is kept: then it is the text itself, and nothing is made.
  if (isWritten(text)) return isInUse(text) ? (text as Day) : null;
  const trimmed = text.trim();
  for (const form of FORMS) {
    const match = form.exec(trimmed);
    if (match) return dayOf(Number(match[1]), Number(match[2]), Number(match[3]));
  }
  return null;
}

/** The only form on the wire. */
export function isDay(text: string): text is Day {
  return isWritten(text) && isInUse(text);
}

/** Whether a text `YYYY-MM-DD` is a date of any year: moments know no bounds of business days. */
export function isDate(text: string): boolean {
  return isWritten(text) && exists(yearOf(text), twoDigits(text, 5), twoDigits(text, 8));
}

// The rules and the postings count days by the million: no pieces of text on the way.
const toUtc = (day: Day): number => Date.UTC(yearOf(day), twoDigits(day, 5) - 1, twoDigits(day, 8));

const fromUtc = (ms: number): Day => {
  const date = new Date(ms);
  return dayText(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
};

export const addDays = (day: Day, days: number): Day => fromUtc(toUtc(day) + days * DAY_MS);

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export const daysBetween = (from: Day, to: Day): number => (toUtc(to) - toUtc(from)) / DAY_MS;

/** The same month and day `years` later; 29 February counts as 28 (contract §4). */
export function addYears(day: Day, years: number): Day {
  const year = Number(day.slice(0, 4)) + years;
  const monthDay = day.slice(5);
  return `${year}-${monthDay === '02-29' ? '02-28' : monthDay}` as Day;
}

/** Full years of age reached on `on`: the anniversary itself counts. Negative ages are 0. */
export function fullYears(since: Day, on: Day): number {
  let years = Math.max(0, Number(on.slice(0, 4)) - Number(since.slice(0, 4)));
  while (years > 0 && addYears(since, years) > on) years -= 1;
  return years;
}

/** An Excel serial number (1900 system, with its phantom 29 February 1900) as a day. */
export function dayOfExcelSerial(serial: number): Day | null {
  if (!Number.isInteger(serial) || serial < 61 || serial > 109_574) return null;
  return fromUtc(Date.UTC(1899, 11, 30) + serial * DAY_MS);
}

/** The business date in Asia/Shanghai (UTC+8, no summer time since 1991) at a moment given in epoch milliseconds. */
export const dayInShanghai = (epochMs: number): Day => fromUtc(epochMs + 8 * 3_600_000);

export const latest = (...days: readonly (Day | null | undefined)[]): Day | null =>
  days.reduce<Day | null>((a, b) => (b && (!a || b > a) ? b : a), null);

export const earliest = (...days: readonly (Day | null | undefined)[]): Day | null =>
  days.reduce<Day | null>((a, b) => (b && (!a || b < a) ? b : a), null);
