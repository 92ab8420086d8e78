import type { Officer } from '@fundflow/domain/submission/submission';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import type { Scope } from '@fundflow/identity/scope';
import { askTrace, TRACE_DEFAULT, type TraceCursor } from '@fundflow/queries/trace';
import type { TraceNode } from '@fundflow/queries/trace-nodes';
import { type VisibleEdge, withinScope } from '../trace-scope.js';
import { AuditBooks } from '../audit-books.js';
import { badCursor, notFound, timesOf } from '../question-of.js';
import type { Reflecting } from '../reflecting.js';
import type { TraceQuery } from '../requests.js';

const QUESTION = 'GET /api/v1/trace/:id';
const CURSOR = 'trace/1';

/** Where money came from, or where it went. */
export class AskTrace extends Query<Reflecting<TraceAnswer>> {
  constructor(
    readonly id: string,
    readonly query: TraceQuery,
    readonly scope: Scope,
    readonly by: Officer,
  ) {
    super();
  }
}

export interface TraceAnswer {
  readonly nodes: readonly Omit<TraceNode, 'personalEventId'>[];
  readonly edges: readonly VisibleEdge[];
  readonly untracedFen: string;
  readonly next: string | null;
}

@QueryHandler(AskTrace)
export class AskTraceHandler implements IQueryHandler<AskTrace> {
  constructor(private readonly books: AuditBooks) {}

  /** @throws Problem 404 `unknown-record` (also outside the scope), 400 `bad-cursor` */
  async execute({ id, query, scope, by }: AskTrace): Promise<Reflecting<TraceAnswer>> {
    const asked = {
      id,
      direction: query.direction ?? 'down',
      depth: query.depth ?? null,
      limit: query.limit ?? TRACE_DEFAULT,
      question: timesOf(query),
      cursor: query.cursor ? decodeCursor<TraceCursor>(CURSOR, query.cursor) : null,
    };
    await this.books.freshness.upToNow('read-model');
    const result = await askTrace(this.books.within(scope), asked);
    switch (result.outcome) {
      case 'not-found':
        return this.books.notWithin(scope, id, notFound('unknown-record'));
      case 'bad-cursor':
      case 'cursor-expired':
        throw badCursor();
      case 'found': {
        this.books.assertVisible(scope, result.startRegion, notFound('unknown-record'));
        const seen = withinScope(result, (region) => scope.covers(region, this.books.regions));
        const reading = { by, question: QUESTION, about: id };
        const { untracedFen } = result;
        const next = result.next === null ? null : encodeCursor(CURSOR, result.next);
        const nodes = await this.books.payees.fillIn(seen.nodes, 'label', reading);
        return {
          answer: { nodes, edges: seen.edges, untracedFen, next },
          position: result.position,
          question: asked.cursor === null ? asked.question : null,
        };
      }
    }
  }
}
