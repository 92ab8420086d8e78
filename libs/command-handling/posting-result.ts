import type { Refusal } from '@fundflow/domain/decision';
import type { AppendRequest, AppendResult } from '@fundflow/event-store/event-store';

export type PostingResult =
  | {
      readonly outcome: 'posted';
      /** Null when there was nothing to append. */
      readonly firstPosition: bigint | null;
      readonly lastPosition: bigint | null;
      /** Rows that posted something; identical rows already posted are not among them. */
      readonly postedRows: number;
      readonly postedIndexes: readonly number[];
    }
  | { readonly outcome: 'refused'; readonly refusals: readonly RowRefusal[] }
  /** The submission's own stream has moved, or this very part stands in it: it was posted before. */
  | { readonly outcome: 'posted-elsewhere' };

export interface RowRefusal {
  readonly index: number;
  readonly refusal: Refusal;
}

const ELSEWHERE = { outcome: 'posted-elsewhere' } as const;

/**
 * What the answers to the group of one job come to; null: a conflict, decide again.
 *
 * @param ownStream of the job's submission
 */
export function outcomeOf(
  {
    requests,
    answers,
    postedIndexes,
  }: {
    readonly requests: readonly AppendRequest[];
    readonly answers: readonly AppendResult[];
    readonly postedIndexes: readonly number[];
  },
  ownStream: string,
): PostingResult | null {
  const hasOwn = requests.some(({ streamId }) => streamId === ownStream);
  const appended = answers.filter((result) => result.outcome === 'appended');
  if (appended.length === answers.length) {
    // Somebody wrote the group before: what was decided now says nothing about what that one posted.
    if (appended.some((result) => result.repeated)) return hasOwn ? ELSEWHERE : null;
    // A guard has no positions of its own.
    const written = appended.filter((result) => result.firstPosition > 0n);
    const firsts = written.map((result) => result.firstPosition);
    const lasts = written.map((result) => result.lastPosition);
    return {
      outcome: 'posted',
      firstPosition: firsts.reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null),
      lastPosition: lasts.reduce<bigint | null>((a, b) => (a === null || b > a ? b : a), null),
      postedRows: postedIndexes.length,
      postedIndexes,
    };
  }
  // Its stream moved, or knows these events among others: whoever wrote them posted this part.
  const own = answers.find(
    ({ outcome }, index) =>
      requests[index]?.streamId === ownStream &&
      (outcome === 'conflict' || outcome === 'id-reused'),
  );
  return own ? ELSEWHERE : null;
}
