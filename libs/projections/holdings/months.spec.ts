import fc from 'fast-check';
import { storedEventsOf } from '../../../test/support/envelopes.js';
import { histories } from '../../../test/support/histories.js';
import { openReadSide, type ReadSide } from '../../../test/support/read-side.js';
import { checksumsOf } from '../rebuild/checksums.js';
import { HoldingMonths1750000000220, readTables } from '../read-model.js';
import { READ_SCHEMA } from '../read-table.js';

let side: ReadSide;
beforeAll(async () => {
  side = await openReadSide();
});
afterAll(() => side.close());

const checksums = () => checksumsOf(side.client, READ_SCHEMA, readTables);

/** What months would be if nobody kept them: the days, added up by the database. */
const FROM_DAYS = `
  SELECT holding_id, to_char(occurred_on, 'YYYY-MM-01') AS month, sum(amount_in_fen)::text,
    sum(passed_down_fen)::text, sum(disbursed_fen)::text, sum(paid_fen)::text,
    sum(returned_up_fen)::text, max(occurred_on)::text
  FROM read_side.holding_days GROUP BY 1, 2 ORDER BY 1, 2`;
const KEPT = `
  SELECT holding_id, month::text, amount_in_fen::text, passed_down_fen::text, disbursed_fen::text,
    paid_fen::text, returned_up_fen::text, last_on::text
  FROM read_side.holding_months ORDER BY 1, 2`;
const rowsOf = async (text: string): Promise<unknown[][]> =>
  (await side.client.query<unknown[]>({ text, rowMode: 'array' })).rows;

describe('the months of holdings', () => {
  it('are what their days add up to, however the log was cut into pages', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), fc.integer({ min: 1, max: 30 }), async (history, page) => {
        await side.empty();
        const events = storedEventsOf(history);
        for (let at = 0; at < events.length; at += page) {
          await side.fold(events.slice(at, at + page));
        }
        expect(await rowsOf(KEPT)).toEqual(await rowsOf(FROM_DAYS));
      }),
      { numRuns: 15 },
    );
  });

  it('are made for tables of an earlier program, which had none, and go on from there', async () => {
    const [history] = fc.sample(histories({ rowsMax: 120 }), { seed: 11, numRuns: 1 });
    const events = storedEventsOf(history ?? { postings: [] });
    const half = Math.floor(events.length / 2);
    await side.empty();
    await side.fold(events);
    const whole = await checksums();
    await side.empty();
    await side.fold(events.slice(0, half));
    await side.client.query('DROP TABLE read_side.holding_months CASCADE');
    const runner = side.database.createQueryRunner();
    await runner.startTransaction();
    await new HoldingMonths1750000000220().up(runner);
    await new HoldingMonths1750000000220().up(runner);
    await runner.commitTransaction();
    await runner.release();
    await side.fold(events.slice(half));
    expect(await checksums()).toEqual(whole);
    expect(await rowsOf('SELECT count(*)::int FROM read_side.lineage_months')).not.toEqual([[0]]);
  });
});
