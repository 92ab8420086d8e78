import fc from 'fast-check';
import pg from 'pg';
import { storedEventsOf } from '../../../test/support/envelopes.js';
import { histories } from '../../../test/support/histories.js';
import { appendAll, logOf } from '../../../test/support/log.js';
import { openReadSide, type ReadSide, writtenLog } from '../../../test/support/read-side.js';
import { allocation, disbursement, payment, supplement } from '../../../test/support/rows.js';
import { checksumsOf } from './checksums.js';
import { Follower } from '../follow/follower.js';
import { readTables } from '../read-model.js';
import { READ_SCHEMA } from '../read-table.js';
import {
  NoPreviousTables,
  PREVIOUS_SCHEMA,
  PreviousTooOld,
  rebuild,
  restorePrevious,
  TablesBusy,
  verifyProjections,
} from './rebuild.js';
import type { ReplayProgress } from './shadow.js';

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
const MOMENT = '2019-01-01T00:00:00.000Z';
const checksums = (schema = READ_SCHEMA) => checksumsOf(side.client, schema, readTables);

describe('a rebuild', () => {
  it('of any history, folded on pages of any size, says what the tables in service say', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(histories(), cuts, async (history, sizes) => {
        await side.empty();
        const events = storedEventsOf(history);
        let at = 0;
        for (const size of [...sizes, events.length]) {
          const page = events.slice(at, at + size);
          at += page.length;
          if (page.length > 0) await side.fold(page);
        }
        const settings = { store: await logOf(events), pool, pageSizeMax: 13 };
        const compared = await verifyProjections(settings);
        expect(compared).toEqual({ position: BigInt(events.length), differences: [] });
      }),
      { numRuns: 12 },
    );
  });

  it('puts right what somebody changed by hand, names the table, and can be taken back', async () => {
    const log = writtenLog();
    log.post(MOMENT, allocation(), disbursement(), payment());
    await side.fold(log.events);
    const right = await checksums();
    await side.client.query('UPDATE read_side.movements SET amount_fen = amount_fen + 1');
    const wrong = await checksums();
    const store = await logOf(log.events);
    const found = await verifyProjections({ store, pool });
    expect(found).toEqual({ position: right.position, differences: ['movements'] });
    expect(await checksums()).toEqual(wrong);
    expect(await rebuild({ store, pool })).toEqual(found);
    expect(await checksums()).toEqual(right);
    expect(await checksums(PREVIOUS_SCHEMA)).toEqual(wrong);
    await restorePrevious({ pool });
    expect(await checksums()).toEqual(wrong);
    await restorePrevious({ pool });
    expect(await checksums()).toEqual(right);
  });

  it('is not taken back where nothing was rebuilt, nor while somebody reads on and on', async () => {
    await side.client.query(`DROP SCHEMA IF EXISTS ${PREVIOUS_SCHEMA} CASCADE`);
    await expect(restorePrevious({ pool })).rejects.toThrow(NoPreviousTables);
    await rebuild({ store: await logOf([]), pool });
    const reader = await pool.connect();
    try {
      await reader.query('BEGIN; LOCK TABLE read_side.checkpoint IN ACCESS SHARE MODE');
      await expect(restorePrevious({ pool })).rejects.toThrow(TablesBusy);
    } finally {
      await reader.query('ROLLBACK');
      reader.release();
    }
  });

  it('is not taken back to a copy that lacks what is read today, and says what', async () => {
    const log = writtenLog();
    log.post(MOMENT, allocation());
    await side.fold(log.events);
    await rebuild({ store: await logOf(log.events), pool });
    const right = await checksums();
    await side.client.query(`DROP VIEW ${PREVIOUS_SCHEMA}.lineage_months`);
    const restoring = restorePrevious({ pool });
    await expect(restoring).rejects.toThrow(PreviousTooOld);
    await expect(restoring).rejects.toThrow('lineage_months.holding_id');
    expect(await checksums()).toEqual(right);
  });

  it('has the same columns and indexes as the tables of the migration', async () => {
    const shape = async (): Promise<unknown[]> => {
      const { rows } = await side.client.query<object>(`
        SELECT tablename, replace(indexdef, '"', '') AS def FROM pg_indexes WHERE schemaname = 'read_side'
        UNION ALL
        SELECT table_name, column_name || ' ' || data_type FROM information_schema.columns
        WHERE table_schema = 'read_side' ORDER BY 1, 2`);
      return rows;
    };
    const before = await shape();
    await rebuild({ store: await logOf([]), pool });
    expect(await shape()).toEqual(before);
  });

  it('goes on beside a follower, which then goes on with the new tables', async () => {
    const log = writtenLog();
    log.post(MOMENT, allocation(), disbursement(), payment());
    const store = await logOf(log.events);
    const follower = new Follower({ store, pool });
    follower.start();
    await follower.waitFor(await store.head(), WAIT_MS);
    const more = log.post('2019-01-02T00:00:00.000Z', supplement());
    const stages: ReplayProgress['stage'][] = [];
    let appended = Promise.resolve();
    const compared = await rebuild({
      ...{ store, pool },
      onProgress: ({ stage }) => {
        stages.push(stage);
        if (stage === 'indexing') appended = appendAll(store, more);
      },
    });
    await appended;
    expect(compared.differences).toEqual([]);
    expect([...new Set(stages)]).toEqual([
      ...['checksums', 'folding', 'indexing', 'catching-up', 'swapping'],
    ]);
    const last = log.post('2019-01-03T00:00:00.000Z', payment({ id: 'P-2', amount: 1n }));
    await appendAll(store, last);
    expect(await follower.waitFor(await store.head(), WAIT_MS)).toBe(true);
    await follower.stop();
    const again = await verifyProjections({ store, pool });
    expect(again).toEqual({ position: await store.head(), differences: [] });
  });

  it('leaves the tables alone when an event cannot be folded', async () => {
    const log = writtenLog();
    log.post(MOMENT, allocation());
    await side.fold(log.events);
    const before = await checksums();
    const events = log.events.map((event) => ({
      ...event,
      record: event.record.replace('"type":"AllocationReceived"', '"type":"Odd"'),
    }));
    const store = await logOf(events);
    await expect(rebuild({ store, pool })).rejects.toMatchObject({
      name: 'ReplayStopped',
      failure: { position: 3n },
    });
    expect(await checksums()).toEqual(before);
  });

  it('is one at a time', async () => {
    const settings = { store: await logOf([]), pool };
    const outcomes = await Promise.allSettled([rebuild(settings), rebuild(settings)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
