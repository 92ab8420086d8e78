import fc from 'fast-check';
import { given } from '../../../test/support/given.js';
import { describeHistory, eventsOf, histories, rowsOf } from '../../../test/support/histories.js';
import { daysOf, movementsOf } from '../../../test/support/movements.js';
import { allocation, day, disbursement, payment, supplement } from '../../../test/support/rows.js';
import type { Day } from '../calendar.js';
import type { LedgerEvent } from '../events.js';
import type { HoldingEvent } from './events.js';
import { beginHolding, copyHolding, evolveHolding, type Holding, streamOf } from './holding.js';

/** Everything a decision can see of a holding. */
const pictureOf = (holding: Holding, days: readonly Day[]) => ({
  ...holding,
  timeline: days.map((on) => holding.timeline.at(on)),
  givenBack: [...holding.givenBack].map(([id, back]) => [id, days.map((on) => back.at(on))]),
});

/** As a reader does: begun by the event that created it, wherever that lies, then its own stream in order. */
function foldAlone(events: readonly LedgerEvent[], id: string): Holding {
  const begun = events.find((event) => event.key === `record:${id}` && event.index === 0);
  if (begun?.type !== 'AllocationIssued' && begun?.type !== 'CashDisbursed') {
    throw new Error(`nothing begins ${id}`);
  }
  const holding = beginHolding(begun);
  for (const event of events) {
    if (event.streamId === streamOf(id)) evolveHolding(holding, event as HoldingEvent);
  }
  return holding;
}

const idsOfHoldings = (events: readonly LedgerEvent[]): string[] =>
  events
    .filter(({ type }) => type === 'AllocationIssued' || type === 'CashDisbursed')
    .map(({ key }) => key.slice('record:'.length));

describe('a holding folded from its own stream', () => {
  it('is the holding in the books', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        const events = eventsOf(history);
        const days = daysOf(movementsOf(rowsOf(history)));
        for (const id of idsOfHoldings(events)) {
          const inBooks = history.books.holding(id) as Holding;
          try {
            expect(pictureOf(foldAlone(events, id), days)).toEqual(pictureOf(inBooks, days));
          } catch (error) {
            throw new Error(`in the history\n${describeHistory(history)}`, { cause: error });
          }
        }
      }),
    );
  });

  it('lies in one stream: a command for a holding writes no third stream', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        for (const { rows, events } of history.postings) {
          for (const row of rows) {
            const own = events.filter(({ key }) => key === `record:${row.id}`);
            const streams = new Set(own.map(({ streamId }) => streamId));
            expect(streams.size).toBeLessThanOrEqual(2);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a new holding', () => {
  it('an allocation has one line, nothing available, and what its row says', () => {
    const holding = given(allocation({ receivedOn: null })).books.holding('A-1');
    expect(holding).toMatchObject({
      ...{ kind: 'allocation', fundType: 'central-special', fiscalYear: 2018, projectId: null },
      lines: [
        {
          ...{ id: 'A-1', parentId: null, amountFen: 100_00n, giverRegion: null },
          ...{ issuedOn: '2018-01-10', receivedOn: null, reversedOn: null },
        },
      ],
    });
    expect(holding?.timeline.total).toBe(0n);
  });

  it('a disbursement lies where its allocation lies, with its fund type and year', () => {
    const source = allocation({ fundType: 'pooled', fiscalYear: 2019 });
    expect(given(source, disbursement()).books.holding('D-1')).toMatchObject({
      ...{ kind: 'disbursement', region: source.receiverRegion },
      ...{ fundType: 'pooled', fiscalYear: 2019 },
      lines: [{ id: 'D-1', parentId: 'A-1', receivedOn: '2018-03-02' }],
    });
  });
});

describe('a copy of a holding', () => {
  it('is not touched by what happens to the original', () => {
    const ledger = given(allocation(), disbursement());
    const original = ledger.books.holding('A-1') as Holding;
    const copy = copyHolding(original);
    const days = [day('2018-01-20'), day('2018-12-31')];
    const before = pictureOf(copy, days);
    ledger.and(supplement(), payment({ sourceId: 'A-1', amount: 1n }));
    expect(pictureOf(copy, days)).toEqual(before);
    expect(pictureOf(original, days)).not.toEqual(before);
  });
});

describe('a stream that cannot be', () => {
  it('is a broken invariant: a receipt of a line the holding never had', () => {
    const { decision } = given(allocation()).when(supplement());
    const events = decision.outcome === 'accepted' ? decision.events : [];
    const stranger = given(allocation({ id: 'A-2' })).books.holding('A-2') as Holding;
    const received = events.find(({ type }) => type === 'SupplementReceived') as HoldingEvent;
    expect(() => evolveHolding(stranger, received)).toThrow('holding A-2 has no line S-1');
  });
});
