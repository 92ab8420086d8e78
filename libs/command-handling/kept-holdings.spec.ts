import type { Row } from '@fundflow/domain/rows';
import { fen } from '@fundflow/domain/money';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import fc from 'fast-check';
import { histories, rowsOf } from '../../test/support/histories.js';
import { REGION, testRegions } from '../../test/support/regions.js';
import { allocation, payment } from '../../test/support/rows.js';
import type { PostingJob } from './decide-job.js';
import { LedgerReader } from './ledger-reader.js';
import { OpenBooks } from './open-books.js';
import { PostingLane } from './posting-lane.js';
import type { DecisionReads } from './shared-reads.js';

const context = { jurisdiction: REGION.centre, regions: testRegions() };
let jobs = 0;

function job(rows: readonly Row[], recordedAt = '2018-06-01T02:03:04.567Z'): PostingJob {
  jobs += 1;
  return {
    rows,
    context,
    stamp: { recordedAt, actor: 'u-checker', unit: '自治区财政厅', cause: `submission:${jobs}` },
    stream: { streamId: `submission-${jobs}`, expectedVersion: 0 },
    before: () => [],
    after: () => [],
  };
}

/** A reader beside a lane that tells it, one that does not, and how many events the reader had to read. */
function ledger() {
  const store = new InMemoryEventStore();
  let eventsRead = 0;
  const reads: DecisionReads = {
    findEvents: (ids) => store.findEvents(ids),
    streamVersions: (ids) => store.streamVersions(ids),
    readStreams: async (after, limit) => {
      const page = await store.readStreams(after, limit);
      eventsRead += page.length;
      return page;
    },
  };
  const reader = new LedgerReader(reads);
  const telling = new PostingLane(store, new LedgerReader(store), (requests, events) =>
    reader.learn(requests, events),
  );
  const silent = new PostingLane(store, new LedgerReader(store));
  return { store, reader, telling, silent, eventsRead: () => eventsRead };
}

async function holdingsOf(reader: LedgerReader, rows: readonly Row[], live = false) {
  const open = new OpenBooks();
  await reader.load(open, rows, { live });
  const ids = rows.filter(({ kind }) => kind === 'allocations' || kind === 'disbursements');
  return ids.map(({ id }) => ({
    holding: open.books.holding(id),
    version: open.versions.get(`holding-${id}`),
  }));
}

describe('holdings that a reader keeps', () => {
  it('stand as the log has them, whoever posted, told or not, read meanwhile or not', async () => {
    const turn = fc.record({ tells: fc.boolean(), readsBeside: fc.boolean(), live: fc.boolean() });
    const turns = fc.array(turn, { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(histories({ rowsMax: 40 }), turns, async (history, chosen) => {
        const { store, reader, telling, silent } = ledger();
        const rows = rowsOf(history);
        for (const [at, posting] of history.postings.entries()) {
          const { tells, readsBeside, live } = chosen[at % chosen.length] as (typeof chosen)[0];
          const lane = tells ? telling : silent;
          const beside = readsBeside ? holdingsOf(reader, rows, live) : null;
          await lane.post(job(posting.rows, posting.recordedAt));
          await beside;
        }
        const cold = await holdingsOf(new LedgerReader(store), rows);
        expect(await holdingsOf(reader, rows)).toEqual(cold);
      }),
      { numRuns: 100 },
    );
  });

  const root = allocation({ id: 'A', parentId: null, amount: fen(100_00n) });
  const drawn = (id: string) => payment({ id, sourceId: 'A', amount: fen(1_00n) });

  it('are not read back from the log by the process that posted', async () => {
    const { reader, telling, eventsRead } = ledger();
    await telling.post(job([root]));
    const [begun] = await holdingsOf(reader, [root]);
    const before = eventsRead();
    for (const id of ['P-1', 'P-2', 'P-3']) await telling.post(job([drawn(id)]));
    const [known] = await holdingsOf(reader, [root]);
    expect(known).toMatchObject({ version: (begun?.version ?? 0) + 3 });
    expect(eventsRead()).toBe(before);
  });

  it('stay as they were loaded unless whoever loads them lets them move on', async () => {
    const { reader, telling } = ledger();
    await telling.post(job([root]));
    const [stays] = await holdingsOf(reader, [root]);
    const balance = stays?.holding?.timeline.total;
    await telling.post(job([drawn('P-1')]));
    expect(stays?.holding?.timeline.total).toBe(balance);
    const [moves] = await holdingsOf(reader, [root], true);
    await telling.post(job([drawn('P-2')]));
    expect(moves?.holding?.timeline.total).toBe((balance ?? 0n) - 2_00n);
  });
});
