import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { SubmissionRecord } from '../staged.js';
import { recordOf, type SubmissionTuple } from './submission-tuple.js';

const LIST = `
  SELECT * FROM submissions WHERE starts_with(maker_region, $1)
    AND ($2::timestamptz IS NULL OR created_at < $2)
  ORDER BY created_at DESC, id LIMIT $3`;

/** Newest first, of makers inside `region` (an unpadded prefix; empty for everywhere), as far as they are within. */
export async function submissionsWithin(
  reads: ScopedReads,
  region: string,
  before: string | null,
  limit: number,
): Promise<SubmissionRecord[]> {
  return (await reads.ask<SubmissionTuple>(LIST, [region, before, limit])).map(recordOf);
}

/** Whether a submission lies within, as the database holds it. */
export const isSubmissionWithin = async (reads: ScopedReads, id: string): Promise<boolean> =>
  (await reads.ask('SELECT FROM submissions WHERE id = $1', [id])).length > 0;
