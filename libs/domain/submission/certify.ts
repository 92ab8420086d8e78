import type { LedgerEvent } from '../events.js';
import { type Officer, partsOf, type RowsChoice, type Submission } from './submission.js';

export const submissionStream = (submissionId: string): string => `submission-${submissionId}`;
const submissionKey = (submissionId: string): string => `submission:${submissionId}`;

export interface Certification {
  readonly submission: Submission;
  readonly checker: Officer;
  readonly rows: RowsChoice;
  readonly handedInSha256: string;
}

/** Stands before the rows of the first part: who handed in and who certified is in the log itself. */
export function submissionCertified(certification: Certification): LedgerEvent {
  const { submission, checker, rows, handedInSha256 } = certification;
  return {
    type: 'SubmissionCertified',
    streamId: submissionStream(submission.id),
    key: submissionKey(submission.id),
    index: 0,
    occurredOn: null,
    region: submission.maker.region,
    data: {
      submissionId: submission.id,
      maker: submission.maker.id,
      checker: checker.id,
      rows,
      rowsAccepted: submission.acceptedRows,
      parts: partsOf(submission.acceptedRows),
      handedInSha256,
    },
  };
}

/** Stands behind the rows of each part (from 1): a posting that was cut short resumes behind the last of these. */
export function partPosted(submission: Submission, part: number, rows: number): LedgerEvent {
  return {
    type: 'SubmissionPartPosted',
    streamId: submissionStream(submission.id),
    key: submissionKey(submission.id),
    index: part,
    occurredOn: null,
    region: submission.maker.region,
    data: { submissionId: submission.id, part, rows },
  };
}
