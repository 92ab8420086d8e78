import { EntitySchema } from 'typeorm';
import { fenColumn, momentColumn, type ReadTable } from '../read-table.js';

/**
 * Changes of one holding on one date, recorded at one moment. **Additive**: several rows may stand for one key, and a
 * reader sums them. Available = amount in − the other four, on every day, without exceptions: an amount counts from
 * its receipt on, and a reversal takes it away again.
 *
 * A row stands, also with zeros, for every date that counts for `lastMovementOn` (contract §6).
 */
export interface HoldingDayRow {
  holdingId: string;
  occurredOn: string;
  recordedAt: Date;
  /** Of the last event in it: rows with position ≤ a checkpoint are the state at that checkpoint. */
  position: string;
  amountInFen: string;
  passedDownFen: string;
  disbursedFen: string;
  paidFen: string;
  returnedUpFen: string;
}

/**
 * The days of one holding and month together, whenever they were recorded: what its days add up to now. Kept by adding, so
 * that a balance reads a row a month and the days of one month, and not a row for each day with a payment. For questions
 * about an earlier moment or position there are the days.
 */
export interface HoldingMonthRow {
  holdingId: string;
  /** Its first day. */
  month: string;
  amountInFen: string;
  passedDownFen: string;
  disbursedFen: string;
  paidFen: string;
  returnedUpFen: string;
  /** The latest date of its days. */
  lastOn: string;
}

export const holdingDays: ReadTable = {
  name: 'holding_days',
  create: `
    CREATE TABLE holding_days (
      holding_id text COLLATE "C" NOT NULL,
      occurred_on date NOT NULL,
      recorded_at timestamptz(3) NOT NULL,
      position bigint NOT NULL,
      amount_in_fen bigint NOT NULL,
      passed_down_fen bigint NOT NULL,
      disbursed_fen bigint NOT NULL,
      paid_fen bigint NOT NULL,
      returned_up_fen bigint NOT NULL
    )`,
  indexes: [
    'CREATE INDEX holding_days_holding ON holding_days (holding_id, occurred_on)',
    // Which holdings the records after a position touched: the alerts follow by it.
    'CREATE INDEX holding_days_position ON holding_days (position)',
  ],
  content: `
    SELECT holding_id, occurred_on, recorded_at, sum(amount_in_fen), sum(passed_down_fen),
           sum(disbursed_fen), sum(paid_fen), sum(returned_up_fen)
    FROM holding_days GROUP BY holding_id, occurred_on, recorded_at`,
  entity: new EntitySchema<HoldingDayRow>({
    name: 'ReadHoldingDay',
    tableName: 'holding_days',
    schema: 'read_side',
    columns: {
      holdingId: { name: 'holding_id', type: 'text', primary: true },
      occurredOn: { name: 'occurred_on', type: 'date', primary: true },
      recordedAt: { name: 'recorded_at', ...momentColumn, primary: true },
      position: { type: 'bigint', primary: true },
      amountInFen: { name: 'amount_in_fen', ...fenColumn },
      passedDownFen: { name: 'passed_down_fen', ...fenColumn },
      disbursedFen: { name: 'disbursed_fen', ...fenColumn },
      paidFen: { name: 'paid_fen', ...fenColumn },
      returnedUpFen: { name: 'returned_up_fen', ...fenColumn },
    },
  }),
};

export const holdingMonths: ReadTable = {
  name: 'holding_months',
  // Room on each page: a month is added to in place.
  create: `
    CREATE TABLE holding_months (
      holding_id text COLLATE "C" NOT NULL,
      month date NOT NULL,
      amount_in_fen bigint NOT NULL,
      passed_down_fen bigint NOT NULL,
      disbursed_fen bigint NOT NULL,
      paid_fen bigint NOT NULL,
      returned_up_fen bigint NOT NULL,
      last_on date NOT NULL,
      PRIMARY KEY (holding_id, month)
    ) WITH (fillfactor = 80)`,
  indexes: [],
  content: 'SELECT * FROM holding_months',
  entity: new EntitySchema<HoldingMonthRow>({
    name: 'ReadHoldingMonth',
    tableName: 'holding_months',
    schema: 'read_side',
    columns: {
      holdingId: { name: 'holding_id', type: 'text', primary: true },
      month: { type: 'date', primary: true },
      amountInFen: { name: 'amount_in_fen', ...fenColumn },
      passedDownFen: { name: 'passed_down_fen', ...fenColumn },
      disbursedFen: { name: 'disbursed_fen', ...fenColumn },
      paidFen: { name: 'paid_fen', ...fenColumn },
      returnedUpFen: { name: 'returned_up_fen', ...fenColumn },
      lastOn: { name: 'last_on', type: 'date' },
    },
  }),
};

/** The months that the days already in a table make; for a read side that has days and no months yet. */
export const MONTHS_OF_DAYS = `
  INSERT INTO holding_months
  SELECT holding_id, date_trunc('month', occurred_on::timestamp)::date, sum(amount_in_fen),
    sum(passed_down_fen), sum(disbursed_fen), sum(paid_fen), sum(returned_up_fen), max(occurred_on)
  FROM holding_days GROUP BY 1, 2`;
