import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Scope } from '@fundflow/identity/scope';
import { askTrialBalance, type TrialBalanceAnswer } from '@fundflow/queries/trial-balance';
import { CENTRE } from '@fundflow/domain/region';
import { AuditBooks } from '../audit-books.js';
import { timesOf } from '../question-of.js';
import type { Reflecting } from '../reflecting.js';
import type { TimeQuery } from '../requests.js';
import { scopeOfTotals } from '../scope-of-totals.js';

export type ScopedTrialBalance = TrialBalanceAnswer & { readonly scope: string };

/** Double entry over the whole ledger. */
export class AskTrialBalance extends Query<Reflecting<ScopedTrialBalance>> {
  constructor(
    readonly query: TimeQuery,
    readonly scope: Scope,
  ) {
    super();
  }
}

@QueryHandler(AskTrialBalance)
export class AskTrialBalanceHandler implements IQueryHandler<AskTrialBalance> {
  constructor(private readonly books: AuditBooks) {}

  async execute({ query, scope }: AskTrialBalance): Promise<Reflecting<ScopedTrialBalance>> {
    this.books.assertWithin(scope, CENTRE);
    const question = timesOf(query);
    await this.books.freshness.upToNow('read-model');
    const reads = this.books.within(scope);
    const { trialBalance, position } = await askTrialBalance(reads, { question });
    const said = scopeOfTotals(this.books.regions, CENTRE, question);
    return { answer: { ...trialBalance, scope: said }, position, question };
  }
}
