import fc from 'fast-check';
import { given } from '../../test/support/given.js';
import { eventsOf, histories, rowsOf } from '../../test/support/histories.js';
import { REGION } from '../../test/support/regions.js';
import {
  allocation,
  cashReturn,
  day,
  disbursement,
  notice,
  payment,
  project,
  recall,
  reversal,
  supplement,
} from '../../test/support/rows.js';
import { Books, recordOf, stateText } from './books.js';
import type { Day } from './calendar.js';
import type { LedgerEvent } from './events.js';
import { decideRow } from './posting.js';
import type { Row } from './rows.js';

function eventsIn(...rows: readonly Row[]): LedgerEvent[] {
  const ledger = given();
  return rows.flatMap((row) => {
    const { decision } = ledger.when(row);
    return decision.outcome === 'accepted' ? decision.events : [];
  });
}

describe('what the books know of a record', () => {
  const { books } = given(
    project(),
    ...[allocation({ projectId: 'X-1' }), supplement(), disbursement(), payment()],
    ...[cashReturn(), recall({ ofId: 'S-1' }), reversal(), notice({ subjectId: 'D-1' })],
  );

  it.each<[string, string, string | null, Record<string, Day | null>]>([
    ['X-1', 'projects', null, { acceptedOn: null, closedOn: null }],
    ['A-1', 'allocations', 'A-1', { receivedOn: day('2018-01-20') }],
    ['S-1', 'supplements', 'A-1', { receivedOn: day('2018-02-10') }],
    ['D-1', 'disbursements', 'D-1', { creditedOn: day('2018-03-02') }],
    ['P-1', 'payments', 'D-1', {}],
    ['R-2', 'returns', 'A-1', { receivedOn: null }],
    ['R-3', 'returns', 'A-1', { receivedOn: null }],
    ['Z-1', 'reversals', 'D-1', {}],
    ['N-1', 'notices', null, { removedOn: null }],
  ])('%s of %s', (id, kind, holdingId, dates) => {
    expect(books.record(id)).toMatchObject({
      ...{ kind, holdingId, dates, region: REGION.mashan, projectId: 'X-1' },
      states: new Set([stateText(dates)]),
    });
  });

  it('is nothing for an id never posted', () => {
    expect(books.record('nowhere')).toBeUndefined();
    expect(books.holding('X-1')).toBeUndefined();
    expect(books.hasProject('A-1')).toBe(false);
  });
});

describe('books read back from the log', () => {
  const recordsOf = (books: Books, ids: readonly string[]) => ids.map((id) => books.record(id));

  it('know what the books that decided knew', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        const books = new Books();
        for (const event of eventsOf(history)) books.apply(event);
        const ids = rowsOf(history).map(({ id }) => id);
        expect(recordsOf(books, ids)).toEqual(recordsOf(history.books, ids));
        for (const row of rowsOf(history)) {
          expect(decideRow(books, row, history.context)).toEqual({ outcome: 'already-posted' });
        }
      }),
    );
  });

  it('may be given completions in any order, and more than once', () => {
    fc.assert(
      fc.property(histories(), fc.integer(), (history, seed) => {
        const events = eventsOf(history);
        const books = new Books();
        for (const event of events) books.register(event);
        for (const event of shuffled(events, seed)) books.complete(event);
        for (const event of shuffled(events, seed + 1)) books.complete(event);
        const ids = rowsOf(history).map(({ id }) => id);
        expect(recordsOf(books, ids)).toEqual(recordsOf(history.books, ids));
      }),
    );
  });

  it('lose no date of a project that was closed before it was accepted', () => {
    const [acceptedOn, closedOn] = [day('2018-11-01'), day('2018-12-01')];
    const events = eventsIn(project(), project({ closedOn }), project({ acceptedOn, closedOn }));
    for (const order of [events, [...events].reverse()]) {
      const books = new Books();
      for (const event of events) books.register(event);
      for (const event of order) books.complete(event);
      expect(books.record('X-1')?.dates).toEqual({ acceptedOn, closedOn });
      expect(books.projectClosedOn('X-1')).toBe(closedOn);
    }
  });

  function shuffled(events: readonly LedgerEvent[], seed: number): LedgerEvent[] {
    const place = (event: LedgerEvent): number =>
      [...`${event.key}/${event.index}`].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) | 0, seed);
    return [...events].sort((a, b) => place(a) - place(b));
  }
});

describe('a record and its first event', () => {
  it('are one: only the event of index 0 makes a record', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        for (const event of eventsOf(history)) {
          expect(recordOf(event)?.row.id ?? null).toBe(
            event.index === 0 ? event.key.slice('record:'.length) : null,
          );
        }
      }),
    );
  });
});

describe('books that forget payments', () => {
  const other = payment({ id: 'P-2', amount: 2_00n });
  const two = () => given(allocation(), disbursement(), payment({ amount: 1_00n }), other);

  it('say which, and keep the holdings as they stand', () => {
    const { books, context } = two();
    expect(books.forgetPayments()).toEqual(['P-1', 'P-2']);
    expect(books.record('P-1')).toBeUndefined();
    expect(books.record('D-1')).toBeDefined();
    expect(books.holding('D-1')?.timeline.total).toBe(57_00n);
    expect(decideRow(books, payment({ id: 'P-3', amount: 57_01n }), context)).toMatchObject({
      refusal: { code: 'exceeds-available' },
    });
  });

  it('keep those they are told to keep', () => {
    const { books, context } = two();
    expect(books.forgetPayments(new Set(['P-2']))).toEqual(['P-1']);
    expect(decideRow(books, other, context)).toEqual({ outcome: 'already-posted' });
  });
});

describe('what nobody loaded', () => {
  it('is a broken invariant, never an open project', () => {
    const events = eventsIn(
      project({ closedOn: day('2018-12-01') }),
      allocation({ projectId: 'X-1' }),
    );
    const books = new Books();
    for (const event of events) if (event.key !== 'record:X-1') books.apply(event);
    expect(() => decideRow(books, payment({ sourceId: 'A-1' }), given().context)).toThrow(
      'project X-1 is not loaded',
    );
  });

  it('is a broken invariant, never an ancestor without parents', () => {
    const child = allocation({ id: 'A-2', parentId: 'A-1', issuerRegion: REGION.mashan });
    const events = eventsIn(allocation(), {
      ...child,
      issuedOn: day('2018-02-01'),
      receivedOn: day('2018-02-01'),
    });
    const books = new Books();
    for (const event of events) if (event.key !== 'record:A-1') books.apply(event);
    for (const event of eventsIn(allocation({ id: 'A-3' }))) books.apply(event);
    const grows = supplement({ allocationId: 'A-3', parentId: 'A-2', issuerRegion: REGION.mashan });
    expect(() => decideRow(books, grows, given().context)).toThrow('holding A-1 is not loaded');
  });
});
