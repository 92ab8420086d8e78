import { EntitySchema } from 'typeorm';
import { fenColumn, momentColumn, type ReadTable } from '../read-table.js';

/**
 * The chart of accounts. Money is followed on its way from outside to final use, so every movement takes from one
 * account and gives to another: the balance of `authority` is what is available on all allocations, that of `cash` what
 * is unspent on all disbursements, and the three kinds of way between are visible as accounts of their own.
 *
 * A disbursement turns authority into cash in these books. The treasury's own accounts are not kept here.
 */
export const ACCOUNTS = {
  /** Credited with what enters the ledger, debited with what leaves it by recall. */
  outside: '外部来源',
  'authority-in-transit': '下达在途指标',
  authority: '可用指标',
  'authority-returning': '收回在途指标',
  'cash-in-transit': '拨付在途资金',
  cash: '到账未支付资金',
  'cash-returning': '退回在途资金',
  spent: '已支付',
} as const satisfies Readonly<Record<string, string>>;

export type Account = keyof typeof ACCOUNTS;

/**
 * What was debited to one account and credited to another on one date, recorded at one moment: both sides of an entry in one
 * row, since nearly every payment has a date of its own. **Additive**, like all tables of days.
 */
export interface JournalEntryRow {
  /** Null on one side: from the table of an earlier program, which kept the two sides apart. */
  debit: Account | null;
  credit: Account | null;
  occurredOn: string;
  recordedAt: Date;
  amountFen: string;
}

const journalEntries: ReadTable = {
  name: 'journal_entries',
  create: `
    CREATE TABLE journal_entries (
      debit text,
      credit text,
      occurred_on date NOT NULL,
      recorded_at timestamptz(3) NOT NULL,
      amount_fen bigint NOT NULL
    )`,
  indexes: [],
  content: `
    SELECT account, occurred_on, recorded_at, sum(debit_fen), sum(credit_fen)
    FROM (
      SELECT debit AS account, occurred_on, recorded_at, amount_fen AS debit_fen, 0 AS credit_fen
      FROM journal_entries WHERE debit IS NOT NULL
      UNION ALL
      SELECT credit, occurred_on, recorded_at, 0, amount_fen
      FROM journal_entries WHERE credit IS NOT NULL
    ) AS turnover GROUP BY account, occurred_on, recorded_at`,
  entity: new EntitySchema<JournalEntryRow>({
    name: 'ReadJournalEntry',
    tableName: 'journal_entries',
    schema: 'read_side',
    columns: {
      debit: { type: 'text', primary: true, nullable: true },
      credit: { type: 'text', primary: true, nullable: true },
      occurredOn: { name: 'occurred_on', type: 'date', primary: true },
      recordedAt: { name: 'recorded_at', ...momentColumn, primary: true },
      amountFen: { name: 'amount_fen', ...fenColumn },
    },
  }),
};

/** Takes over the table of an earlier program, which had a row a day for each side. */
export const ENTRIES_OF_SIDES: readonly string[] = [
  journalEntries.create,
  `INSERT INTO journal_entries (debit, occurred_on, recorded_at, amount_fen)
   SELECT account, occurred_on, recorded_at, debit_fen FROM journal_days WHERE debit_fen <> 0`,
  `INSERT INTO journal_entries (credit, occurred_on, recorded_at, amount_fen)
   SELECT account, occurred_on, recorded_at, credit_fen FROM journal_days WHERE credit_fen <> 0`,
  'DROP TABLE journal_days',
];

export const journalTables: readonly ReadTable[] = [journalEntries];
