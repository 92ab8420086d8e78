import { type Day, parseDay } from '@fundflow/domain/calendar';
import { isRecordId, readDocumentNumber } from '@fundflow/domain/identifiers';
import { MONEY_UNITS, type MoneyUnit, parseMoney, toHalfWidth } from '@fundflow/domain/money';
import { parseRegion, type RegionCode } from '@fundflow/domain/region';
import type { HandedInAmount } from '@fundflow/domain/rows';
import type { RowReading } from './row-reading.js';

/*
 * One function a type of cell. Each answers null for an empty cell and for one it refused; what was refused is kept in
 * the reading, so that every cell of a row is looked at and the first error in order of precedence is the row's.
 */

export function readId(reading: RowReading, name: string): string | null {
  const text = reading.text(name);
  if (text === null || isRecordId(text)) return text;
  reading.fail('bad-value', name, text, '1至64个字符，不含空格');
  return null;
}

/** Malformed: bad-value. Well-formed and in no table: unknown-region. */
export function readRegion(reading: RowReading, name: string): RegionCode | null {
  const text = reading.text(name);
  if (text === null) return null;
  const code = parseRegion(toHalfWidth(text));
  if (code === null) reading.fail('bad-value', name, text, '2、4、6、9或12位区划代码');
  else if (!reading.regionTable.knows(code)) reading.fail('unknown-region', name, text, null);
  else reading.addRegion(name, code);
  return code;
}

/**
 * Warns of every region that the table of the record's own year does not know; null is any year
 * (contract §6).
 */
export function checkVintage(reading: RowReading, firstDay: Day | null): void {
  const year = firstDay === null ? null : Number(firstDay.slice(0, 4));
  for (const { name, code } of reading.regions) {
    if (reading.regionTable.knowsInYear(code, year)) continue;
    reading.warn('region-vintage', name, code, year === null ? null : String(year));
  }
}

/** Exports of databases write a day as its midnight. */
const MIDNIGHT = /[ T]0{1,2}:00(?::00(?:\.0+)?)?$/;

export function readDay(reading: RowReading, name: string): Day | null {
  const text = reading.text(name);
  if (text === null) return null;
  const day = parseDay(text) ?? parseDay(toHalfWidth(text).replace(MIDNIGHT, ''));
  if (day === null) {
    const expected = '1900 至 2199 年间的日期（不带时刻），如 2018-06-01';
    reading.fail('bad-value', name, text, expected);
  }
  return day;
}

/** Days of one row may not run backwards: bad-value. A day that is not given is passed over. */
export function checkOrder(
  reading: RowReading,
  ...days: readonly (readonly [name: string, day: Day | null])[]
): void {
  let before: { name: string; day: Day } | null = null;
  for (const [name, day] of days) {
    if (day === null) continue;
    if (before && day < before.day) {
      const label = reading.columns.get(before.name)?.header ?? before.name;
      reading.fail('bad-value', name, day, `不早于${label} ${before.day}`);
    }
    before = { name, day };
  }
}

/**
 * An amount with the unit of its header or of the column `unit`; both must agree. Zero and less are
 * amounts.
 */
export function readAmount(reading: RowReading, name: string): HandedInAmount | null {
  const text = reading.text(name);
  if (text === null) return null;
  const unit = readUnit(reading, name);
  if (unit === null) return null;
  const parsed = parseMoney(text, unit);
  if (parsed.ok) return { amountFen: parsed.amountFen, amountText: `${text} ${unit}` };
  const expected = {
    'not-a-number': '十进制数，如 724.712484',
    'finer-than-a-fen': '最多精确到分，不得四舍五入',
    'too-large': '不超过 92,233,720,368,547,758.07 元',
  }[parsed.reason];
  reading.fail('bad-value', name, text, expected);
  return null;
}

const ANY_UNIT = '元、万元或亿元';

function readUnit(reading: RowReading, amountName: string): MoneyUnit | null {
  const ofHeader = reading.layout.unitOf.get(amountName) ?? null;
  const stated = reading.text('unit');
  if (stated === null) {
    if (ofHeader === null) reading.fail('bad-value', 'unit', null, ANY_UNIT);
    return ofHeader;
  }
  if (!Object.hasOwn(MONEY_UNITS, stated)) {
    reading.fail('bad-value', 'unit', stated, ANY_UNIT);
    return null;
  }
  if (ofHeader !== null && ofHeader !== stated) {
    reading.fail('bad-value', 'unit', stated, `与表头单位“${ofHeader}”一致`);
  }
  return stated as MoneyUnit;
}

/**
 * One value of a closed list, in whichever spelling; `code` is what any other text is refused with.
 */
export function readOneOf<T>(
  reading: RowReading,
  name: string,
  spellings: ReadonlyMap<string, T>,
  code: 'bad-value' | 'unknown-fund-type' = 'bad-value',
): T | null {
  const text = reading.text(name);
  if (text === null) return null;
  const found = spellings.get(text) ?? spellings.get(text.toLowerCase());
  if (found !== undefined) return found;
  reading.fail(code, name, text, reading.columns.get(name)?.help ?? null);
  return null;
}

const FISCAL_YEARS = { first: 1990, last: 2100 };

/** `2018`, `2018年`, `2018年度`. */
export function readYear(reading: RowReading, name: string): number | null {
  const text = reading.text(name);
  if (text === null) return null;
  const { first, last } = FISCAL_YEARS;
  const year = Number(/^(\d{4})(?:年度?)?$/.exec(toHalfWidth(text))?.[1] ?? 'NaN');
  if (year >= first && year <= last) return year;
  reading.fail('bad-value', name, text, `${first}至${last}之间的四位年份`);
  return null;
}

/** Warns: doc-not-stated, doc-unreadable. */
export function readDocument(reading: RowReading, name: string): string | null {
  const text = reading.text(name);
  if (text === null) return null;
  const { text: normal, status } = readDocumentNumber(text);
  if (status === 'not-stated') reading.warn('doc-not-stated', name, normal, null);
  if (status === 'unreadable') reading.warn('doc-unreadable', name, normal, null);
  return normal;
}

/** A code of digits of a fixed shape. */
export function readShaped(
  reading: RowReading,
  name: string,
  hasShape: (text: string) => boolean,
): string | null {
  const text = reading.text(name);
  if (text === null) return null;
  const code = toHalfWidth(text);
  if (hasShape(code)) return code;
  reading.fail('bad-value', name, text, reading.columns.get(name)?.help ?? null);
  return null;
}
