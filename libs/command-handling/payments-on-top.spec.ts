import { fen } from '@fundflow/domain/money';
import type { Row } from '@fundflow/domain/rows';
import {
  type AppendRequest,
  type AppendResult,
  EventStoreUnavailable,
} from '@fundflow/event-store/event-store';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import fc from 'fast-check';
import { REGION, testRegions } from '../../test/support/regions.js';
import { allocation, payment } from '../../test/support/rows.js';
import type { PostingJob } from './decide-job.js';
import { LedgerReader } from './ledger-reader.js';
import { PostingLane } from './posting-lane.js';
import type { PostingResult } from './posting-result.js';
import { readEvent } from './stored-event.js';

let jobs = 0;

function job(rows: readonly Row[]): PostingJob {
  jobs += 1;
  const cause = `submission:${jobs}`;
  const recordedAt = '2018-06-01T02:03:04.567Z';
  return {
    rows,
    context: { jurisdiction: REGION.centre, regions: testRegions() },
    stamp: { recordedAt, actor: 'u-checker', unit: '自治区财政厅', cause },
    stream: { streamId: `submission-${jobs}`, expectedVersion: 0 },
    before: () => [],
    after: () => [],
  };
}

const posted = (result: PostingResult): boolean => result.outcome === 'posted';

/** What becomes of an append: written and told, lost before it was written, or written and not told. */
type Fate = 'written' | 'lost' | 'untold';
const ROUNDS_MAX = 1_000;

/** Writes no append before it is told what becomes of it. */
class HeldStore extends InMemoryEventStore {
  /** The oldest first. */
  readonly held: { end(fate: Fate): void }[] = [];
  isHolding = false;

  override async append(requests: readonly AppendRequest[]): Promise<AppendResult[]> {
    if (!this.isHolding) return super.append(requests);
    const fate = await new Promise<Fate>((end) => this.held.push({ end }));
    if (fate === 'lost') throw new EventStoreUnavailable('gone before it was written');
    const results = await super.append(requests);
    if (fate === 'untold') throw new EventStoreUnavailable('gone before it was told');
    return results;
  }
}

/** Ids of the payments in the log, in order. */
const paid = async (store: HeldStore): Promise<string[]> =>
  (await store.readAll(0n, 1_000))
    .map(readEvent)
    .flatMap((event) => (event.type === 'PaymentMade' ? [event.data.row.id] : []));

/** Everything that waits for nobody has gone as far as it can. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('payments on top of those that are not answered', () => {
  const root = allocation({ id: 'A', parentId: null, amount: fen(100_00n) });
  const drawn = (id: string, amount = fen(40_00n)) => payment({ id, sourceId: 'A', amount });
  const held = async () => {
    const store = new HeldStore();
    const lane = new PostingLane(store, new LedgerReader(store));
    await lane.post(job([root]));
    store.isHolding = true;
    return { store, lane };
  };

  it('are with the store before it has answered those below', async () => {
    const { store, lane } = await held();
    const first = lane.post(job([drawn('P-1')]));
    await turns();
    const second = lane.post(job([drawn('P-2')]));
    await turns();
    expect(store.held).toHaveLength(2);
    for (const append of store.held) append.end('written');
    expect([await first, await second].map(posted)).toEqual([true, true]);
    expect(await paid(store)).toEqual(['P-1', 'P-2']);
  });

  it('are decided again when those below were never written', async () => {
    const { store, lane } = await held();
    const first = lane.post(job([drawn('P-1', fen(70_00n))]));
    await turns();
    const second = lane.post(job([drawn('P-2')]));
    await turns();
    store.isHolding = false;
    store.held[0]?.end('lost');
    store.held[1]?.end('written');
    await expect(first).rejects.toThrow(EventStoreUnavailable);
    expect(posted(await second)).toBe(true);
    expect(await paid(store)).toEqual(['P-2']);
  });

  it('are not refused for want of what those below took, before that is certain', async () => {
    const { store, lane } = await held();
    const first = lane.post(job([drawn('P-1', fen(70_00n))]));
    await turns();
    const second = lane.post(job([drawn('P-2')]));
    await turns();
    expect(store.held).toHaveLength(1);
    store.isHolding = false;
    store.held[0]?.end('lost');
    await expect(first).rejects.toThrow(EventStoreUnavailable);
    expect(posted(await second)).toBe(true);
  });

  it('are not called posted already before those below are', async () => {
    const { store, lane } = await held();
    const first = lane.post(job([drawn('P-1')]));
    await turns();
    const again = lane.post(job([drawn('P-1')]));
    await turns();
    store.isHolding = false;
    store.held[0]?.end('lost');
    await expect(first).rejects.toThrow(EventStoreUnavailable);
    expect(await again).toMatchObject({ outcome: 'posted', postedRows: 1 });
    expect(await paid(store)).toEqual(['P-1']);
  });

  it('never take more than there is and are posted once, whatever the store fails to tell', async () => {
    const asked = fc.record({
      id: fc.integer({ min: 0, max: 30 }),
      yuan: fc.integer({ min: 1, max: 12 }),
      lane: fc.integer({ min: 0, max: 1 }),
      waits: fc.boolean(),
    });
    const fate = fc.constantFrom<Fate[]>('written', 'written', 'written', 'lost', 'untold');
    const attempts = fc.array(asked, { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(attempts, fc.array(fate, { maxLength: 12 }), async (rows, failures) => {
        const store = new HeldStore();
        const lanes = [0, 1].map(() => new PostingLane(store, new LedgerReader(store)));
        await lanes[0]?.post(job([root]));
        store.isHolding = true;
        const answers: Promise<string>[] = [];
        for (const { id, yuan, lane, waits } of rows) {
          const row = drawn(`P-${id}-${yuan}`, fen(BigInt(yuan) * 100n));
          const answer = (lanes[lane] as PostingLane).post(job([row])).then(
            (result) => (posted(result) ? row.id : ''),
            () => '',
          );
          answers.push(answer);
          if (waits) await turns();
        }
        let left = answers.length;
        for (const answer of answers) void answer.then(() => (left -= 1));
        const fates = failures.values();
        for (let round = 0; left > 0; round += 1) {
          expect(round).toBeLessThan(ROUNDS_MAX);
          store.held.shift()?.end(fates.next().value ?? 'written');
          await turns();
        }
        const told = new Set((await Promise.all(answers)).filter((id) => id !== ''));
        const ids = await paid(store);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of told) expect(ids).toContain(id);
        const total = ids.reduce((sum, id) => sum + Number(id.split('-')[2]), 0);
        expect(total).toBeLessThanOrEqual(100);
      }),
      { numRuns: 60 },
    );
  });
});
