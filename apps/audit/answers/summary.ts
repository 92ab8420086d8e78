import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Scope } from '@fundflow/identity/scope';
import { askSummary, type SummaryAnswer } from '@fundflow/queries/summary';
import { AuditBooks } from '../audit-books.js';
import { regionOf, timesOf } from '../question-of.js';
import type { Reflecting } from '../reflecting.js';
import type { TimeQuery } from '../requests.js';
import { scopeOfTotals } from '../scope-of-totals.js';

export type ScopedSummary = SummaryAnswer & { readonly scope: string };

/** What a region received, paid and still answers for. */
export class AskSummary extends Query<Reflecting<ScopedSummary>> {
  constructor(
    readonly code: string,
    readonly query: TimeQuery,
    readonly scope: Scope,
  ) {
    super();
  }
}

@QueryHandler(AskSummary)
export class AskSummaryHandler implements IQueryHandler<AskSummary> {
  constructor(private readonly books: AuditBooks) {}

  async execute({ code, query, scope }: AskSummary): Promise<Reflecting<ScopedSummary>> {
    const region = regionOf(this.books.regions, code);
    this.books.assertWithin(scope, region);
    const question = timesOf(query);
    await this.books.freshness.upToNow('read-model');
    const { summary, position } = await askSummary(this.books.within(scope), { region, question });
    const { regions } = this.books;
    const said = scopeOfTotals(regions, region, question);
    return { answer: { ...summary, scope: said }, position, question };
  }
}
