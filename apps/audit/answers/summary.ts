import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { askSummary, type SummaryAnswer } from '@fundflow/queries/summary';
import { AuditBooks } from '../audit-books.js';
import { regionOf, timesOf } from '../question-of.js';
import type { TimeQuery } from '../requests.js';

/** What a region received, paid and still answers for. */
export class AskSummary {
  constructor(
    readonly code: string,
    readonly query: TimeQuery,
  ) {}
}

@QueryHandler(AskSummary)
export class AskSummaryHandler implements IQueryHandler<AskSummary, SummaryAnswer> {
  constructor(private readonly books: AuditBooks) {}

  async execute({ code, query }: AskSummary): Promise<SummaryAnswer> {
    const region = regionOf(this.books.regions, code);
    const question = timesOf(query);
    await this.books.freshness.upToNow('read-model');
    return (await askSummary(this.books.database, { region, question })).summary;
  }
}
