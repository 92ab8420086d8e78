import { type Account, ACCOUNTS } from '@fundflow/projections/journal/table';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { Question } from './question.js';
import { seenPair, withSnapshot } from './snapshot.js';

/** `GET /api/v1/trial-balance`; fen as decimal text. */
export interface TrialBalanceAnswer {
  /** Every account of the chart, in its order, also those without entries. */
  readonly accounts: readonly {
    readonly account: Account;
    /** Chinese. */
    readonly name: string;
    /** Turnover up to the day. */
    readonly debitFen: string;
    readonly creditFen: string;
    /** Debits less credits: of `authority` what is available, of `cash` what is unspent, of `spent` what was paid. */
    readonly balanceFen: string;
  }[];
  /** Equal, always. */
  readonly totalDebitFen: string;
  readonly totalCreditFen: string;
}

const ENTRIES = `
  SELECT debit, credit, sum(amount_fen)::text AS "amountFen"
  FROM ${READ_SCHEMA}.journal_entries
  WHERE ${seenPair('occurred_on', 'recorded_at')}
  GROUP BY debit, credit`;

type Entries = {
  readonly debit: Account | null;
  readonly credit: Account | null;
  readonly amountFen: string;
};

/** Double entry over the whole ledger up to the day. */
export function askTrialBalance(
  reads: ScopedReads,
  { question }: { readonly question: Question },
): Promise<{ readonly position: bigint; readonly trialBalance: TrialBalanceAnswer }> {
  return withSnapshot(reads, { question }, async (snapshot) => {
    const entries = await snapshot.askPair<Entries>(ENTRIES);
    const sumOf = (side: 'debit' | 'credit', account: Account): bigint =>
      entries.reduce((sum, one) => (one[side] === account ? sum + BigInt(one.amountFen) : sum), 0n);
    const names = Object.entries(ACCOUNTS) as [Account, string][];
    const accounts = names.map(([account, name]) => {
      const [debit, credit] = [sumOf('debit', account), sumOf('credit', account)];
      const balanceFen = `${debit - credit}`;
      return { account, name, debitFen: `${debit}`, creditFen: `${credit}`, balanceFen };
    });
    const total = (side: 'debitFen' | 'creditFen'): string =>
      `${accounts.reduce((sum, row) => sum + BigInt(row[side]), 0n)}`;
    const [totalDebitFen, totalCreditFen] = [total('debitFen'), total('creditFen')];
    return { position: snapshot.upTo, trialBalance: { accounts, totalDebitFen, totalCreditFen } };
  });
}
