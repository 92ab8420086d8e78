import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { CENTRE } from '@fundflow/domain/region';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import { Problem } from '@fundflow/nest-edge/problem';
import type { Scope } from '@fundflow/identity/scope';
import { ALERTS_DEFAULT, type AlertsCursor, askAlerts } from '@fundflow/queries/alerts';
import type { AlertAnswer } from '@fundflow/queries/alerts-list';
import { AuditBooks } from '../audit-books.js';
import { badCursor, regionOf, timesOf } from '../question-of.js';
import type { Reflecting } from '../reflecting.js';
import type { AlertsQuery } from '../requests.js';

const CURSOR = 'alerts/1';

/** What the supervision rules say: leads, never verdicts. */
export class AskAlerts extends Query<Reflecting<AlertsAnswer>> {
  constructor(
    readonly query: AlertsQuery,
    readonly scope: Scope,
  ) {
    super();
  }
}

export interface AlertsAnswer {
  readonly alerts: readonly AlertAnswer[];
  readonly next: string | null;
}

@QueryHandler(AskAlerts)
export class AskAlertsHandler implements IQueryHandler<AskAlerts> {
  constructor(private readonly books: AuditBooks) {}

  /** @throws Problem 404 `unknown-region`, 403 `out-of-jurisdiction`, 400 `unknown-rule`, 400 `bad-cursor` */
  async execute({ query, scope }: AskAlerts): Promise<Reflecting<AlertsAnswer>> {
    const county =
      query.county === undefined
        ? (scope.regions[0] ?? CENTRE)
        : regionOf(this.books.regions, query.county);
    const cursor = query.cursor ? decodeCursor<AlertsCursor>(CURSOR, query.cursor) : null;
    // A cursor pins the region it was made for, and may have been somebody else's.
    this.books.assertWithin(scope, cursor ? (cursor.filter.county ?? CENTRE) : county);
    const asked = {
      county: county === CENTRE ? null : county,
      rule: query.rule ?? null,
      status: query.status ?? 'open',
      subjectId: query.subject ?? null,
      limit: query.limit ?? ALERTS_DEFAULT,
      question: timesOf(query),
      cursor,
    } as const;
    await this.books.freshness.upToNow('alerts');
    const result = await askAlerts(this.books.within(scope), asked);
    switch (result.outcome) {
      case 'unknown-rule':
        throw unknownRule();
      case 'bad-cursor':
        throw badCursor();
      case 'found': {
        const next = result.next === null ? null : encodeCursor(CURSOR, result.next);
        const question = cursor === null ? asked.question : null;
        return { answer: { alerts: result.alerts, next }, position: result.position, question };
      }
    }
  }
}

const unknownRule = (): Problem =>
  new Problem({
    status: 400,
    code: 'unknown-rule',
    title: '没有这条规则',
    titleEn: 'Unknown rule',
    detail: '这个规则编号不存在。',
  });
