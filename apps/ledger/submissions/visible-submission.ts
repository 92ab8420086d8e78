import { liesIn } from '@fundflow/domain/region';
import type { Principal } from '@fundflow/identity/principal';
import { Problem } from '@fundflow/nest-edge/problem';
import type { SubmissionRecord } from '@fundflow/submissions/staged';
import type { SubmissionDesk } from '@fundflow/submissions/submission-desk';

/**
 * A submission of one's own unit or one below.
 *
 * @throws Problem 404 `unknown-submission`: others are not there
 */
export async function visibleSubmission(
  desk: Pick<SubmissionDesk, 'find'>,
  id: string,
  asker: Principal,
): Promise<SubmissionRecord> {
  const record = await desk.find(id);
  const visible =
    record && (record.maker.id === asker.actorId || liesIn(record.maker.region, asker.region));
  if (visible) return record;
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
