import type { RegionCode, RegionTable } from '../region.js';

/** From hand-in to posting (contract §3). */
export type SubmissionStatus = 'validating' | 'validated' | 'rejected' | 'posting' | 'posted';

export type RowsChoice = 'all' | 'valid';

/** A person of a unit: pseudonymous id, and the region the unit answers for. */
export interface Officer {
  readonly id: string;
  readonly unit: string;
  readonly region: RegionCode;
}

/** What certification looks at. */
export interface Submission {
  readonly id: string;
  readonly status: SubmissionStatus;
  readonly maker: Officer;
  readonly rows: number;
  /** Rows that would post something. */
  readonly acceptedRows: number;
  readonly errors: number;
}

/** Every reason not to certify, in order of precedence: the first that holds is the answer. */
export type CertificationRefusal =
  | 'same-person'
  | 'out-of-jurisdiction'
  | 'still-validating'
  | 'submission-rejected'
  | 'already-certified'
  | 'errors-stand';

/** At most so many rows are posted in one atomic part (contract §3). */
export const PART_ROWS_MAX = 10_000;

export const partsOf = (rows: number): number => Math.ceil(rows / PART_ROWS_MAX);

/**
 * Whether this officer may certify: never the maker (四眼原则), only for units inside the own jurisdiction, only what is
 * validated and has not been certified, and `all` only without errors.
 *
 * @returns the first refusal that holds, or null.
 */
export function refuseCertification(
  submission: Submission,
  checker: Officer,
  rows: RowsChoice,
  regions: RegionTable,
): CertificationRefusal | null {
  if (submission.maker.id === checker.id) return 'same-person';
  if (!regions.liesInEitherName(submission.maker.region, checker.region)) {
    return 'out-of-jurisdiction';
  }
  switch (submission.status) {
    case 'validating':
      return 'still-validating';
    case 'rejected':
      return 'submission-rejected';
    case 'posting':
    case 'posted':
      return 'already-certified';
    case 'validated':
      return rows === 'all' && submission.errors > 0 ? 'errors-stand' : null;
  }
}
