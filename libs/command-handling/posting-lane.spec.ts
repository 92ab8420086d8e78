import { decideRow } from '@fundflow/domain/posting';
import { fen } from '@fundflow/domain/money';
import { partPosted } from '@fundflow/domain/submission/certify';
import type { Row } from '@fundflow/domain/rows';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import fc from 'fast-check';
import { histories, type History } from '../../test/support/histories.js';
import { REGION, testRegions } from '../../test/support/regions.js';
import {
  allocation,
  bankReturn,
  cashReturn,
  day,
  disbursement,
  payment,
  reversal,
} from '../../test/support/rows.js';
import { LedgerReader } from './ledger-reader.js';
import { OpenBooks } from './open-books.js';
import type { PostingJob } from './decide-job.js';
import { PostingLane } from './posting-lane.js';
import type { PostingResult } from './posting-result.js';
import { readEvent } from './stored-event.js';

const context = { jurisdiction: REGION.centre, regions: testRegions() };
let jobs = 0;

function job(rows: readonly Row[], recordedAt = '2018-06-01T02:03:04.567Z'): PostingJob {
  jobs += 1;
  const cause = `submission:${jobs}`;
  return {
    rows,
    context,
    stamp: { recordedAt, actor: 'u-checker', unit: '自治区财政厅', cause },
    stream: { streamId: `submission-${jobs}`, expectedVersion: 0 },
    before: () => [],
    after: () => [],
  };
}

function ledger() {
  const store = new InMemoryEventStore();
  const reader = new LedgerReader(store);
  return { store, reader, lane: new PostingLane(store, reader) };
}

/** Any event of a submission's own stream. */
const ownEvent = partPosted(
  {
    ...{ id: 'again', status: 'posting', rows: 1, acceptedRows: 1, errors: 0 },
    maker: { id: 'u-maker', unit: '自治区财政厅', region: REGION.centre },
  },
  1,
  1,
);

const posted = (result: PostingResult): boolean => result.outcome === 'posted';

describe('posting a history in its certifications', () => {
  const post = async ({ postings }: History) => {
    const parts = ledger();
    for (const { rows, recordedAt } of postings) {
      const result = await parts.lane.post(job(rows, recordedAt));
      expect(result.outcome).toBe('posted');
    }
    return parts;
  };

  it('appends exactly the events that were decided, in the order of the rows', async () => {
    await fc.assert(
      fc.asyncProperty(histories({ rowsMax: 40 }), async (history) => {
        const { store } = await post(history);
        const stored = (await store.readAll(0n, 10_000)).map(readEvent);
        expect(stored).toEqual(history.postings.flatMap(({ events }) => events));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves every row already posted, also for a reader that starts cold', async () => {
    await fc.assert(
      fc.asyncProperty(histories({ rowsMax: 40 }), async (history) => {
        const { store } = await post(history);
        const rows = history.postings.flatMap((posting) => posting.rows);
        const open = new OpenBooks();
        await new LedgerReader(store).load(open, rows);
        for (const row of rows) {
          expect(decideRow(open.books, row, context).outcome).toBe('already-posted');
        }
        const again = await new PostingLane(store, new LedgerReader(store)).post(job(rows));
        expect(again).toMatchObject(rows.length === 0 ? {} : { outcome: 'posted', postedRows: 0 });
      }),
      { numRuns: 40 },
    );
  });
});

describe('posting what an earlier attempt posted', () => {
  const root = allocation({ id: 'A', parentId: null, amount: fen(100_00n) });

  it('says so instead of counting its rows again', async () => {
    const { lane } = ledger();
    const begun = { ...ownEvent, streamId: 'submission-again' };
    const once: PostingJob = {
      ...job([root]),
      stream: { streamId: begun.streamId, expectedVersion: 0 },
      before: () => [begun],
    };
    expect(await lane.post(once)).toMatchObject({ outcome: 'posted', postedRows: 1 });
    expect(await lane.post(once)).toEqual({ outcome: 'posted-elsewhere' });
  });
});

describe('what leans on a holding that was loaded for less', () => {
  const root = allocation({ id: 'A', parentId: null, amount: fen(100_00n) });

  it('a return is reversed right behind a payment out of what it came back to', async () => {
    const { store, lane } = ledger();
    const cash = disbursement({ id: 'D', allocationId: 'A', amount: fen(50_00n) });
    const back = cashReturn({ id: 'T', ofId: 'D', amount: fen(1_00n) });
    await lane.post(job([root, cash, back]));
    const other = new PostingLane(store, new LedgerReader(store));
    const rows = [
      payment({ id: 'P', sourceId: 'D', amount: fen(1_00n) }),
      reversal({ id: 'X', ofId: 'T' }),
    ];
    for (const row of rows) expect(posted(await other.post(job([row])))).toBe(true);
  });
});

describe('payments that are not new', () => {
  const root = allocation({ id: 'A', parentId: null, amount: fen(100_00n) });
  const drawn = (id: string, amount = fen(40_00n)) => payment({ id, sourceId: 'A', amount });

  it('an identical one posts nothing, also where it no longer fits', async () => {
    const { lane, store } = ledger();
    await lane.post(job([root, drawn('P-1'), drawn('P-2')]));
    const head = await store.head();
    // 20.00 are left: as a new payment of 40.00 it would be refused.
    expect(await lane.post(job([drawn('P-1')]))).toMatchObject({
      outcome: 'posted',
      postedRows: 0,
    });
    expect(await store.head()).toBe(head);
  });

  it('one among new ones: the others are posted', async () => {
    const { lane } = ledger();
    await lane.post(job([root, drawn('P-1')]));
    const rows = [drawn('P-2', fen(1n)), drawn('P-1'), drawn('P-3', fen(2n))];
    expect(await lane.post(job(rows))).toMatchObject({ outcome: 'posted', postedIndexes: [0, 2] });
  });

  it.each([
    ['another amount', drawn('P-1', fen(1n))],
    ['the id of another kind of row', drawn('A', fen(1n))],
  ])('the same id with %s is refused, and its neighbours are posted', async (_, row) => {
    const { lane } = ledger();
    await lane.post(job([root, drawn('P-1')]));
    const others = ['P-2', 'P-3'].map((id) => lane.post(job([drawn(id, fen(1n))])));
    const [taken, ...fine] = await Promise.all([lane.post(job([row])), ...others]);
    expect(taken).toMatchObject({
      outcome: 'refused',
      refusals: [{ refusal: { code: 'id-taken' } }],
    });
    expect(fine.map(posted)).toEqual([true, true]);
  });

  it('a hundred draws of which each is asked for twice at the same time: each is posted once', async () => {
    const { lane, store } = ledger();
    const other = new PostingLane(store, new LedgerReader(store));
    await lane.post(job([root]));
    const asked = Array.from({ length: 100 }, (_, at) => drawn(`P-${at}`, fen(1_00n)));
    const results = await Promise.all(
      [...asked, ...asked].map((row, at) => (at % 3 ? lane : other).post(job([row]))),
    );
    expect(results.every(posted)).toBe(true);
    expect(await store.head()).toBe(102n);
  });
});

describe('posting side by side', () => {
  const root = allocation({ id: 'A', parentId: null, amount: fen(100_00n) });

  it('lets the same ¥1.00 be paid once, however many ask at once', async () => {
    const { lane } = ledger();
    await lane.post(job([{ ...root, amountFen: fen(1_00n) }]));
    const askers = Array.from({ length: 20 }, (_, index) =>
      lane.post(job([payment({ id: `P-${index}`, sourceId: 'A', amount: fen(1_00n) })])),
    );
    const results = await Promise.all(askers);
    expect(results.filter(posted)).toHaveLength(1);
    expect(results.filter((result) => result.outcome === 'refused')).toHaveLength(19);
  });

  it('keeps two processes over one store from paying it twice', async () => {
    const { store, lane } = ledger();
    const other = new PostingLane(store, new LedgerReader(store));
    await lane.post(job([{ ...root, amountFen: fen(10_00n) }]));
    const askers = Array.from({ length: 40 }, (_, index) =>
      (index % 2 ? lane : other).post(
        job([payment({ id: `P-${index}`, sourceId: 'A', amount: fen(1_00n) })]),
      ),
    );
    const results = await Promise.all(askers);
    expect(results.filter(posted)).toHaveLength(10);
  });

  it('sees what another process did to a holding that it knew, whether that took or gave', async () => {
    const { store, lane } = ledger();
    const other = new PostingLane(store, new LedgerReader(store));
    await lane.post(job([root]));
    await lane.post(job([payment({ id: 'P-1', sourceId: 'A', amount: fen(10_00n) })]));
    await other.post(job([payment({ id: 'P-2', sourceId: 'A', amount: fen(80_00n) })]));
    const paidOn = day('2018-05-02');
    const tooMuch = payment({ id: 'P-3', sourceId: 'A', amount: fen(20_00n), paidOn });
    expect(await lane.post(job([tooMuch]))).toMatchObject({
      outcome: 'refused',
      refusals: [{ refusal: { code: 'exceeds-available' } }],
    });
    const back = bankReturn({ id: 'R-1', ofId: 'P-2', amount: fen(80_00n) });
    expect(posted(await other.post(job([back])))).toBe(true);
    expect(posted(await lane.post(job([tooMuch])))).toBe(true);
  });

  it('asks the store for no stream as long as nobody else writes to it', async () => {
    let asked = 0;
    class Counted extends InMemoryEventStore {
      override readStreams(...parts: Parameters<InMemoryEventStore['readStreams']>) {
        asked += 1;
        return super.readStreams(...parts);
      }
    }
    const store = new Counted();
    const lane = new PostingLane(store, new LedgerReader(store));
    const pay = (id: string) => lane.post(job([payment({ id, sourceId: 'A', amount: fen(1n) })]));
    await lane.post(job([root]));
    expect(posted(await pay('P-0'))).toBe(true);
    const before = asked;
    for (const id of ['P-1', 'P-2', 'P-3']) expect(posted(await pay(id))).toBe(true);
    expect(asked).toBe(before);
    const other = new PostingLane(store, new LedgerReader(store));
    await other.post(job([payment({ id: 'P-4', sourceId: 'A', amount: fen(1n) })]));
    const since = asked;
    expect(posted(await pay('P-5'))).toBe(true);
    expect(asked).toBeGreaterThan(since);
  });

  it('refuses a group whole and posts its neighbours', async () => {
    const { lane, store } = ledger();
    await lane.post(job([root]));
    const [first, torn, last] = await Promise.all([
      lane.post(job([payment({ id: 'P-1', sourceId: 'A', amount: fen(40_00n) })])),
      lane.post(
        job([
          disbursement({ id: 'D-1', allocationId: 'A', amount: fen(60_00n) }),
          payment({ id: 'P-2', sourceId: 'A', amount: fen(1n) }),
        ]),
      ),
      lane.post(job([payment({ id: 'P-3', sourceId: 'A', amount: fen(60_00n) })])),
    ]);
    expect([first, torn, last].map((result) => result?.outcome)).toEqual([
      'posted',
      'refused',
      'posted',
    ]);
    const ids = (await store.readAll(0n, 100)).map((event) => readEvent(event).key);
    expect(ids).not.toContain('record:D-1');
  });

  it('answers a repeated submission stream with "posted elsewhere" and writes nothing', async () => {
    const { lane, store } = ledger();
    const first = job([root]);
    const mark = {
      type: 'SubmissionPartPosted',
      streamId: first.stream.streamId,
      key: 'submission:x',
      index: 1,
      occurredOn: null,
      region: REGION.centre,
      data: { submissionId: 'x', part: 1, rows: 1 },
    } as const;
    await lane.post({ ...first, after: () => [mark] });
    const head = await store.head();
    const other = { ...mark, key: 'submission:y' };
    const again = { ...first, rows: [{ ...root, id: 'B' }], after: () => [other] };
    expect((await lane.post(again)).outcome).toBe('posted-elsewhere');
    expect(await store.head()).toBe(head);
  });
});
