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

/** Debits and credits of one account on one date, recorded at one moment. **Additive**, like all tables of days. */
export interface JournalDayRow {
  account: Account;
  occurredOn: string;
  recordedAt: Date;
  debitFen: string;
  creditFen: string;
}

const journalDays: ReadTable = {
  name: 'journal_days',
  create: `
    CREATE TABLE journal_days (
      account text NOT NULL,
      occurred_on date NOT NULL,
      recorded_at timestamptz(3) NOT NULL,
      debit_fen bigint NOT NULL,
      credit_fen bigint NOT NULL
    )`,
  indexes: [],
  content: `
    SELECT account, occurred_on, recorded_at, sum(debit_fen), sum(credit_fen)
    FROM journal_days GROUP BY account, occurred_on, recorded_at`,
  entity: new EntitySchema<JournalDayRow>({
    name: 'ReadJournalDay',
    tableName: 'journal_days',
    schema: 'read_side',
    columns: {
      account: { type: 'text', primary: true },
      occurredOn: { name: 'occurred_on', type: 'date', primary: true },
      recordedAt: { name: 'recorded_at', ...momentColumn, primary: true },
      debitFen: { name: 'debit_fen', ...fenColumn },
      creditFen: { name: 'credit_fen', ...fenColumn },
    },
  }),
};

export const journalTables: readonly ReadTable[] = [journalDays];
