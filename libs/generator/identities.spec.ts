import { isAccountDoubtful, isCreditCode, isResidentId } from '@fundflow/domain/identifiers';
import fc from 'fast-check';
import {
  bankAccount,
  correctedAccount,
  creditCode,
  IDENTITIES,
  residentId,
  type UnitSort,
} from './identities.js';

const indices = fc.integer({ min: 0, max: 9_999_999 });

describe('made-up identities', () => {
  it('of people pass the check and were born after 2129: nobody has them', () => {
    fc.assert(
      fc.property(indices, (index) => {
        const id = residentId('450124', index);
        expect(isResidentId(id)).toBe(true);
        expect(id.startsWith('450124')).toBe(true);
        const birthYear = Number(id.slice(6, 10));
        expect(birthYear).toBeGreaterThanOrEqual(2130);
        expect(birthYear).toBeLessThanOrEqual(2199);
      }),
    );
  });

  it('of two people differ', () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => residentId('450124', index * 97));
    expect(new Set(ids).size).toBe(50_000);
    expect(50_000 * 97).toBeLessThan(IDENTITIES);
  });

  it('of accounts follow Luhn and belong to no country', () => {
    fc.assert(
      fc.property(indices, (index) => {
        const account = bankAccount('451228', index);
        const again = correctedAccount(account);
        expect(account).toMatch(/^9999451228\d{9}$/);
        expect(again).toMatch(/^9997451228\d{9}$/);
        expect(again.slice(4, 18)).toBe(account.slice(4, 18));
        expect([account, again].map(isAccountDoubtful)).toEqual([false, false]);
      }),
    );
  });

  it('of units pass the check under a series nobody has opened', () => {
    const sorts = fc.constantFrom<UnitSort>('11', '91', '93', 'N2');
    fc.assert(
      fc.property(sorts, fc.integer({ min: 0, max: 999_999 }), (sort, number) => {
        const code = creditCode(sort, '450124', number);
        expect(isCreditCode(code)).toBe(true);
        expect(code.slice(0, 10)).toBe(`${sort}450124YY`);
      }),
    );
  });
});
