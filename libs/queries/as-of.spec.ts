import type { Day } from '@fundflow/domain/calendar';
import type { RegionCode } from '@fundflow/domain/region';
import fc from 'fast-check';
import { storedEventsOf } from '../../test/support/envelopes.js';
import { describeHistory, type History, histories } from '../../test/support/histories.js';
import { daysOf, movementsOf } from '../../test/support/movements.js';
import { PlainBooks, rowsKnownAt } from '../../test/support/plain-books.js';
import { openReadSide, type ReadSide } from '../../test/support/read-side.js';
import { REGION } from '../../test/support/regions.js';
import { askHolding } from './holding.js';
import { askSummary } from './summary.js';
import { askTrialBalance } from './trial-balance.js';

let side: ReadSide;
beforeAll(async () => {
  side = await openReadSide();
});
afterAll(() => side.close());

const REGIONS = Object.values(REGION) as RegionCode[];
const RUNS = 15;

/**
 * Where in a history to look: per mille of its days, and after which certification; 1000 = everything, which is answered
 * from other sums and so asked as often.
 */
const looks = fc.array(fc.tuple(fc.nat(999), fc.oneof(fc.constant(1000), fc.nat(1000))), {
  minLength: 2,
  maxLength: 6,
});

interface Look {
  readonly asOf: Day;
  readonly knownAt: string | null;
  readonly plain: PlainBooks;
}

function lookAt(history: History, [dayAt, momentAt]: readonly [number, number]): Look | null {
  const days = daysOf(movementsOf(rowsKnownAt(history, null)));
  const asOf = days[Math.floor((dayAt * days.length) / 1000)];
  if (!asOf) return null;
  const { postings } = history;
  const knownAt = postings[Math.floor((momentAt * postings.length) / 1000)]?.recordedAt ?? null;
  return { asOf, knownAt, plain: new PlainBooks(rowsKnownAt(history, knownAt), asOf) };
}

/** Folds the history and compares what the tables say with what a plain bookkeeper says. */
const ofEveryHistory = (holds: (look: Look) => Promise<void>): Promise<void> =>
  fc.assert(
    fc.asyncProperty(histories(), looks, async (history, places) => {
      const events = storedEventsOf(history);
      await side.empty();
      if (events.length > 0) await side.fold(events);
      for (const place of places) {
        const look = lookAt(history, place);
        if (!look) return;
        try {
          await holds(look);
        } catch (error) {
          const at = `asOf ${look.asOf} knownAt ${look.knownAt}`;
          throw new Error(`${at} in\n${describeHistory(history)}\n${error}`, { cause: error });
        }
      }
    }),
    { numRuns: RUNS },
  );

async function everyHolding(): Promise<string[]> {
  const { rows } = await side.client.query<{ id: string }>('SELECT id FROM read_side.holdings');
  return rows.map(({ id }) => id);
}

describe('the books as of a day, as known at a moment', () => {
  it('have in every holding what a replay of the rows up to there finds, and no other', async () => {
    await ofEveryHistory(async ({ asOf, knownAt, plain }) => {
      const later = (await everyHolding()).filter((id) => !plain.holdingIds.includes(id));
      for (const id of later) {
        const found = await askHolding(side.reads, { id, question: { asOf, knownAt } });
        expect([id, found.outcome]).toEqual([id, 'not-found']);
      }
      for (const id of plain.holdingIds) {
        const found = await askHolding(side.reads, { id, question: { asOf, knownAt } });
        const holding = found.outcome === 'found' ? found.holding : null;
        const numbers = Object.entries(plain.numbers(id)).map(([name, fen]) => [name, `${fen}`]);
        expect(holding).toMatchObject({
          id,
          region: plain.region(id),
          ...Object.fromEntries(numbers),
          projectId: plain.projectOf(id),
          originalIssuedOn: plain.originalIssuedOn(id),
          lastMovementOn: plain.lastMovementOn(id),
          status: plain.status(id),
          path: plain.path(id),
        });
      }
    });
  });

  it('conserve money at every region: what is accountable is authority, cash or between', async () => {
    await ofEveryHistory(async ({ asOf, knownAt, plain }) => {
      for (const region of REGIONS) {
        const question = { asOf, knownAt };
        const { summary } = await askSummary(side.reads, { region, question });
        const { betweenFen, ...expected } = plain.summary(region);
        const texts = Object.entries(expected).map(([name, fen]) => [name, `${fen}`]);
        expect([region, summary]).toMatchObject([region, Object.fromEntries(texts)]);
        const { authorityFen, cashFen } = expected;
        expect([region, summary.accountableFen]).toEqual([
          region,
          `${authorityFen + cashFen + betweenFen}`,
        ]);
        const { under1yFen, from1to2yFen, over2yFen } = summary.ageing;
        const ages = [under1yFen, from1to2yFen, over2yFen];
        expect([region, ...ages]).toEqual([region, ...plain.ageing(region).map(String)]);
      }
    });
  });

  it('balance in double entry, and the accounts say what the whole ledger says', async () => {
    await ofEveryHistory(async ({ asOf, knownAt, plain }) => {
      const { trialBalance } = await askTrialBalance(side.reads, {
        question: { asOf, knownAt },
      });
      expect(trialBalance.totalDebitFen).toBe(trialBalance.totalCreditFen);
      const balanceOf = (account: string): string | undefined =>
        trialBalance.accounts.find((row) => row.account === account)?.balanceFen;
      const all = plain.summary(REGION.centre);
      expect(balanceOf('authority')).toBe(`${all.authorityFen}`);
      expect(balanceOf('cash')).toBe(`${all.cashFen}`);
      expect(balanceOf('spent')).toBe(`${all.paidFen}`);
      const between = ['authority-in-transit', 'cash-in-transit', 'cash-returning'].concat(
        'authority-returning',
      );
      const inBetween = between.reduce((sum, name) => sum + BigInt(balanceOf(name) ?? 0), 0n);
      expect(balanceOf('outside')).toBe(
        `${-(all.authorityFen + all.cashFen + all.paidFen + inBetween)}`,
      );
    });
  });
});
