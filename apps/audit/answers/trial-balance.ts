import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { askTrialBalance, type TrialBalanceAnswer } from '@fundflow/queries/trial-balance';
import { AuditBooks } from '../audit-books.js';
import { timesOf } from '../question-of.js';
import type { TimeQuery } from '../requests.js';

/** Double entry over the whole ledger. */
export class AskTrialBalance {
  constructor(readonly query: TimeQuery) {}
}

@QueryHandler(AskTrialBalance)
export class AskTrialBalanceHandler implements IQueryHandler<AskTrialBalance, TrialBalanceAnswer> {
  constructor(private readonly books: AuditBooks) {}

  async execute({ query }: AskTrialBalance): Promise<TrialBalanceAnswer> {
    const question = timesOf(query);
    await this.books.freshness.upToNow('read-model');
    return (await askTrialBalance(this.books.database, { question })).trialBalance;
  }
}
