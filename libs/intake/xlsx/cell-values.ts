import { type Day, dayOfExcelSerial } from '@fundflow/domain/calendar';

/**
 * Days between the two systems of a workbook: serial 0 of the one is 1900-01-00, of the other
 * 1904-01-01.
 */
const DAYS_1904 = 1_462;

/** The digits of a plain decimal that count: no sign, point, leading or trailing zeros. */
function significantDigits(text: string): number {
  const [whole = '', fraction] = text.replace('-', '').split('.');
  const digits =
    fraction === undefined ? whole.replace(/0+$/, '') : whole + fraction.replace(/0+$/, '');
  return digits.replace(/^0+/, '').length;
}

/** `1.5e-7` written out: `0.00000015`. */
function withoutExponent(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([-+]?\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Spreadsheets put zeros for every digit typed behind the fifteenth. */
const isLong = (text: string): boolean => text.replace(/^-|\..*$/g, '').length > DOUBLE_DIGITS;

/** Digits that a double holds whatever they are, and digits that tell every double from the next. */
const DOUBLE_DIGITS = 15;
const DOUBLE_DIGITS_MAX = 17;

/** Written out, without zeros that say nothing: `-.50e1` is `-5`. */
function plainDecimal(text: string): string {
  const written = withoutExponent(text.replace(/^(-?)\./, '$10.').replace(/\.(?=$|[eE])/, ''));
  return written.includes('.') ? written.replace(/\.?0+$/, '') : written;
}

export interface CellNumber {
  /** Plain decimal text. */
  readonly text: string;
  /** More than 15 digits: what was typed into the cell was longer than a spreadsheet can hold. */
  readonly isLossy: boolean;
}

/**
 * The number in a cell as decimal text; null when it is no number.
 *
 * A spreadsheet keeps a number as a binary double and writes up to 17 digits of it: 724.712484
 * stands in the file as `724.71248399999997`. Where a decimal of up to 15 digits gives the same
 * double, that is what was typed (nobody can type more) and the answer. Every other text stays as
 * it is: a shorter one is exact, a longer one was written by another program, or is a sum that
 * drifted (`0.30000000000000004`) and must not be rounded here.
 */
export function cellNumber(raw: string): CellNumber | null {
  const trimmed = raw.trim();
  if (!/^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?$/.test(trimmed)) return null;
  const stated = plainDecimal(trimmed);
  const digits = significantDigits(stated);
  if (digits <= DOUBLE_DIGITS || digits > DOUBLE_DIGITS_MAX) {
    return { text: stated, isLossy: digits > DOUBLE_DIGITS || isLong(stated) };
  }
  const shortest = plainDecimal(String(Number(stated)));
  const wasTyped = significantDigits(shortest) <= DOUBLE_DIGITS;
  const text = wasTyped ? shortest : stated;
  return { text, isLossy: !wasTyped || isLong(text) };
}

/**
 * A serial number of a cell that is formatted as a date. Null for a time, a fraction or a day
 * outside 1900-2199.
 */
export function cellDay(raw: string, is1904: boolean): Day | null {
  const serial = Number(cellNumber(raw)?.text ?? 'NaN');
  return dayOfExcelSerial(is1904 ? serial + DAYS_1904 : serial);
}

const MINUTES_A_DAY = 1_440;

/** The same of a day with a time, to the minute, as the cell shows it; null for anything else. */
export function cellMoment(raw: string, is1904: boolean): string | null {
  const serial = Number(cellNumber(raw)?.text ?? 'NaN');
  const day = cellDay(String(Math.floor(serial)), is1904);
  if (day === null) return null;
  const minutes = Math.floor((serial % 1) * MINUTES_A_DAY + 1e-6);
  const two = (count: number): string => String(count).padStart(2, '0');
  return `${day} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/**
 * Built-in formats that show a day (ECMA-376 18.8.30, with the East Asian ones), times left out.
 */
const BUILT_IN_DATES: readonly (readonly [number, number])[] = [
  [14, 17],
  [22, 22],
  [27, 31],
  [36, 36],
  [50, 54],
  [57, 58],
];

/**
 * Whether a number format shows a day: built in, or a code with a year or a day in it, or a month
 * without hours.
 */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return BUILT_IN_DATES.some(([from, to]) => from <= id && id <= to);
  const [positive = ''] = code.split(';');
  const plain = positive.replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '').toLowerCase();
  if (/general|通用格式/.test(plain)) return false;
  return /[yde]/.test(plain.replace(/e[+-]/g, '')) || (/m/.test(plain) && !/[hs]/.test(plain));
}

/** `_x000D_` and the like, as Office writes characters that XML may not hold. */
export function withoutEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
