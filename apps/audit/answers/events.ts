import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Scope } from '@fundflow/identity/scope';
import { askEvents, EVENTS_DEFAULT, type EventsAnswer } from '@fundflow/queries/events';
import type { RegionCode } from '@fundflow/domain/region';
import { isOversight } from '@fundflow/domain/oversight/events';
import { AuditBooks } from '../audit-books.js';
import { timesOf } from '../question-of.js';
import type { EventsQuery } from '../requests.js';

/** The log itself, by position: of it, what lies within. */
export class AskEvents extends Query<EventsAnswer> {
  constructor(
    readonly query: EventsQuery,
    readonly scope: Scope,
    /** For what is about those who look; empty for those who may not. */
    readonly oversight: Scope,
  ) {
    super();
  }
}

@QueryHandler(AskEvents)
export class AskEventsHandler implements IQueryHandler<AskEvents> {
  constructor(private readonly books: AuditBooks) {}

  /** The log needs no tables, so there is nothing to wait for. */
  execute({ query, scope, oversight }: AskEvents): Promise<EventsAnswer> {
    const { asOf, knownAt } = timesOf(query);
    const { regions } = this.books;
    const logs = [this.books.within(scope), this.books.overseeing(oversight)];
    return askEvents(logs, {
      after: BigInt(query.after ?? '0'),
      limit: query.limit ?? EVENTS_DEFAULT,
      asOf: query.asOf === undefined ? null : asOf,
      knownAt,
      shows: ({ type, region }) =>
        (isOversight({ type }) ? oversight : scope).covers(region as RegionCode, regions),
    });
  }
}
