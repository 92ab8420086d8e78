import { addDays } from '@fundflow/domain/calendar';
import type { Row } from '@fundflow/domain/rows';
import fc from 'fast-check';
import { storedEventsOf } from '../../test/support/envelopes.js';
import { describeHistory, histories } from '../../test/support/histories.js';
import { PlainBooks, rowsKnownAt } from '../../test/support/plain-books.js';
import { PlainTrace } from '../../test/support/plain-trace.js';
import { openReadSide, type ReadSide, writtenLog } from '../../test/support/read-side.js';
import { REGION } from '../../test/support/regions.js';
import {
  allocation,
  bankReturn,
  cashReturn,
  day,
  disbursement,
  payment,
  project,
  recall,
  reversal,
  supplement,
} from '../../test/support/rows.js';
import { askTrace, type TraceCursor, type TraceQuestion } from './trace.js';
import type { TraceEdge } from './trace-edges.js';
import type { TraceNode } from './trace-nodes.js';

let side: ReadSide;
beforeAll(async () => {
  side = await openReadSide();
});
beforeEach(() => side.empty());
afterAll(() => side.close());

const LATE: TraceQuestion['question'] = { asOf: day('2030-01-01'), knownAt: null };

interface Whole {
  readonly nodes: readonly TraceNode[];
  readonly edges: readonly TraceEdge[];
  readonly untracedFen: string;
}

async function trace(
  id: string,
  direction: 'up' | 'down',
  asked: Partial<TraceQuestion> = {},
): Promise<Whole> {
  const nodes = new Map<string, TraceNode>();
  const edges: TraceEdge[] = [];
  const base = { id, direction, depth: null, limit: 100, question: LATE, ...asked };
  let cursor: TraceCursor | null = null;
  for (;;) {
    const page = await askTrace(side.reads, { ...base, cursor });
    if (page.outcome !== 'found') throw new Error(page.outcome);
    for (const node of page.nodes) nodes.set(node.id, node);
    edges.push(...page.edges);
    expect(page.edges.length).toBeLessThanOrEqual(base.limit);
    cursor = page.next;
    if (!cursor) return { nodes: [...nodes.values()], edges, untracedFen: page.untracedFen };
  }
}

const written = async (...rows: readonly Row[]): Promise<void> => {
  await side.fold(writtenLog().post('2019-01-01T00:00:00.000Z', ...rows));
};

const shown = ({ edges }: Whole): string[] =>
  edges.map((e) => `${e.estimate ? '~' : ''}${e.from} → ${e.to} ${e.amountFen} on ${e.occurredOn}`);

describe('a trace downward', () => {
  it('has one edge a movement, and what came back as edges the other way', async () => {
    await written(
      allocation(),
      disbursement(),
      payment(),
      bankReturn({ amount: 5_00n }),
      cashReturn({ amount: 6_00n, returnedOn: day('2018-06-01') }),
      recall({ amount: 7_00n }),
    );
    const found = await trace('A-1', 'down');
    expect(shown(found)).toEqual([
      'A-1 → D-1 6000 on 2018-03-01',
      'D-1 → P-1 4000 on 2018-04-01',
      'P-1 → D-1 500 on 2018-05-01',
      'D-1 → A-1 600 on 2018-06-01',
    ]);
    expect(found.edges.map(({ daysSincePrevious }) => daysSincePrevious)).toEqual([40, 30, 30, 91]);
    expect(found.untracedFen).toBe('600');
    expect(found.nodes).toMatchObject([
      { id: 'A-1', kind: 'allocation', amountFen: '10000', availableFen: '3300' },
      { id: 'D-1', kind: 'disbursement', label: '马山县交通运输局', availableFen: '1900' },
      {
        id: 'P-1',
        kind: 'payment',
        label: '广西路桥有限公司',
        amountFen: '4000',
        availableFen: null,
      },
    ]);
  });

  it('shows nothing behind what is reversed', async () => {
    await written(
      allocation(),
      disbursement(),
      payment(),
      reversal({ id: 'Z-1', ofId: 'P-1' }),
      reversal({ id: 'Z-2', ofId: 'D-1', reversedOn: day('2018-07-01') }),
    );
    expect(shown(await trace('A-1', 'down'))).toEqual([
      'A-1 → D-1 6000 on 2018-03-01',
      'D-1 → A-1 6000 on 2018-07-01',
    ]);
    expect(shown(await trace('D-1', 'down'))).toEqual([]);
    expect(shown(await trace('P-1', 'up'))).toEqual([
      'D-1 → P-1 4000 on 2018-04-01',
      'P-1 → D-1 4000 on 2018-06-01',
    ]);
    const before = { question: { asOf: day('2018-06-30'), knownAt: null } };
    expect(shown(await trace('A-1', 'down', before))).toEqual([
      'A-1 → D-1 6000 on 2018-03-01',
      'D-1 → P-1 4000 on 2018-04-01',
      'P-1 → D-1 4000 on 2018-06-01',
    ]);
  });

  it('goes as deep as asked', async () => {
    await written(allocation(), disbursement(), payment());
    expect(shown(await trace('A-1', 'down', { depth: 1 }))).toEqual([
      'A-1 → D-1 6000 on 2018-03-01',
    ]);
    expect(shown(await trace('A-1', 'down', { depth: 0 }))).toEqual([]);
    expect(shown(await trace('P-1', 'up', { depth: 2 }))).toEqual([
      'D-1 → P-1 4000 on 2018-04-01',
      'A-1 → D-1 6000 on 2018-03-01',
    ]);
  });

  it('shows below pooled money everything once, over a supplement only once it is acknowledged', async () => {
    const own = { parentId: 'C-1', issuerRegion: REGION.nanning };
    await written(
      allocation({ id: 'C-1', receiverRegion: REGION.nanning }),
      allocation(),
      supplement({ ...own, receivedOn: day('2018-03-01') }),
      supplement({
        id: 'S-2',
        ...own,
        issuedOn: day('2018-02-05'),
        amount: 10_00n,
        receivedOn: null,
      }),
      payment({ sourceId: 'A-1' }),
    );
    expect(shown(await trace('C-1', 'down'))).toEqual([
      'C-1 → A-1 5000 on 2018-02-01',
      'A-1 → P-1 4000 on 2018-04-01',
      'C-1 → A-1 1000 on 2018-02-05',
    ]);
    expect((await trace('C-1', 'down')).untracedFen).toBe('1000');
    const early = { question: { asOf: day('2018-02-28'), knownAt: null } };
    expect(shown(await trace('C-1', 'down', early))).toEqual([
      'C-1 → A-1 5000 on 2018-02-01',
      'C-1 → A-1 1000 on 2018-02-05',
    ]);
    expect(shown(await trace('S-1', 'down'))).toEqual(['A-1 → P-1 4000 on 2018-04-01']);
    expect(shown(await trace('S-2', 'down'))).toEqual([]);
  });
});

describe('a trace upward', () => {
  it('ends at a visible node where money entered, and has no days since then', async () => {
    await written(allocation(), disbursement(), payment());
    const found = await trace('P-1', 'up');
    expect(shown(found)).toEqual([
      'D-1 → P-1 4000 on 2018-04-01',
      'A-1 → D-1 6000 on 2018-03-01',
      'outside:45 → A-1 10000 on 2018-01-10',
    ]);
    expect(found.edges.map(({ daysSincePrevious }) => daysSincePrevious)).toEqual([30, 40, null]);
    expect(found.nodes.at(-1)).toMatchObject({ id: 'outside:45', kind: 'outside', region: '45' });
  });

  it('shares the start’s amount from the first holding with several lines on', async () => {
    await written(
      allocation({ amount: 100n, receivedOn: day('2018-01-11') }),
      supplement({ amount: 200n }),
      disbursement({ amount: 50n }),
      payment({ amount: 10n }),
    );
    expect(shown(await trace('P-1', 'up'))).toEqual([
      'D-1 → P-1 10 on 2018-04-01',
      'A-1 → D-1 50 on 2018-03-01',
      '~outside:45 → A-1 4 on 2018-01-10',
      '~outside:45 → A-1 6 on 2018-02-01',
    ]);
  });

  it('says how far holdings on the way are below zero', async () => {
    await written(
      allocation({ amount: 10_00n }),
      payment({ sourceId: 'A-1', alreadyHappened: true, reason: '救灾', amount: 12_50n }),
    );
    expect((await trace('P-1', 'up')).untracedFen).toBe('250');
    expect((await trace('A-1', 'down')).untracedFen).toBe('0');
  });

  it('starts from a supplement with its own giver', async () => {
    await written(
      allocation({ id: 'C-1', receiverRegion: REGION.nanning }),
      allocation(),
      supplement({ parentId: 'C-1', issuerRegion: REGION.nanning }),
    );
    const found = await trace('S-1', 'up');
    expect(shown(found)).toEqual([
      'C-1 → A-1 5000 on 2018-02-01',
      'outside:45 → C-1 10000 on 2018-01-10',
    ]);
    expect(found.nodes.map(({ id }) => id)).toEqual(['A-1', 'C-1', 'outside:45']);
  });
});

describe('a trace of a project', () => {
  beforeEach(() =>
    written(
      project(),
      allocation(),
      allocation({ id: 'A-2', projectId: 'X-1' }),
      disbursement({ allocationId: 'A-2' }),
      payment(),
      payment({ id: 'P-2', sourceId: 'A-1', projectId: 'X-1', amount: 3_00n }),
      payment({ id: 'P-3', sourceId: 'A-1' }),
    ),
  );

  it('begins with its holdings and its payments, downward', async () => {
    const found = await trace('X-1', 'down');
    expect(shown(found)).toEqual(['A-2 → D-1 6000 on 2018-03-01', 'D-1 → P-1 4000 on 2018-04-01']);
    expect(found.nodes.map(({ id, kind }) => `${id} ${kind}`)).toEqual([
      ...['X-1 project', 'A-2 allocation', 'D-1 disbursement', 'P-2 payment', 'P-1 payment'],
    ]);
  });

  it('and upward', async () => {
    expect(shown(await trace('X-1', 'up')).sort()).toEqual([
      'A-1 → P-2 300 on 2018-04-01',
      'A-2 → D-1 6000 on 2018-03-01',
      'D-1 → P-1 4000 on 2018-04-01',
      'outside:45 → A-1 10000 on 2018-01-10',
      'outside:45 → A-2 10000 on 2018-01-10',
    ]);
  });

  it.each([1, 2, 3, 100])('is the same on pages of %i', async (limit) => {
    for (const direction of ['up', 'down'] as const) {
      const whole = await trace('X-1', direction);
      const paged = await trace('X-1', direction, { limit });
      expect(paged.edges).toEqual(whole.edges);
      expect(paged.nodes.map(({ id }) => id).sort()).toEqual(
        whole.nodes.map(({ id }) => id).sort(),
      );
    }
  });
});

describe('a trace that cannot be drawn', () => {
  it('says that nothing of this id exists on the day', async () => {
    await written(allocation(), disbursement(), payment(), project(), bankReturn());
    const outcome = async (id: string, asOf: string): Promise<string> => {
      const question = { asOf: day(asOf), knownAt: null };
      const asked = { id, direction: 'up', depth: null, limit: 9, question, cursor: null } as const;
      return (await askTrace(side.reads, asked)).outcome;
    };
    expect(await outcome('A-1', '2018-01-09')).toBe('not-found');
    expect(await outcome('A-1', '2018-01-10')).toBe('found');
    expect(await outcome('P-1', '2018-03-31')).toBe('not-found');
    expect(await outcome('X-1', '2017-01-01')).toBe('found');
    expect(await outcome('R-1', '2030-01-01')).toBe('not-found');
    expect(await outcome('nobody', '2030-01-01')).toBe('not-found');
  });

  it('refuses the cursor of another trace, and of tables that were rebuilt since', async () => {
    await written(allocation(), disbursement(), payment());
    const base = { id: 'A-1', direction: 'down', depth: null, limit: 1, question: LATE } as const;
    const first = await askTrace(side.reads, { ...base, cursor: null });
    const cursor = first.outcome === 'found' ? first.next : null;
    const other = await askTrace(side.reads, { ...base, id: 'D-1', cursor });
    expect(other).toEqual({ outcome: 'bad-cursor' });
    await side.client.query('UPDATE read_side.checkpoint SET generation = gen_random_uuid()');
    expect(await askTrace(side.reads, { ...base, cursor })).toEqual({
      outcome: 'cursor-expired',
    });
  });
});

describe('every trace of every history', () => {
  it('is what a plain look at every movement draws, on pages of any size', async () => {
    const ask = fc.tuple(fc.nat(900), fc.nat(999), fc.integer({ min: 1, max: 7 }), fc.nat(9999));
    await fc.assert(
      fc.asyncProperty(histories(), ask, async (history, [offset, share, limit, which]) => {
        const events = storedEventsOf(history);
        await side.empty();
        if (events.length > 0) await side.fold(events);
        const asOf = addDays(day('2018-01-10'), offset);
        const { postings } = history;
        const knownAt = postings[Math.floor((share * postings.length) / 700)]?.recordedAt ?? null;
        const rows = rowsKnownAt(history, knownAt);
        const plain = new PlainBooks(rows, asOf);
        const drawn = new PlainTrace(plain, rows);
        const ids = plain.holdingIds;
        for (const id of [ids[0], ids[which % ids.length]].filter((one) => one !== undefined)) {
          const question = { asOf, knownAt };
          try {
            const down = await trace(id, 'down', { question, limit });
            expect([...shown(down)].sort()).toEqual(drawn.down(id).edges);
            expect(down.untracedFen).toBe(`${drawn.down(id).untracedFen}`);
            const up = await trace(id, 'up', { question, limit });
            expect([...shown(up)].sort()).toEqual(drawn.up(id).edges);
            expect(up.untracedFen).toBe(`${drawn.up(id).untracedFen}`);
          } catch (error) {
            throw new Error(`${id} ${asOf} ${knownAt}\n${describeHistory(history)}\n${error}`);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
