import fc from 'fast-check';
import { describeHistory, type History, histories, rowsOf } from '../../test/support/histories.js';
import {
  balancesOn,
  daysOf,
  IN_TRANSIT,
  LEFT,
  movementsOf,
  OUTSIDE,
  PAID,
} from '../../test/support/movements.js';
import { Books } from './books.js';
import type { Day } from './calendar.js';
import { leftOf } from './holding/holding.js';
import { decideRow, postRow } from './posting.js';
import type { Row } from './rows.js';

const holdingIds = (rows: readonly Row[]): string[] => [
  ...new Set(
    rows.filter(({ kind }) => kind === 'allocations' || kind === 'disbursements').map((r) => r.id),
  ),
];

/** A property of every history; a failing one prints its rows. */
const ofEveryHistory = (holds: (history: History) => void, numRuns = 200): void =>
  fc.assert(
    fc.property(histories(), (history) => {
      try {
        holds(history);
      } catch (error) {
        throw new Error(`in the history\n${describeHistory(history)}`, { cause: error });
      }
    }),
    { numRuns },
  );

describe('conservation', () => {
  it('every holding has on every day what a plain bookkeeper finds', () => {
    ofEveryHistory((history) => {
      const rows = rowsOf(history);
      const movements = movementsOf(rows);
      for (const day of daysOf(movements)) {
        const expected = balancesOn(movements, day);
        for (const id of holdingIds(rows)) {
          const balance = history.books.holding(id)?.timeline.at(day);
          expect([day, id, balance]).toEqual([day, id, expected.get(id) ?? 0n]);
        }
      }
    });
  });

  it('what entered is in a holding, in transit, paid, or has left', () => {
    ofEveryHistory((history) => {
      const rows = rowsOf(history);
      const movements = movementsOf(rows);
      for (const day of daysOf(movements)) {
        const plain = balancesOn(movements, day);
        const held = holdingIds(rows).reduce(
          (sum, id) => sum + (history.books.holding(id)?.timeline.at(day) ?? 0n),
          0n,
        );
        const elsewhere = [IN_TRANSIT, PAID, LEFT].reduce((a, b) => a + (plain.get(b) ?? 0n), 0n);
        expect([day, held + elsewhere]).toEqual([day, -(plain.get(OUTSIDE) ?? 0n)]);
      }
    });
  });

  it('nobody was paid less than nothing, and no line gave back more than it brought', () => {
    ofEveryHistory((history) => {
      const rows = rowsOf(history);
      const days = daysOf(movementsOf(rows));
      for (const row of rows) {
        if (row.kind !== 'payments' && row.kind !== 'allocations' && row.kind !== 'supplements') {
          continue;
        }
        const holdingId = history.books.record(row.id)?.holdingId;
        const holding = history.books.holding(holdingId as string);
        for (const day of days) {
          const left = holding && leftOf(holding, row.id, row.amountFen, day);
          expect(left).toBeGreaterThanOrEqual(0n);
        }
      }
    });
  });

  it('a reversed holding has nothing from that day on', () => {
    ofEveryHistory(({ books, ...history }) => {
      const movements = movementsOf(rowsOf({ books, ...history }));
      const days = daysOf(movements);
      for (const { id, kind, reversedOn } of movements) {
        if (reversedOn === null || (kind !== 'allocations' && kind !== 'disbursements')) continue;
        for (const day of days.filter((other) => other >= reversedOn)) {
          expect([id, day, books.holding(id)?.timeline.at(day)]).toEqual([id, day, 0n]);
        }
      }
    });
  });
});

describe('what is accepted', () => {
  it('takes no end of a day further below zero, unless it had already happened', () => {
    ofEveryHistory(({ context, ...history }) => {
      const rows = rowsOf({ context, ...history });
      const days = daysOf(movementsOf(rows));
      const books = new Books();
      const before = new Map<string, readonly bigint[]>();
      for (const row of rows) {
        expect(postRow(books, row, context).outcome).toBe('accepted');
        for (const id of holdingIds(rows)) {
          const now = balancesAt(books, id, days);
          const was = before.get(id) ?? now.map(() => 0n);
          const deeper = now.some((balance, at) => balance < 0n && balance < (was[at] as bigint));
          if (deeper) expect(row).toMatchObject({ kind: 'payments', alreadyHappened: true });
          before.set(id, now);
        }
      }
    }, 100);
  });

  it('is already-posted when decided again, and changes nothing', () => {
    ofEveryHistory(({ books, context, ...history }) => {
      const rows = rowsOf({ books, context, ...history });
      const days = daysOf(movementsOf(rows));
      const picture = () => holdingIds(rows).map((id) => balancesAt(books, id, days));
      const before = picture();
      for (const row of rows) {
        expect(postRow(books, row, context)).toEqual({ outcome: 'already-posted' });
      }
      expect(picture()).toEqual(before);
    });
  });

  it('does not depend on having been asked before', () => {
    ofEveryHistory(({ context, ...history }) => {
      const [once, twice] = [new Books(), new Books()];
      for (const row of rowsOf({ context, ...history })) {
        const asked = decideRow(twice, row, context);
        expect(decideRow(twice, row, context)).toEqual(asked);
        expect(postRow(twice, row, context)).toEqual(asked);
        expect(postRow(once, row, context)).toEqual(asked);
      }
    }, 50);
  });

  function balancesAt(books: Books, id: string, days: readonly Day[]): bigint[] {
    return days.map((day) => books.holding(id)?.timeline.at(day) ?? 0n);
  }
});
