import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { askProject, type ProjectAnswer } from '@fundflow/queries/projects';
import { AuditBooks } from '../audit-books.js';
import { notFound, timesOf } from '../question-of.js';
import type { TimeQuery } from '../requests.js';

/** A project with its dates and notices. */
export class AskProject {
  constructor(
    readonly id: string,
    readonly query: TimeQuery,
  ) {}
}

@QueryHandler(AskProject)
export class AskProjectHandler implements IQueryHandler<AskProject, ProjectAnswer> {
  constructor(private readonly books: AuditBooks) {}

  /** @throws Problem 404 `unknown-project` */
  async execute({ id, query }: AskProject): Promise<ProjectAnswer> {
    const question = timesOf(query);
    await this.books.freshness.upToNow('read-model');
    const result = await askProject(this.books.database, { id, question });
    if (result.outcome === 'not-found') throw notFound('unknown-project', id);
    return result.project;
  }
}
