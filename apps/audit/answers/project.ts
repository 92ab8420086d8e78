import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Scope } from '@fundflow/identity/scope';
import { askProject, type ProjectAnswer } from '@fundflow/queries/projects';
import { AuditBooks } from '../audit-books.js';
import { notFound, timesOf } from '../question-of.js';
import type { Reflecting } from '../reflecting.js';
import type { TimeQuery } from '../requests.js';

/** A project with its dates and notices. */
export class AskProject extends Query<Reflecting<ProjectAnswer>> {
  constructor(
    readonly id: string,
    readonly query: TimeQuery,
    readonly scope: Scope,
  ) {
    super();
  }
}

@QueryHandler(AskProject)
export class AskProjectHandler implements IQueryHandler<AskProject> {
  constructor(private readonly books: AuditBooks) {}

  /** @throws Problem 404 `unknown-project`, also outside the scope */
  async execute({ id, query, scope }: AskProject): Promise<Reflecting<ProjectAnswer>> {
    const question = timesOf(query);
    await this.books.freshness.upToNow('read-model');
    const result = await askProject(this.books.within(scope), { id, question });
    const hidden = notFound('unknown-project');
    if (result.outcome === 'not-found') return this.books.notWithin(scope, id, hidden);
    this.books.assertVisible(scope, result.project.county, hidden);
    return { answer: result.project, position: result.position, question };
  }
}
