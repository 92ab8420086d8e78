import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import { askTrace, TRACE_DEFAULT, type TraceCursor } from '@fundflow/queries/trace';
import type { TraceEdge } from '@fundflow/queries/trace-edges';
import type { TraceNode } from '@fundflow/queries/trace-nodes';
import { AuditBooks } from '../audit-books.js';
import { badCursor, notFound, timesOf } from '../question-of.js';
import type { TraceQuery } from '../requests.js';

const CURSOR = 'trace/1';

/** Where money came from, or where it went. */
export class AskTrace {
  constructor(
    readonly id: string,
    readonly query: TraceQuery,
  ) {}
}

export interface TraceAnswer {
  readonly nodes: readonly Omit<TraceNode, 'personalEventId'>[];
  readonly edges: readonly TraceEdge[];
  readonly untracedFen: string;
  readonly next: string | null;
}

@QueryHandler(AskTrace)
export class AskTraceHandler implements IQueryHandler<AskTrace, TraceAnswer> {
  constructor(private readonly books: AuditBooks) {}

  /** @throws Problem 404 `unknown-record`, 400 `bad-cursor` */
  async execute({ id, query }: AskTrace): Promise<TraceAnswer> {
    const asked = {
      id,
      direction: query.direction ?? 'down',
      depth: query.depth ?? null,
      limit: query.limit ?? TRACE_DEFAULT,
      question: timesOf(query),
      cursor: query.cursor ? decodeCursor<TraceCursor>(CURSOR, query.cursor) : null,
    };
    await this.books.freshness.upToNow('read-model');
    const result = await askTrace(this.books.database, asked);
    switch (result.outcome) {
      case 'not-found':
        throw notFound('unknown-record', id);
      case 'bad-cursor':
      case 'cursor-expired':
        throw badCursor();
      case 'found': {
        const { edges, untracedFen } = result;
        const next = result.next === null ? null : encodeCursor(CURSOR, result.next);
        const nodes = await this.books.payees.fillIn(result.nodes, 'label');
        return { nodes, edges, untracedFen, next };
      }
    }
  }
}
