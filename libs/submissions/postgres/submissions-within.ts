import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { SubmissionRecord } from '../staged.js';
import { recordOf, type SubmissionTuple } from './submission-tuple.js';

const LIST = `
  SELECT * FROM submissions WHERE starts_with(maker_region, $1)
    AND ($2::timestamptz IS NULL
      OR (created_at <= $2 AND (created_at < $2 OR id > $3::uuid)))
  ORDER BY created_at DESC, id LIMIT $4`;

/** Where a page ended: several may be handed in within one millisecond. */
export type SubmissionPlace = Readonly<Pick<SubmissionRecord, 'createdAt' | 'id'>>;

/** Newest first, of makers inside `region` (an unpadded prefix; empty for everywhere), as far as they are within. */
export async function submissionsWithin(
  reads: ScopedReads,
  region: string,
  after: SubmissionPlace | null,
  limit: number,
): Promise<SubmissionRecord[]> {
  const place = [after?.createdAt ?? null, after?.id ?? null];
  return (await reads.ask<SubmissionTuple>(LIST, [region, ...place, limit])).map(recordOf);
}

/** Whether a submission lies within, as the database holds it. */
export const isSubmissionWithin = async (reads: ScopedReads, id: string): Promise<boolean> =>
  (await reads.ask('SELECT FROM submissions WHERE id = $1', [id])).length > 0;
