import { askTrialBalance } from '@fundflow/queries/trial-balance';
import fc from 'fast-check';
import { storedEventsOf } from '../../test/support/envelopes.js';
import { histories } from '../../test/support/histories.js';
import { openReadSide, type ReadSide } from '../../test/support/read-side.js';
import { day } from '../../test/support/rows.js';
import { checksumsOf } from './rebuild/checksums.js';
import { FewerRows1750000000230, readTables } from './read-model.js';
import { READ_SCHEMA } from './read-table.js';

let side: ReadSide;
beforeAll(async () => {
  side = await openReadSide();
});
afterAll(() => side.close());

const checksums = () => checksumsOf(side.client, READ_SCHEMA, readTables);
const trialBalance = () =>
  askTrialBalance(side.reads, { question: { asOf: day('2199-12-31'), knownAt: null } });

/** The tables as an earlier program kept them: both sides of an entry apart, and payments beside what moves. */
const AS_BEFORE = `
  SET search_path TO read_side;
  CREATE TABLE journal_days (
    account text NOT NULL, occurred_on date NOT NULL, recorded_at timestamptz(3) NOT NULL,
    debit_fen bigint NOT NULL, credit_fen bigint NOT NULL);
  INSERT INTO journal_days SELECT debit, occurred_on, recorded_at, amount_fen, 0 FROM journal_entries;
  INSERT INTO journal_days SELECT credit, occurred_on, recorded_at, 0, amount_fen FROM journal_entries;
  DROP TABLE journal_entries;
  ALTER TABLE flow_days ADD COLUMN paid_fen bigint NOT NULL DEFAULT 0;
  INSERT INTO flow_days
    SELECT NULL, h.region, d.occurred_on, d.recorded_at, 0, 0, 0, 0, d.paid_fen
    FROM holding_days d JOIN holdings h ON h.id = d.holding_id WHERE d.paid_fen <> 0;
  RESET search_path`;

async function migrate(): Promise<void> {
  const runner = side.database.createQueryRunner();
  await runner.startTransaction();
  await new FewerRows1750000000230().up(runner);
  await runner.commitTransaction();
  await runner.release();
}

describe('tables of an earlier program, with a row more for nearly every payment', () => {
  it('are taken over and go on from there', async () => {
    const [history] = fc.sample(histories({ rowsMax: 120 }), { seed: 11, numRuns: 1 });
    const events = storedEventsOf(history ?? { postings: [] });
    const half = Math.floor(events.length / 2);
    await side.empty();
    await side.fold(events);
    const whole = [await checksums(), await trialBalance()];
    await side.empty();
    await side.fold(events.slice(0, half));
    await side.client.query(AS_BEFORE);
    await migrate();
    await migrate();
    await side.fold(events.slice(half));
    expect([await checksums(), await trialBalance()]).toEqual(whole);
  });
});
