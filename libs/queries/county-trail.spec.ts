import type { Day } from '@fundflow/domain/calendar';
import { addDays } from '@fundflow/domain/calendar';
import { liesIn, type RegionCode } from '@fundflow/domain/region';
import type { Row } from '@fundflow/domain/rows';
import fc from 'fast-check';
import { storedEventsOf } from '../../test/support/envelopes.js';
import { describeHistory, histories } from '../../test/support/histories.js';
import { PlainBooks, rowsKnownAt } from '../../test/support/plain-books.js';
import { openReadSide, type ReadSide, writtenLog } from '../../test/support/read-side.js';
import { REGION } from '../../test/support/regions.js';
import {
  allocation,
  bankReturn,
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
import { askTrail, type TrailCursor, type TrailQuestion } from './county-trail.js';
import type { TrailEntry } from './trail-entry.js';

let side: ReadSide;
beforeAll(async () => {
  side = await openReadSide();
});
beforeEach(() => side.empty());
afterAll(() => side.close());

const LATE: TrailQuestion['question'] = { asOf: day('2030-01-01'), knownAt: null };

async function trail(
  region: RegionCode,
  asked: Partial<TrailQuestion> = {},
  limit = 7,
): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = [];
  let cursor: TrailCursor | null = null;
  do {
    const page = await askTrail(side.reads, {
      ...{ region, from: null, to: null, limit, question: LATE, cursor },
      ...asked,
    });
    if (page.outcome !== 'found') throw new Error(page.outcome);
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    entries.push(...page.entries);
    cursor = page.next;
    asked = { ...asked, cursor };
  } while (cursor);
  return entries;
}

const written = async (...rows: readonly Row[]): Promise<void> => {
  const log = writtenLog();
  await side.fold(log.post('2019-01-01T00:00:00.000Z', ...rows));
};

const later = { issuedOn: day('2018-01-21'), receivedOn: day('2018-01-25') };

const shown = (entries: readonly TrailEntry[]): string[] =>
  entries.map((e) => `${e.occurredOn} ${e.type} ${e.effect} ${e.amountFen} ${e.accountableFen}`);

describe('the trail of a county', () => {
  it('gives one entry a date, with its effect and the running balance', async () => {
    await written(
      allocation(),
      disbursement(),
      payment(),
      bankReturn({ amount: 5_00n }),
      cashReturn({ amount: 6_00n, receivedOn: day('2018-05-03') }),
      recall({ amount: 7_00n, returnedOn: day('2018-06-01'), receivedOn: day('2018-06-02') }),
    );
    expect(shown(await trail(REGION.mashan))).toEqual([
      '2018-01-10 AllocationIssued none 10000 0',
      '2018-01-20 AllocationReceived in 10000 10000',
      '2018-03-01 CashDisbursed within 6000 10000',
      '2018-03-02 CashCredited within 6000 10000',
      '2018-04-01 PaymentMade out 4000 6000',
      '2018-05-01 PaymentReturned in 500 6500',
      '2018-05-01 CashReturned within 600 6500',
      '2018-05-03 CashReturnReceived within 600 6500',
      '2018-06-01 AuthorityRecalled out 700 5800',
      '2018-06-02 RecallReceived none 700 5800',
    ]);
  });

  it('shows the same movements to the city as within, and to the township as none of its business', async () => {
    await written(
      allocation({ id: 'C-1', receiverRegion: REGION.nanning }),
      allocation({ parentId: 'C-1', issuerRegion: REGION.nanning, ...later }),
      payment({ sourceId: 'A-1', payeeRegion: REGION.baishanVillage }),
    );
    const effects = async (region: RegionCode) =>
      (await trail(region)).map(({ type, effect }) => `${type} ${effect}`);
    expect(await effects(REGION.nanning)).toEqual([
      'AllocationIssued none',
      'AllocationReceived in',
      'AllocationIssued within',
      'AllocationReceived within',
      'PaymentMade out',
    ]);
    expect(await effects(REGION.baishan)).toEqual(['PaymentMade none']);
    expect(await effects(REGION.baishanVillage)).toEqual(['PaymentMade none']);
    expect(await effects(REGION.shanglin)).toEqual([]);
    expect((await effects(REGION.centre)).length).toBe(5);
  });

  it('reverses on the date of the reversal, with the opposite effect', async () => {
    await written(
      allocation(),
      payment({ sourceId: 'A-1' }),
      reversal({ id: 'Z-1', ofId: 'P-1', reversedOn: day('2018-06-01') }),
      reversal({ id: 'Z-2', ofId: 'A-1', reversedOn: day('2018-07-01') }),
    );
    const entries = await trail(REGION.mashan);
    expect(shown(entries).slice(2)).toEqual([
      '2018-04-01 PaymentMade out 4000 6000',
      '2018-06-01 MovementReversed in 4000 10000',
      '2018-07-01 MovementReversed out 10000 0',
    ]);
    expect(entries.map(({ reversalOf }) => reversalOf)).toEqual([null, null, null, 'P-1', 'A-1']);
    expect(entries.map(({ recordId }) => recordId)).toEqual(['A-1', 'A-1', 'P-1', 'Z-1', 'Z-2']);
  });

  it('lets the giver count as returned up what went to the successor of its code, at issue', async () => {
    const { lipuCounty, lipuCity } = REGION;
    await written(
      allocation({ id: 'L-1', receiverRegion: lipuCounty }),
      allocation({
        id: 'L-2',
        parentId: 'L-1',
        issuerRegion: lipuCounty,
        receiverRegion: lipuCity,
        ...later,
      }),
      recall({ ofId: 'L-2', amount: 10_00n, receivedOn: day('2018-05-09') }),
    );
    const ofBoth = [await trail(lipuCounty), await trail(lipuCity)].map(shown);
    expect(ofBoth).toEqual([
      [
        '2018-01-10 AllocationIssued none 10000 0',
        '2018-01-20 AllocationReceived in 10000 10000',
        '2018-01-21 AllocationIssued out 10000 0',
        '2018-01-25 AllocationReceived none 10000 0',
        '2018-05-01 AuthorityRecalled none 1000 0',
        '2018-05-09 RecallReceived in 1000 1000',
      ],
      [
        '2018-01-21 AllocationIssued none 10000 0',
        '2018-01-25 AllocationReceived in 10000 10000',
        '2018-05-01 AuthorityRecalled out 1000 9000',
        '2018-05-09 RecallReceived none 1000 9000',
      ],
    ]);
  });

  it('names projects and notices in every place they name, without an amount', async () => {
    const places = { township: REGION.baishan, village: REGION.baishanVillage };
    await written(
      project({ ...places, libraryOn: day('2018-01-01'), acceptedOn: day('2018-09-01') }),
      notice({ removedOn: day('2018-05-20') }),
    );
    for (const region of [REGION.mashan, REGION.baishan, REGION.baishanVillage, REGION.guangxi]) {
      expect(shown(await trail(region))).toEqual([
        '2018-01-01 ProjectEnteredLibrary none null 0',
        '2018-05-01 NoticePosted none null 0',
        '2018-05-20 NoticeRemoved none null 0',
        '2018-09-01 ProjectAccepted none null 0',
      ]);
    }
  });

  it('says where the payee is what became of the payment: returned, reversed, on the board', async () => {
    const elsewhere = { sourceId: 'A-1', payeeRegion: REGION.shanglin };
    await written(
      allocation(),
      payment(elsewhere),
      bankReturn(),
      reversal({ ofId: 'R-1' }),
      payment({ ...elsewhere, id: 'P-2' }),
      reversal({ id: 'Z-2', ofId: 'P-2', reversedOn: day('2018-07-01') }),
      notice({ subjectId: 'P-1', postedOn: day('2018-08-01') }),
    );
    expect(shown(await trail(REGION.shanglin))).toEqual([
      '2018-04-01 PaymentMade none 4000 0',
      '2018-04-01 PaymentMade none 4000 0',
      '2018-05-01 PaymentReturned none 1000 0',
      '2018-06-01 MovementReversed none 1000 0',
      '2018-07-01 MovementReversed none 4000 0',
      '2018-08-01 NoticePosted none null 0',
    ]);
    expect(shown(await trail(REGION.mashan)).slice(-4)).toEqual([
      '2018-05-01 PaymentReturned in 1000 3000',
      '2018-06-01 MovementReversed out 1000 2000',
      '2018-07-01 MovementReversed in 4000 6000',
      '2018-08-01 NoticePosted none null 6000',
    ]);
  });

  it('holds no personal data: a person is a mark for the vault', async () => {
    const person = { kind: 'person', name: null, code: null, account: null } as const;
    await written(allocation(), payment({ sourceId: 'A-1', payee: person }));
    const paid = (await trail(REGION.mashan)).at(-1);
    expect(paid).toMatchObject({ counterparty: null, personalEventId: paid?.eventId });
    await side.empty();
    await written(allocation({ receiverName: '马山县财政局' }), payment({ sourceId: 'A-1' }));
    const [issued, received, unit] = await trail(REGION.mashan);
    expect([issued?.counterparty, received?.counterparty]).toEqual(['马山县财政局', null]);
    expect(unit).toMatchObject({ counterparty: '广西路桥有限公司', personalEventId: null });
  });

  it('starts at the true balance before the first day asked about', async () => {
    await written(allocation(), payment({ sourceId: 'A-1' }), bankReturn());
    expect(shown(await trail(REGION.mashan, { from: '2018-04-01', to: '2018-04-30' }))).toEqual([
      '2018-04-01 PaymentMade out 4000 6000',
    ]);
    expect(shown(await trail(REGION.mashan, { from: '2018-04-02' }))).toEqual([
      '2018-05-01 PaymentReturned in 1000 7000',
    ]);
  });

  it('is pinned by its cursor: what is posted later does not come in between', async () => {
    const log = writtenLog();
    await side.fold(log.post('2019-01-01T00:00:00.000Z', allocation(), supplement()));
    const ask = (cursor: TrailCursor | null) =>
      askTrail(side.reads, {
        ...{ region: REGION.mashan, from: null, to: null, limit: 2, question: LATE, cursor },
      });
    const first = await ask(null);
    if (first.outcome !== 'found') throw new Error(first.outcome);
    await side.fold(log.post('2019-01-02T00:00:00.000Z', payment({ sourceId: 'A-1' })));
    const second = await ask(first.next);
    if (second.outcome !== 'found') throw new Error(second.outcome);
    expect(shown(second.entries)).toEqual([
      '2018-02-01 SupplementIssued none 5000 10000',
      '2018-02-10 SupplementReceived in 5000 15000',
    ]);
    expect([second.next, second.position]).toEqual([null, first.position]);
    const other = { ...(first.next as TrailCursor), region: REGION.shanglin as string };
    expect(await ask(other)).toEqual({ outcome: 'bad-cursor' });
  });
});

describe('every trail of every history', () => {
  it('ends at the accountable sum of the day, from any day on, on pages of any size', async () => {
    const regions = fc.constantFrom(...(Object.values(REGION) as RegionCode[]));
    const ask = fc.tuple(regions, fc.nat(900), fc.nat(999), fc.integer({ min: 1, max: 9 }));
    await fc.assert(
      fc.asyncProperty(histories(), ask, async (history, [region, offset, share, limit]) => {
        const events = storedEventsOf(history);
        await side.empty();
        if (events.length > 0) await side.fold(events);
        const asOf = addDays(day('2018-01-01'), offset);
        const from = addDays(day('2018-01-01'), Math.floor((offset * share) / 1000));
        const { postings } = history;
        const knownAt = postings[Math.floor((share * postings.length) / 700)]?.recordedAt ?? null;
        const rows = rowsKnownAt(history, knownAt);
        const question = { asOf, knownAt };
        const plainOn = (on: Day): bigint => {
          const { receivedFen, paidFen, returnedUpFen } = new PlainBooks(rows, on).summary(region);
          return receivedFen - paidFen - returnedUpFen;
        };
        try {
          const all = await trail(region, { question }, limit);
          const later = await trail(region, { question, from }, limit);
          expect(later).toEqual(all.filter(({ occurredOn }) => occurredOn >= from));
          expect(all).toEqual([...all].sort(inOrder));
          expect(new Set(all.map(({ position }) => position)).size).toBe(all.length);
          expect(all.at(-1)?.accountableFen ?? '0').toBe(`${plainOn(asOf)}`);
          for (const { occurredOn } of all) expect(occurredOn <= asOf).toBe(true);
          expect(named(all)).toEqual(namedBy(rows, region, asOf));
        } catch (error) {
          throw new Error(`${region} ${asOf} ${knownAt}\n${describeHistory(history)}\n${error}`);
        }
      }),
      { numRuns: 25 },
    );
  });
});

const inOrder = (a: TrailEntry, b: TrailEntry): number =>
  a.occurredOn === b.occurredOn ? a.position - b.position : a.occurredOn < b.occurredOn ? -1 : 1;

/** Records of money that the trail shows, without their receipts and reversals. */
const MONEY = ['AllocationIssued', 'CashDisbursed', 'PaymentMade'];
const named = (entries: readonly TrailEntry[]): string[] =>
  entries
    .filter(({ type }) => MONEY.includes(type))
    .map(({ recordId }) => recordId)
    .sort();

/** Straight from the rows: a record names its regions, or those of the holding it is drawn on. */
function namedBy(rows: readonly Row[], region: RegionCode, asOf: Day): string[] {
  const plain = new PlainBooks(rows, asOf);
  const names = (row: Row): (RegionCode | null)[] => {
    if (row.kind === 'allocations') {
      const giver = row.parentId === null ? null : plain.region(row.parentId);
      return [row.issuerRegion, row.receiverRegion, giver];
    }
    if (row.kind === 'disbursements') return [plain.region(row.allocationId)];
    return row.kind === 'payments' ? [plain.region(row.sourceId), row.payeeRegion] : [];
  };
  const found = new Set<string>();
  for (const row of rows) {
    const movement = plain.movements.find(({ id }) => id === row.id);
    if (!movement || movement.sentOn > asOf) continue;
    if (names(row).some((place) => place !== null && liesIn(place, region))) found.add(row.id);
  }
  return [...found].sort();
}
