import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { Scope } from '@fundflow/identity/scope';
import { askTrialBalance, type TrialBalanceAnswer } from '@fundflow/queries/trial-balance';
import { CENTRE } from '@fundflow/domain/region';
import { AuditBooks } from '../audit-books.js';
import { timesOf } from '../question-of.js';
import type { TimeQuery } from '../requests.js';

/** Double entry over the whole ledger. */
export class AskTrialBalance {
  constructor(
    readonly query: TimeQuery,
    readonly scope: Scope,
  ) {}
}

@QueryHandler(AskTrialBalance)
export class AskTrialBalanceHandler implements IQueryHandler<AskTrialBalance, TrialBalanceAnswer> {
  constructor(private readonly books: AuditBooks) {}

  async execute({ query, scope }: AskTrialBalance): Promise<TrialBalanceAnswer> {
    this.books.assertWithin(scope, CENTRE);
    const question = timesOf(query);
    await this.books.freshness.upToNow('read-model');
    return (await askTrialBalance(this.books.within(scope), { question })).trialBalance;
  }
}
