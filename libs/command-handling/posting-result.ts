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
 * @param group its requests, whose answers stand in `results` from `at` on
 * @param ownStream of the job's submission
 */
export function outcomeOf(
  group: {
    readonly requests: readonly AppendRequest[];
    readonly results: readonly AppendResult[];
    readonly at: number;
    readonly postedIndexes: readonly number[];
  },
  ownStream: string,
): PostingResult | null {
  const { requests, results, at, postedIndexes } = group;
  let [isAppended, isRepeated, hasOwn] = [true, false, false];
  let firstPosition: bigint | null = null;
  let lastPosition: bigint | null = null;
  for (let i = 0; i < requests.length; i += 1) {
    const result = results[at + i];
    const isOwn = requests[i]?.streamId === ownStream;
    hasOwn ||= isOwn;
    if (result?.outcome !== 'appended') {
      // Its stream moved, or knows these events among others: whoever wrote them posted this part.
      if (isOwn && result?.outcome !== 'group-refused') return ELSEWHERE;
      isAppended = false;
      continue;
    }
    isRepeated ||= result.repeated;
    const { firstPosition: first, lastPosition: last } = result;
    // A guard has no positions of its own.
    if (first === 0n) continue;
    if (firstPosition === null || first < firstPosition) firstPosition = first;
    if (lastPosition === null || last > lastPosition) lastPosition = last;
  }
  if (!isAppended) return null;
  // Somebody wrote the group before: what was decided now says nothing about what that one posted.
  if (isRepeated) return hasOwn ? ELSEWHERE : null;
  const postedRows = postedIndexes.length;
  return { outcome: 'posted', firstPosition, lastPosition, postedRows, postedIndexes };
}
