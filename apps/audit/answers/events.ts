import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { askEvents, EVENTS_DEFAULT, type EventsAnswer } from '@fundflow/queries/events';
import { AuditBooks } from '../audit-books.js';
import { timesOf } from '../question-of.js';
import type { EventsQuery } from '../requests.js';

/** The log itself, by position. */
export class AskEvents {
  constructor(readonly query: EventsQuery) {}
}

@QueryHandler(AskEvents)
export class AskEventsHandler implements IQueryHandler<AskEvents, EventsAnswer> {
  constructor(private readonly books: AuditBooks) {}

  /** The log needs no tables, so there is nothing to wait for. */
  execute({ query }: AskEvents): Promise<EventsAnswer> {
    const { asOf, knownAt } = timesOf(query);
    return askEvents(this.books.log, {
      after: BigInt(query.after ?? '0'),
      limit: query.limit ?? EVENTS_DEFAULT,
      asOf: query.asOf === undefined ? null : asOf,
      knownAt,
    });
  }
}
