import { readDocumentNumber } from '@fundflow/domain/identifiers';
import { fen } from '@fundflow/domain/money';
import { FUND_TYPES } from '@fundflow/intake/enumerations';
import { dayNo, daysAfter, dayText, PLAN_END } from './days.js';
import { asHandedIn, documentNo } from './documents.js';
import { type Fund, FUNDS, YEAR_SHARES } from './fund-mix.js';
import { ageClassOf, IdleQuota } from './idle-quota.js';
import { randomFor } from './random.js';

describe('the words of a plan', () => {
  it('name the funds as the contract does', () => {
    const chinese = Object.fromEntries(FUND_TYPES.map((one) => [one.value, one.chinese]));
    for (const fund of FUNDS) expect(fund.chinese).toBe(chinese[fund.type]);
  });
});

describe('the shape of the money', () => {
  it('adds up to the whole in every year', () => {
    expect(YEAR_SHARES.reduce((a, b) => a + b, 0)).toBe(1000);
    for (const year of [0, 1, 2] as const) {
      expect(FUNDS.reduce((sum, fund) => sum + fund.share[year], 0)).toBe(1000);
    }
  });

  it('lets the region’s own special fund grow faster than central money (opinions of 2018, 七(一))', () => {
    const money = (type: Fund['type'], year: 0 | 1 | 2): number =>
      (FUNDS.find((fund) => fund.type === type)?.share[year] ?? 0) * YEAR_SHARES[year];
    for (const year of [1, 2] as const) {
      const growth = (type: Fund['type']): number =>
        money(type, year) / money(type, (year - 1) as 0 | 1);
      expect(growth('region-special')).toBeGreaterThan(growth('central-special'));
    }
  });
});

describe('days', () => {
  it('follow one another, and hurry only where the end is near', () => {
    const start = dayNo('2020-11-01');
    expect(daysAfter(start, [10, 5], PLAN_END)).toEqual([start + 10, start + 15]);
    const hurried = daysAfter(start, [100, 20], PLAN_END);
    expect(hurried.map(dayText)).toEqual(['2020-12-21', '2020-12-31']);
  });

  it('outside the plan are a mistake', () => {
    expect(() => dayText(-1)).toThrow('outside the plan');
  });
});

describe('document numbers', () => {
  const [fund] = FUNDS as [Fund];
  it('rise through the year and can be read', () => {
    const days = ['2018-01-02', '2018-03-09', '2018-12-31', '2019-01-01'].map(dayNo);
    const numbers = days.map((day) => documentNo('桂财农', fund, day));
    expect(numbers).toEqual([
      ...['桂财农〔2018〕6号', '桂财农〔2018〕204号', '桂财农〔2018〕1095号', '桂财农〔2019〕3号'],
    ]);
    for (const number of numbers) expect(readDocumentNumber(number).status).toBe('stated');
  });

  it('come with other brackets now and then, and mean the same', () => {
    const random = randomFor(3, 'brackets');
    const written = Array.from({ length: 3_000 }, () => asHandedIn('财农〔2018〕12号', random));
    const forms = new Set(written);
    expect(forms.size).toBe(6);
    for (const form of forms) {
      expect(['财农〔2018〕12号', '未载明']).toContain(readDocumentNumber(form).text);
    }
  });
});

describe('idle money', () => {
  it.each([
    ['2018-12-31', 'two'],
    ['2019-01-01', 'one'],
    ['2019-12-31', 'one'],
    ['2020-01-01', 'young'],
  ])('issued on %s is of the class %s at the end of 2020', (day, age) => {
    expect(ageClassOf(dayNo(day))).toBe(age);
  });

  it('keeps to its rate, in few places', () => {
    const quota = new IdleQuota({ two: 100_000n, one: 0n, young: 0n });
    const random = randomFor(5, 'quota');
    let [total, held, places] = [0n, 0n, 0];
    for (let i = 0; i < 2_000; i += 1) {
      const amount = fen(BigInt(random.between(10_000, 900_000)) * 100n);
      const kept = quota.claim('two', amount);
      expect(kept <= amount).toBe(true);
      if (kept > 0n) places += 1;
      total += amount;
      held += kept;
    }
    expect(Number((held * 10_000n) / total)).toBeGreaterThan(980);
    expect(Number((held * 10_000n) / total)).toBeLessThanOrEqual(1_000);
    expect(places).toBeLessThan(700);
  });

  it('that lies elsewhere already is not held again', () => {
    const quota = new IdleQuota({ two: 500_000n, one: 0n, young: 0n });
    quota.hold('two', fen(1_000_00n));
    expect(quota.claim('two', fen(2_000_00n))).toBe(0n);
    expect(quota.claim('two', fen(2_000_00n))).toBe(1_000_00n);
  });
});
