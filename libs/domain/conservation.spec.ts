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
import { type Holding, leftOf } from './holding/holding.js';
import { decideRow, postRow } from './posting.js';
import type { Row } from './rows.js';

const holdingIds = (rows: readonly Row[]): string[] => [
  ...new Set(
    rows.filter(({ kind }) => kind === 'allocations' || kind === 'disbursements').map((r) => r.id),
  ),
];

type Found = string;

/** A property of every history: `find` says what breaks it. A failing one prints its rows. */
const ofEveryHistory = (find: (history: History) => readonly Found[], numRuns = 400): void =>
  fc.assert(
    fc.property(histories(), (history) => {
      const found = find(history);
      if (found.length > 0) {
        throw new Error(`${found.slice(0, 3).join('\n')}\nin\n${describeHistory(history)}`);
      }
    }),
    { numRuns },
  );

const unlessSame = (what: string, found: unknown, expected: unknown): Found[] =>
  found === expected ? [] : [`${what}: ${String(found)}, not ${String(expected)}`];

describe('conservation', () => {
  it('every holding has on every day what a plain bookkeeper finds', () => {
    ofEveryHistory((history) => {
      const rows = rowsOf(history);
      const movements = movementsOf(rows);
      return daysOf(movements).flatMap((day) => {
        const plain = balancesOn(movements, day);
        return holdingIds(rows).flatMap((id) =>
          unlessSame(
            `${id} on ${day}`,
            history.books.holding(id)?.timeline.at(day),
            plain.get(id) ?? 0n,
          ),
        );
      });
    });
  });

  it('what entered is in a holding, in transit, paid, or has left', () => {
    ofEveryHistory((history) => {
      const rows = rowsOf(history);
      const movements = movementsOf(rows);
      return daysOf(movements).flatMap((day) => {
        const plain = balancesOn(movements, day);
        const held = holdingIds(rows).reduce(
          (sum, id) => sum + (history.books.holding(id)?.timeline.at(day) ?? 0n),
          0n,
        );
        const elsewhere = [IN_TRANSIT, PAID, LEFT].reduce((a, b) => a + (plain.get(b) ?? 0n), 0n);
        return unlessSame(day, held + elsewhere, -(plain.get(OUTSIDE) ?? 0n));
      });
    });
  });

  it('nobody was paid less than nothing, and no line gave back more than it brought', () => {
    ofEveryHistory((history) => {
      const rows = rowsOf(history);
      const days = daysOf(movementsOf(rows));
      return rows.flatMap((row) => {
        if (row.kind !== 'payments' && row.kind !== 'allocations' && row.kind !== 'supplements') {
          return [];
        }
        const holdingId = history.books.record(row.id)?.holdingId;
        const holding = history.books.holding(holdingId as string) as Holding;
        return days.flatMap((day) =>
          leftOf(holding, row.id, row.amountFen, day) < 0n ? [`${row.id} on ${day}`] : [],
        );
      });
    });
  });

  it('nothing stands on what was reversed: no return of it, no supplement to it', () => {
    ofEveryHistory((history) => {
      const rows = rowsOf(history);
      const reversedOn = new Map(movementsOf(rows).map((each) => [each.id, each.reversedOn]));
      return rows.flatMap((row) => {
        if (row.kind !== 'returns' && row.kind !== 'supplements') return [];
        const under = reversedOn.get(row.kind === 'returns' ? row.ofId : row.allocationId) ?? null;
        if (under === null) return [];
        const own = reversedOn.get(row.id) ?? null;
        const on = row.kind === 'returns' ? row.returnedOn : row.issuedOn;
        // On the days from the later of the two until its own reversal it would stand on nothing.
        const since = on > under ? on : under;
        return own === null || own > since ? [`${row.id} stands`] : [];
      });
    });
  });

  it('a reversed holding has nothing from that day on', () => {
    ofEveryHistory(({ books, ...history }) => {
      const movements = movementsOf(rowsOf({ books, ...history }));
      const days = daysOf(movements);
      return movements.flatMap(({ id, kind, reversedOn }) => {
        if (reversedOn === null || (kind !== 'allocations' && kind !== 'disbursements')) return [];
        return days
          .filter((day) => day >= reversedOn)
          .flatMap((day) => unlessSame(`${id} on ${day}`, books.holding(id)?.timeline.at(day), 0n));
      });
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
      return rows.flatMap((row) => {
        const { outcome } = postRow(books, row, context);
        const deeper = holdingIds(rows).filter((id) => {
          const now = balancesAt(books, id, days);
          const was = before.get(id) ?? now.map(() => 0n);
          before.set(id, now);
          return now.some((balance, at) => balance < 0n && balance < (was[at] as bigint));
        });
        const allowed = row.kind === 'payments' && row.alreadyHappened;
        return [
          ...unlessSame(row.id, outcome, 'accepted'),
          ...(allowed ? [] : deeper.map((id) => `${row.id} takes ${id} below zero`)),
        ];
      });
    }, 100);
  });

  it('is already-posted when decided again, and changes nothing', () => {
    ofEveryHistory(({ books, context, ...history }) => {
      const rows = rowsOf({ books, context, ...history });
      const days = daysOf(movementsOf(rows));
      const picture = () =>
        holdingIds(rows)
          .map((id) => balancesAt(books, id, days))
          .join('; ');
      const before = picture();
      return [
        ...rows.flatMap((row) =>
          unlessSame(row.id, postRow(books, row, context).outcome, 'already-posted'),
        ),
        ...unlessSame('the balances', picture(), before),
      ];
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
      return [];
    }, 30);
  });

  function balancesAt(books: Books, id: string, days: readonly Day[]): bigint[] {
    return days.map((day) => books.holding(id)?.timeline.at(day) ?? 0n);
  }
});
