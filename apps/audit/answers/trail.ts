import type { Officer } from '@fundflow/domain/submission/submission';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import type { Scope } from '@fundflow/identity/scope';
import { askTrail, TRAIL_DEFAULT, type TrailCursor } from '@fundflow/queries/county-trail';
import type { TrailEntry } from '@fundflow/queries/trail-entry';
import { AuditBooks } from '../audit-books.js';
import { badCursor, dayOf, regionOf, timesOf } from '../question-of.js';
import type { Reflecting } from '../reflecting.js';
import type { TrailQuery } from '../requests.js';

const QUESTION = 'GET /api/v1/counties/:code/trail';
const CURSOR = 'trail/1';

/** The audit trail of a region. */
export class AskTrail extends Query<Reflecting<TrailAnswer>> {
  constructor(
    readonly code: string,
    readonly query: TrailQuery,
    readonly scope: Scope,
    readonly by: Officer,
  ) {
    super();
  }
}

export interface TrailAnswer {
  /** Oldest first. */
  readonly entries: readonly Omit<TrailEntry, 'personalEventId'>[];
  readonly next: string | null;
}

@QueryHandler(AskTrail)
export class AskTrailHandler implements IQueryHandler<AskTrail> {
  constructor(private readonly books: AuditBooks) {}

  async execute({ code, query, scope, by }: AskTrail): Promise<Reflecting<TrailAnswer>> {
    const region = regionOf(this.books.regions, code);
    this.books.assertWithin(scope, region);
    const asked = {
      region,
      from: dayOf('from', query.from),
      to: dayOf('to', query.to),
      limit: query.limit ?? TRAIL_DEFAULT,
      question: timesOf(query),
      cursor: query.cursor ? decodeCursor<TrailCursor>(CURSOR, query.cursor) : null,
    };
    await this.books.freshness.upToNow('read-model');
    const result = await askTrail(this.books.within(scope), asked);
    if (result.outcome === 'bad-cursor') throw badCursor();
    const reading = { by, question: QUESTION, about: region };
    const next = result.next === null ? null : encodeCursor(CURSOR, result.next);
    const entries = await this.books.payees.fillIn(result.entries, 'counterparty', reading);
    const question = asked.cursor === null ? asked.question : null;
    return { answer: { entries, next }, position: result.position, question };
  }
}
