import type { Principal } from '@fundflow/identity/principal';
import { Problem } from '@fundflow/nest-edge/problem';
import { isSubmissionWithin } from '@fundflow/submissions/postgres/submissions-within';
import type { SubmissionRecord } from '@fundflow/submissions/staged';
import type { SubmissionDesk } from '@fundflow/submissions/submission-desk';
import type { SubmissionsInSight } from './submissions-in-sight.js';

/**
 * A submission of one's own unit or one below.
 *
 * @throws Problem 404 `unknown-submission`: others are not there
 */
export async function visibleSubmission(
  {
    desk,
    sight,
  }: { readonly desk: Pick<SubmissionDesk, 'find'>; readonly sight: SubmissionsInSight },
  id: string,
  asker: Principal,
): Promise<SubmissionRecord> {
  const record = await desk.find(id);
  const isVisible =
    record !== null &&
    (record.maker.id === asker.actorId ||
      sight.scopeOf(asker).covers(record.maker.region, sight.regions)) &&
    (await isSubmissionWithin(sight.of(asker), id));
  if (isVisible) return record;
  const unknown = unknownSubmission(id);
  if (!record) throw unknown;
  throw unknown.denying({ code: 'out-of-jurisdiction', about: record.maker.region });
}

export const unknownSubmission = (id: string): Problem =>
  new Problem({
    status: 404,
    code: 'unknown-submission',
    title: '没有这份提交',
    titleEn: 'No such submission',
    detail: `没有编号为 ${id} 的提交，或不在您的管辖范围内。`,
  });
