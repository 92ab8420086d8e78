import type { EventHead } from '../holding/events.js';

/** Who handed in, who certified, what: the four-eyes rule stands in the log itself. Stream: `submission-<id>`. */
export type SubmissionEvent = SubmissionCertified | SubmissionPartPosted;

/** First event of a posting, in the same atomic append as part 1. Key `submission:<id>`, index 0. */
export interface SubmissionCertified extends EventHead<'SubmissionCertified'> {
  readonly data: {
    readonly submissionId: string;
    /** Pseudonymous ids. */
    readonly maker: string;
    readonly checker: string;
    readonly rows: 'all' | 'valid';
    readonly rowsAccepted: number;
    readonly parts: number;
    /** SHA-256 (hex) over what was handed in, so that the file an office keeps can be matched. */
    readonly handedInSha256: string;
  };
}

/** Last event of each part's atomic append. Key `submission:<id>`, index = part number from 1. */
export interface SubmissionPartPosted extends EventHead<'SubmissionPartPosted'> {
  readonly data: { readonly submissionId: string; readonly part: number; readonly rows: number };
}
