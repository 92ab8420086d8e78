import type { RegionCode } from '@fundflow/domain/region';
import { NEVER_REACHED, type StoredEvent } from '@fundflow/event-store/event-store';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import pg from 'pg';
import { storedEventsOf } from '../../../test/support/envelopes.js';
import { histories } from '../../../test/support/histories.js';
import { appendAll, logOf } from '../../../test/support/log.js';
import { openReadSide, type ReadSide, writtenLog } from '../../../test/support/read-side.js';
import { allocation, disbursement, payment } from '../../../test/support/rows.js';
import fc from 'fast-check';
import { checksumsOf } from '../rebuild/checksums.js';
import { Follower } from './follower.js';
import { readTables } from '../read-model.js';
import { READ_SCHEMA } from '../read-table.js';
import { verifyProjections } from '../rebuild/rebuild.js';

let side: ReadSide;
let pool: pg.Pool;
beforeAll(async () => {
  side = await openReadSide();
  pool = new pg.Pool({ connectionString: side.url, max: 6 });
});
beforeEach(() => side.empty());
afterAll(async () => {
  await pool.end();
  await side.close();
});

const WAIT_MS = 20_000;
const checksums = () => checksumsOf(side.client, READ_SCHEMA, readTables);

/** Runs followers until all of them saw the end of the log. */
async function follow(store: InMemoryEventStore, count = 1, pageSizeMax = 5_000) {
  const followers = Array.from({ length: count }, () => new Follower({ store, pool, pageSizeMax }));
  for (const follower of followers) follower.start();
  const head = await store.head();
  const reached = await Promise.all(followers.map((follower) => follower.waitFor(head, WAIT_MS)));
  const health = followers.map((follower) => follower.health());
  await Promise.all(followers.map((follower) => follower.stop()));
  return { reached, health };
}

const someLog = (): StoredEvent[] => {
  const [history] = fc.sample(histories({ rowsMax: 120 }), { seed: 11, numRuns: 1 });
  return storedEventsOf(history ?? { postings: [] });
};

const smallLog = (): readonly StoredEvent[] => {
  const log = writtenLog();
  log.post('2019-01-01T00:00:00.000Z', allocation(), disbursement(), payment());
  return log.events;
};

/** The store, telling what it is asked before it answers. */
const watching = (
  store: InMemoryEventStore,
  asked: (name: string | symbol, values: readonly unknown[]) => void,
): InMemoryEventStore =>
  new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      return (...values: unknown[]): unknown => {
        asked(name, values);
        return Reflect.apply(member, target, values);
      };
    },
  });

describe('the follower', () => {
  it('folds what is there and what comes, and tells who waits', async () => {
    const events = someLog();
    const store = await logOf(events.slice(0, 20));
    const follower = new Follower({ store, pool });
    follower.start();
    expect(await follower.waitFor(20n, WAIT_MS)).toBe(true);
    const later = follower.waitFor(BigInt(events.length), WAIT_MS);
    await appendAll(store, events.slice(20));
    expect(await later).toBe(true);
    expect(follower.health()).toMatchObject({ state: 'following', failure: null });
    expect(await follower.waitFor(BigInt(events.length + 1), 1)).toBe(false);
    await follower.stop();
    expect(await verifyProjections({ store, pool })).toMatchObject({ differences: [] });
  });

  it('gives way to more urgent work until that ends', async () => {
    const store = await logOf(someLog());
    let looks = 0;
    const givesWay = (): boolean => (looks += 1) <= 2;
    const follower = new Follower({ store, pool, pageSizeMax: 40, givesWay });
    follower.start();
    expect(await follower.waitFor(await store.head(), WAIT_MS)).toBe(true);
    await follower.stop();
    expect(looks).toBeGreaterThan(2);
    expect(await verifyProjections({ store, pool })).toMatchObject({ differences: [] });
  });

  it('gives way before it reads the first of what the more urgent work adds', async () => {
    const events = someLog();
    const store = await logOf(events.slice(0, 20));
    const done: string[] = [];
    let idle = (): void => undefined;
    const isIdle = new Promise<void>((resolve) => (idle = resolve));
    const watched = watching(store, (name, [position]) => {
      if (name === 'readRecordBytes') done.push('read');
      if (name === 'waitForEventsAfter' && position === 20n) idle();
    });
    let isUrgent = false;
    const givesWay = (): boolean => {
      if (isUrgent) done.push('gave way');
      const gave = isUrgent;
      isUrgent = false;
      return gave;
    };
    const follower = new Follower({ store: watched, pool, givesWay });
    follower.start();
    expect(await follower.waitFor(20n, WAIT_MS)).toBe(true);
    await isIdle;
    done.length = 0;
    isUrgent = true;
    await appendAll(store, events.slice(20));
    expect(await follower.waitFor(BigInt(events.length), WAIT_MS)).toBe(true);
    await follower.stop();
    expect(done[0]).toBe('gave way');
  });

  it('gives way to nothing for a while once somebody asks', async () => {
    const store = await logOf(someLog());
    let looks = 0;
    const givesWay = (): boolean => {
      looks += 1;
      setImmediate(() => void store.wake());
      return true;
    };
    const follower = new Follower({ store, pool, pageSizeMax: 10, givesWay });
    follower.start();
    expect(await follower.waitFor(await store.head(), WAIT_MS)).toBe(true);
    await follower.stop();
    expect(looks).toBeGreaterThan(1);
    expect(await verifyProjections({ store, pool })).toMatchObject({ differences: [] });
  });

  it('gathers what follows a look at the books, and nothing that follows a posting', async () => {
    const store = await logOf(smallLog());
    const waitedFor: bigint[] = [];
    const watched = watching(store, (name, [position]) => {
      if (name === 'waitForEventsAfter') waitedFor.push(position as bigint);
    });
    const follower = new Follower({ store: watched, pool });
    follower.start();
    const posted = await store.head();
    expect(await follower.waitFor(posted, WAIT_MS)).toBe(true);
    const exported = { question: 'GET /api/v1/events', about: '450124', format: 'csv', rows: 1 };
    const data = { ...exported, sha256: null, caseId: null };
    const by = { id: 'u-1', unit: '450124', region: '450124' as RegionCode };
    const oversight = new OversightLog(store, { keep: () => Promise.resolve() });
    await oversight.record(by, { type: 'DataExported', data });
    expect(await follower.waitFor(posted + 1n, WAIT_MS)).toBe(true);
    await follower.stop();
    expect(waitedFor).toEqual([posted, NEVER_REACHED]);
  });

  it('has the effect of every event once, however many of it run and wherever pages end', async () => {
    const events = someLog();
    const store = await logOf(events);
    const { reached } = await follow(store, 3, 7);
    expect(reached).toEqual([true, true, true]);
    const compared = await verifyProjections({ store, pool });
    expect(compared).toEqual({ position: BigInt(events.length), differences: [] });
  });

  it('changes nothing when it meets what it folded before', async () => {
    const store = await logOf(someLog());
    await follow(store);
    const before = await checksums();
    await follow(store, 2);
    expect(await checksums()).toEqual(before);
  });

  it('stops at an event of an unknown type, says where, and has folded everything before it', async () => {
    const events = smallLog();
    const at = 3;
    const strange = events.map((event, index) =>
      index === at
        ? { ...event, record: event.record.replace(/"type":"\w+"/, '"type":"Odd"') }
        : event,
    );
    const { reached, health } = await follow(await logOf(strange));
    expect(reached).toEqual([false]);
    expect(health[0]).toMatchObject({
      state: 'stopped',
      position: BigInt(at),
      failure: {
        position: BigInt(at + 1),
        message: expect.stringContaining('unknown event type Odd'),
      },
    });
    expect((await checksums()).position).toBe(BigInt(at));
  });

  it('stops at an event that contradicts the tables, in the same page or a later one', async () => {
    const events = [...smallLog()];
    const receipt = events.find(({ type }) => type === 'AllocationReceived') as StoredEvent;
    const [eventId, last] = ['00000000-0000-5000-8000-000000000000', events.length];
    const version = events.filter(({ streamId }) => streamId === receipt.streamId).length + 1;
    events.push({ ...receipt, eventId, version, position: BigInt(last + 1) });
    for (const pageSizeMax of [5_000, 2]) {
      await side.empty();
      const { health } = await follow(await logOf(events), 1, pageSizeMax);
      expect(health[0]).toMatchObject({
        state: 'stopped',
        position: BigInt(last),
        failure: { position: BigInt(last + 1) },
      });
      expect((await checksums()).position).toBe(BigInt(last));
    }
  });

  it('stops when the log ends before what the tables reflect: it is another log', async () => {
    await follow(await logOf(smallLog()));
    const other = new Follower({ store: new InMemoryEventStore(), pool });
    other.start();
    expect(await other.waitFor(1_000n, WAIT_MS)).toBe(false);
    expect(other.health()).toMatchObject({
      state: 'stopped',
      failure: { message: expect.stringContaining('not this log') },
    });
    await other.stop();
  });

  it('tries again while the database does not answer', async () => {
    const refusing = new pg.Pool({ host: '127.0.0.1', port: 1 });
    const follower = new Follower({ store: await logOf(smallLog()), pool: refusing });
    follower.start();
    expect(await follower.waitFor(1n, 300)).toBe(false);
    expect(follower.health()).toMatchObject({ state: 'retrying' });
    await follower.stop();
    await refusing.end();
  });
});
