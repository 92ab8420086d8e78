import fc from 'fast-check';
import {
  addDays,
  addYears,
  type Day,
  dayInShanghai,
  dayOf,
  dayOfExcelSerial,
  daysBetween,
  earliest,
  fullYears,
  isDay,
  latest,
  parseDay,
} from './calendar.js';

const day = (text: string): Day => {
  const parsed = parseDay(text);
  if (!parsed) throw new Error(`${text} is no day`);
  return parsed;
};
const anyDay = fc
  .date({ min: new Date('1901-01-01'), max: new Date('2190-12-31'), noInvalidDate: true })
  .map((date) => day(date.toISOString().slice(0, 10)));

describe('a business date in a file', () => {
  it.each([
    ['2018-06-01', '2018-06-01'],
    ['2018-6-1', '2018-06-01'],
    ['2018/6/1', '2018-06-01'],
    ['2018/06/01', '2018-06-01'],
    ['2018.6.1', '2018-06-01'],
    ['20180601', '2018-06-01'],
    ['2018年6月1日', '2018-06-01'],
    [' 2018年06月01日 ', '2018-06-01'],
    ['2020-02-29', '2020-02-29'],
    ['2000-02-29', '2000-02-29'],
    ['1900-01-01', '1900-01-01'],
    ['2199-12-31', '2199-12-31'],
  ])('%s is %s', (text, expected) => expect(parseDay(text)).toBe(expected));

  it.each([
    ...['', '2018', '2018-06', '201861', '6/1/2018', '01.06.2018', '2018-06-01T00:00:00'],
    ...['2018-00-01', '2018-13-01', '2018-06-00', '2018-06-31', '2018-02-29', '1900-02-29'],
    ...['2100-02-29', '1899-12-31', '2200-01-01', '18-6-1', '2018年6月', '2018-6/1', '二〇一八年'],
  ])('%p is no date', (text) => expect(parseDay(text)).toBeNull());

  it('answers any text without throwing', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseDay(text)));
  });

  it('finds the same day in a text and between blanks', () => {
    const part = (length: number, max: number) =>
      fc.nat(max).map((n) => String(n).padStart(length, '0'));
    const day = fc.tuple(part(4, 2_300), part(2, 14), part(2, 33)).map((parts) => parts.join('-'));
    const damaged = fc
      .tuple(day, fc.nat(9), fc.constantFrom('x', '-', '/', ':', ' ', '５'))
      .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(day, damaged), (text) => {
        expect(parseDay(text)).toBe(parseDay(` ${text}`));
      }),
      { numRuns: 5_000 },
    );
  });

  it('has one form only on the wire', () => {
    expect(isDay('2018-06-01')).toBe(true);
    expect(['2018-6-1', '20180601', '2018-06-31', '', ' 2018-06-01'].some(isDay)).toBe(false);
  });

  it('is null where a part is out of range', () => {
    expect(dayOf(2018, 2, 28)).toBe('2018-02-28');
    expect(dayOf(2018, 2, 29)).toBeNull();
    expect(dayOf(2018, 4, 31)).toBeNull();
  });
});

describe('an Excel date', () => {
  it.each<[number, string | null]>([
    [61, '1900-03-01'],
    [43_252, '2018-06-01'],
    [43_890, '2020-02-29'],
    [109_574, '2199-12-31'],
    [109_575, null],
    [60, null],
    [0, null],
    [-1, null],
    [43_252.5, null],
    [Number.NaN, null],
  ])('serial %s is %s', (serial, expected) => expect(dayOfExcelSerial(serial)).toBe(expected));
});

describe('counting days', () => {
  it.each([
    ['2018-02-28', 1, '2018-03-01'],
    ['2020-02-28', 1, '2020-02-29'],
    ['2018-12-31', 1, '2019-01-01'],
    ['2018-01-01', -1, '2017-12-31'],
    ['2018-06-01', 0, '2018-06-01'],
  ])('%s and %s days is %s', (from, days, to) => {
    expect(addDays(day(from), days)).toBe(to);
    expect(daysBetween(day(from), day(to))).toBe(days);
  });

  it('comes back to where it started', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -3000, max: 3000 }), (from, days) => {
        expect(daysBetween(from, addDays(from, days))).toBe(days);
        expect(addDays(addDays(from, days), -days)).toBe(from);
      }),
    );
  });

  it('sorts as text the way the calendar runs', () => {
    fc.assert(fc.property(anyDay, anyDay, (a, b) => expect(a < b).toBe(daysBetween(a, b) > 0)));
  });
});

describe('a year is reached on the same month and day', () => {
  it.each([
    ['2018-06-01', 1, '2019-06-01'],
    ['2016-02-29', 1, '2017-02-28'],
    ['2016-02-29', 4, '2020-02-28'],
    ['2018-02-28', 2, '2020-02-28'],
  ])('%s and %s years is %s', (from, years, to) => expect(addYears(day(from), years)).toBe(to));

  it.each([
    ['2018-06-01', '2019-05-31', 0],
    ['2018-06-01', '2019-06-01', 1],
    ['2018-06-01', '2020-05-31', 1],
    ['2018-06-01', '2020-06-01', 2],
    ['2016-02-29', '2017-02-27', 0],
    ['2016-02-29', '2017-02-28', 1],
    ['2016-02-29', '2020-02-28', 4],
    ['2018-06-01', '2018-06-01', 0],
    ['2018-06-01', '2017-01-01', 0],
  ])('from %s to %s: %s full years', (since, on, years) => {
    expect(fullYears(day(since), day(on))).toBe(years);
  });

  it('never counts a year that is not over', () => {
    fc.assert(
      fc.property(anyDay, anyDay, (a, b) => {
        const [since, on] = a < b ? [a, b] : [b, a];
        const years = fullYears(since, on);
        expect(addYears(since, years) <= on).toBe(true);
        expect(addYears(since, years + 1) > on).toBe(true);
      }),
    );
  });
});

describe('today, and the first and last of several days', () => {
  it('is the day in Shanghai, not in Greenwich', () => {
    expect(dayInShanghai(Date.parse('2018-05-31T15:59:59Z'))).toBe('2018-05-31');
    expect(dayInShanghai(Date.parse('2018-05-31T16:00:00Z'))).toBe('2018-06-01');
  });

  it('passes over days that are not given', () => {
    expect(latest(null, day('2018-06-01'), undefined, day('2018-05-01'))).toBe('2018-06-01');
    expect(earliest(null, day('2018-06-01'), undefined, day('2018-05-01'))).toBe('2018-05-01');
    expect(latest(null, undefined)).toBeNull();
    expect(earliest()).toBeNull();
  });
});
