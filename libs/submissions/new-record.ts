import { randomUUID } from 'node:crypto';
import type { RowKind } from '@fundflow/domain/rows';
import type { Officer } from '@fundflow/domain/submission/submission';
import type { SubmissionRecord } from './staged.js';

/** A submission of which nothing was read yet. */
export function newRecord({
  now,
  ...given
}: {
  readonly maker: Officer;
  readonly kind: RowKind | null;
  readonly fileName: string | null;
  readonly bytesTotal: number;
  /** Epoch milliseconds. */
  readonly now: number;
}): SubmissionRecord {
  return {
    ...given,
    id: randomUUID(),
    createdAt: new Date(now).toISOString(),
    ...{ status: 'validating', bytesRead: 0, handedInSha256: null },
    ...{ rows: 0, acceptedRows: 0, alreadyPostedRows: 0, errors: 0, warnings: 0, refusal: null },
    ...{ checker: null, certifiedAt: null, rowsChoice: null, postedParts: 0, postedRows: 0 },
    ...{ firstPosition: null, lastPosition: null },
  };
}
