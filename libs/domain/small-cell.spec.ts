import fc from 'fast-check';
import { NOTHING_PAID, type PaidToPeople, SMALL_CELL, withPaid } from './small-cell.js';

const paid = fc.record({
  person: fc.option(fc.constantFrom(...'abcdefgh'), { nil: null }),
  amountFen: fc.bigInt({ min: -1_000n, max: 100_000n }),
});

describe('what strangers are told of what was paid to people', () => {
  it('is nothing while it was fewer than five', () => {
    let now = NOTHING_PAID;
    for (const person of ['a', 'b', 'a', 'c', 'd', 'd']) now = withPaid(now, person, 10n);
    expect(now).toEqual({ toldFen: 0n, heldFen: 60n, heldFor: ['a', 'b', 'c', 'd'] });
    expect(withPaid(now, 'e', 5n)).toEqual({ toldFen: 65n, heldFen: 0n, heldFor: [] });
  });

  it('with what is held is always everything', () => {
    fc.assert(
      fc.property(fc.array(paid), (movements) => {
        const now = movements.reduce(
          (so, { person, amountFen }) => withPaid(so, person, amountFen),
          NOTHING_PAID,
        );
        const all = movements.reduce((sum, { amountFen }) => sum + amountFen, 0n);
        expect(now.toldFen + now.heldFen).toBe(all);
      }),
    );
  });

  it('between any two moments changes by a sum over at least five people, or not at all', () => {
    fc.assert(
      fc.property(fc.array(paid, { maxLength: 60 }), (movements) => {
        let now: PaidToPeople = NOTHING_PAID;
        let since = new Set<string>();
        let sum = 0n;
        for (const { person, amountFen } of movements) {
          const before = now.toldFen;
          now = withPaid(now, person, amountFen);
          sum += amountFen;
          if (person !== null) since.add(person);
          if (now.heldFen === 0n && now.heldFor.length === 0 && since.size > 0) {
            expect(since.size).toBeGreaterThanOrEqual(SMALL_CELL);
            expect(now.toldFen - before).toBe(sum);
            [since, sum] = [new Set(), 0n];
          } else {
            expect(now.toldFen).toBe(before);
          }
        }
      }),
    );
  });

  it('never keeps five people', () => {
    fc.assert(
      fc.property(fc.array(paid), (movements) => {
        const now = movements.reduce(
          (so, { person, amountFen }) => withPaid(so, person, amountFen),
          NOTHING_PAID,
        );
        expect(now.heldFor.length).toBeLessThan(SMALL_CELL);
      }),
    );
  });
});
