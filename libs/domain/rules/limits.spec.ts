import type { Day } from '../calendar.js';
import { CENTRE, type RegionCode } from '../region.js';
import { LimitBook, type LimitSetting, limitOn } from './limits.js';
import { cashParked } from './cash-parked.js';
import { idleOneYear } from './idle-one-year.js';
import { passedOnLate } from './passed-on-late.js';

const set = (limitDays: number, over: Partial<Record<keyof LimitSetting, unknown>> = {}) =>
  ({
    rule: 'passed-on-late',
    region: '45',
    fundTypes: null,
    validFrom: '2018-01-01',
    limitDays,
    ...over,
  }) as LimitSetting;

const limit = (
  settings: readonly LimitSetting[],
  on: string,
  { region = '4501', fundType = 'central-special' } = {},
): number | null =>
  limitOn(
    new LimitBook(settings).stepsFor(passedOnLate, { region: region as RegionCode, fundType }),
    on as Day,
  );

describe('which limit is in force', () => {
  it('the default where nobody set one, by fund type', () => {
    expect(limit([], '2018-01-01')).toBe(30);
    expect(limit([], '2018-01-01', { fundType: 'region-special' })).toBe(60);
    expect(limit([set(5, { rule: 'not-disbursed' })], '2019-01-01')).toBe(30);
  });

  it('a setting from its first day on, in its region only', () => {
    const settings = [set(20, { validFrom: '2018-07-01' })];
    expect(limit(settings, '2018-06-30')).toBe(30);
    expect(limit(settings, '2018-07-01')).toBe(20);
    expect(limit(settings, '2018-07-01', { region: '41' })).toBe(30);
  });

  it('the longest region first, even when the shorter one was set later', () => {
    const settings = [set(20, { region: '4501' }), set(10, { validFrom: '2019-01-01' })];
    expect(limit(settings, '2019-06-01')).toBe(20);
    expect(limit(settings, '2019-06-01', { region: '4502' })).toBe(10);
    expect(limit([set(20), set(10, { region: CENTRE })], '2019-06-01')).toBe(20);
    expect(limit([set(10, { region: CENTRE })], '2019-06-01', { region: '41' })).toBe(10);
  });

  it('of one region and day the one that names the fund type, and of two alike the later set', () => {
    const settings = [set(10, { fundTypes: ['bond'] }), set(20), set(25)];
    expect(limit(settings, '2019-01-01', { fundType: 'bond' })).toBe(10);
    expect(limit(settings, '2019-01-01')).toBe(25);
  });

  it('of one region the latest valid, whatever the order of record', () => {
    const settings = [set(10, { validFrom: '2019-01-01' }), set(20)];
    expect(limit(settings, '2018-12-31')).toBe(20);
    expect(limit(settings, '2019-01-01')).toBe(10);
  });

  it('none for a rule that counts years, and for a project only what is set for all fund types', () => {
    const book = new LimitBook([set(1, { rule: 'cash-parked', fundTypes: ['bond'] })]);
    const region = '450124' as RegionCode;
    const at = '2019-01-01' as Day;
    expect(limitOn(book.stepsFor(idleOneYear, { region, fundType: 'bond' }), at)).toBeNull();
    expect(limitOn(book.stepsFor(cashParked, { region, fundType: null }), at)).toBe(60);
    expect(limitOn(book.stepsFor(cashParked, { region, fundType: 'bond' }), at)).toBe(1);
  });
});
