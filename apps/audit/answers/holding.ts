import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Scope } from '@fundflow/identity/scope';
import { askHolding, type HoldingAnswer } from '@fundflow/queries/holding';
import { AuditBooks } from '../audit-books.js';
import { notFound, timesOf } from '../question-of.js';
import type { Reflecting } from '../reflecting.js';
import type { TimeQuery } from '../requests.js';

/** What is in a holding and where it came from. */
export class AskHolding extends Query<Reflecting<HoldingAnswer>> {
  constructor(
    readonly id: string,
    readonly query: TimeQuery,
    readonly scope: Scope,
  ) {
    super();
  }
}

@QueryHandler(AskHolding)
export class AskHoldingHandler implements IQueryHandler<AskHolding> {
  constructor(private readonly books: AuditBooks) {}

  /** @throws Problem 404 `unknown-holding` when it does not exist on the day, or outside the scope */
  async execute({ id, query, scope }: AskHolding): Promise<Reflecting<HoldingAnswer>> {
    const question = timesOf(query);
    await this.books.freshness.upToNow('read-model');
    const result = await askHolding(this.books.within(scope), { id, question });
    const hidden = notFound('unknown-holding');
    if (result.outcome === 'not-found') return this.books.notWithin(scope, id, hidden);
    this.books.assertVisible(scope, result.holding.region, hidden);
    return { answer: result.holding, position: result.position, question };
  }
}
