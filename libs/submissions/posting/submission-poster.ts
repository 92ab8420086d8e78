import { submissionStream } from '@fundflow/domain/submission/certify';
import type { PostingResult } from '@fundflow/command-handling/posting-result';
import {
  PartPosting,
  type Posted,
  type PostedBeside,
  type PostedWhole,
  type PostingParts,
} from './part-posting.js';
import type { StagedRow, SubmissionRecord } from '../staged.js';
import { partsOfBlocks, type StagedPart } from '../staging/staged-parts.js';

/** Its rows, and which of them posted something; null when it was posted as it lay. */
type PartPosted =
  (Posted & { readonly rows: readonly StagedRow[] }) | (PostedBeside & { readonly rows: null });
type PartResult =
  PartPosted | (Exclude<PostingResult, Posted> & { readonly rows: readonly StagedRow[] });

/**
 * Posts what is certified and marked so: in order, in atomic parts, from the part where it stood. Repeating it is inert: the
 * submission's own stream tells which parts are posted.
 *
 * Order within a part: append, then the payees into the vault, then the count. A crash in between leaves the submission
 * `posting` with its staged rows, and the next start completes it.
 */
export class SubmissionPoster {
  readonly #part: PartPosting;

  constructor(private readonly parts: PostingParts) {
    this.#part = new PartPosting(parts);
  }

  /** @throws EventStoreUnavailable, PostingContended: still `posting`, repeat later. */
  async post(record: SubmissionRecord): Promise<void> {
    if (record.acceptedRows === 0) return this.#countPart(record, 1, null, true);
    const stream = submissionStream(record.id);
    // Version 1 is the certification, then one event a part.
    const version = (await this.parts.store.streamVersions([stream])).get(stream) ?? 0;
    const done = Math.max(0, version - 1);
    const parts = partsOfBlocks(await this.parts.staging.blocks(record.id));
    // Behind the append of one part its payees are kept and it is counted, while the next part is appended.
    let keeping: Promise<void> = Promise.resolve();
    try {
      for (const part of parts.slice(record.postedParts)) {
        const posted = await this.#postPart(record, part, part.number <= done);
        await keeping.catch(async (error: unknown) => {
          // Its payees hold a session open. They are put when the submission is taken up again.
          if (posted.outcome === 'posted' && !posted.rows) await posted.drop();
          throw error;
        });
        if (posted.outcome === 'posted-elsewhere') return;
        if (posted.outcome === 'refused') {
          return await this.#part.stop(record, part.number, posted.rows, posted.refusals);
        }
        keeping = this.#finishPart(record, part, posted, part.number === parts.length);
        // It is awaited a part later: a failure meanwhile must not go unhandled.
        keeping.catch(() => undefined);
      }
    } finally {
      await keeping;
    }
  }

  async #postPart(
    record: SubmissionRecord,
    part: StagedPart,
    isDone: boolean,
  ): Promise<PartResult> {
    const asDecided = isDone ? null : await this.#part.postBesidePayees(record, part);
    if (asDecided) return { ...asDecided, rows: null };
    const rows = await this.parts.staging.readPart(record.id, part);
    const result = isDone
      ? await this.#part.postedBefore(record, part.number, rows)
      : await this.#part.post(record, part.number, rows);
    return { ...result, rows };
  }

  /** Payees into the vault, then the count. */
  async #finishPart(
    record: SubmissionRecord,
    part: StagedPart,
    posted: PartPosted,
    isLast: boolean,
  ): Promise<void> {
    if (posted.rows) await this.#part.keepPayees(posted.rows, posted.postedIndexes);
    else await posted.keep();
    await this.#countPart(record, part.number, posted, isLast);
  }

  #countPart(
    record: SubmissionRecord,
    part: number,
    posted: PostedWhole | null,
    last: boolean,
  ): Promise<void> {
    return this.parts.staging.markPosted({
      id: record.id,
      part,
      rows: posted?.postedRows ?? 0,
      firstPosition: posted?.firstPosition ?? null,
      lastPosition: posted?.lastPosition ?? null,
      last,
    });
  }
}
