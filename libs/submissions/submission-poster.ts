import { submissionStream } from '@fundflow/domain/submission/certify';
import { PART_ROWS_MAX, partsOf } from '@fundflow/domain/submission/submission';
import type { PostingResult } from '@fundflow/command-handling/posting-result';
import { PartPosting, type Posted, type PostingParts } from './part-posting.js';
import type { StagedRow, SubmissionRecord } from './staged.js';

interface PartUnderWay {
  readonly number: number;
  readonly rows: readonly StagedRow[];
  readonly result: Promise<PostingResult>;
}

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
    const stream = submissionStream(record.id);
    const partCount = Math.max(1, partsOf(record.acceptedRows));
    // Version 1 is the certification, then one event a part.
    const version = (await this.parts.store.streamVersions([stream])).get(stream) ?? 0;
    const done = Math.max(0, version - 1);
    if (record.acceptedRows === 0) return this.#countPart(record, 1, null, true);
    let number = record.postedParts;
    // One part is decided while the one before is appended; it cannot be posted unless that one was.
    let ahead: PartUnderWay | null = null;
    for await (const rows of this.#readParts(record.id, record.postedParts)) {
      number += 1;
      const result: Promise<PostingResult> =
        number <= done
          ? this.#part.postedBefore(record, number, rows)
          : this.#part.postAsStaged(record, number, rows, ahead?.result ?? null);
      // It is awaited a part later: a failure meanwhile must not go unhandled.
      result.catch(() => undefined);
      if (ahead && !(await this.#finishPart(record, ahead, partCount))) return;
      ahead = { number, rows, result };
    }
    if (ahead) await this.#finishPart(record, ahead, partCount);
  }

  /** Payees into the vault, then the count; false when the posting ends here. */
  async #finishPart(
    record: SubmissionRecord,
    { number, rows, result }: PartUnderWay,
    partCount: number,
  ): Promise<boolean> {
    const posted = await result;
    if (posted.outcome === 'posted-elsewhere') return false;
    if (posted.outcome === 'refused') {
      await this.#part.stop(record, number, rows, posted.refusals);
      return false;
    }
    await this.#part.keepPayees(rows, posted.postedIndexes);
    await this.#countPart(record, number, posted, number === partCount);
    return true;
  }

  /** Staged rows in parts of at most PART_ROWS_MAX, behind the first `skip` parts. */
  async *#readParts(id: string, skip: number): AsyncGenerator<StagedRow[]> {
    let part: StagedRow[] = [];
    let toSkip = skip * PART_ROWS_MAX;
    for (let block = 0; ; block += 1) {
      const rows = await this.parts.staging.readBlock(id, block);
      if (rows === null) break;
      const kept = rows.slice(Math.min(toSkip, rows.length));
      toSkip -= rows.length - kept.length;
      for (const row of kept) {
        part.push(row);
        if (part.length < PART_ROWS_MAX) continue;
        yield part;
        part = [];
      }
    }
    if (part.length > 0) yield part;
  }

  #countPart(
    record: SubmissionRecord,
    part: number,
    posted: Posted | null,
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
