import type { RegionCode } from '@fundflow/domain/region';
import { submissionStream } from '@fundflow/domain/submission/certify';
import type { RowsChoice } from '@fundflow/domain/submission/submission';
import { coalesce } from '@fundflow/command-handling/coalesce';
import type { Envelope } from '@fundflow/event-store/envelope';
import { PartPosting, type PostedWhole, type PostingParts } from './part-posting.js';
import type { StagedRow, SubmissionRecord } from '../staged.js';

/** How a posting in one part ended. */
export type WholeResult =
  | { readonly outcome: 'posted' | 'rejected'; readonly record: SubmissionRecord }
  /** Somebody had certified and posted it before; its counts are complete now. */
  | { readonly outcome: 'posted-before' };

/** Of so few rows a posting ends together with its neighbours. */
const SMALL_ROWS_MAX = 100;
const TOGETHER_MAX = 64;

/** A small submission that stands in the log. */
interface PostedSmall {
  /** As it is when its payees are kept. */
  readonly record: SubmissionRecord;
  readonly rows: readonly StagedRow[];
  readonly postedIndexes: readonly number[];
}

/** The log does not say for which region a checker answers. */
const NO_REGION = '' as RegionCode;

/**
 * Posts submissions of one part without a mark before it: that one was certified, and by whom, is in the log or it did
 * not happen. Order: append, payees into the vault, then one statement that counts it and drops what was staged. A crash
 * behind the append is completed from the log, by the next start or by whoever certifies again.
 */
export class WholePoster {
  readonly #part: PartPosting;
  readonly #endSmall: (posted: PostedSmall) => Promise<PromiseSettledResult<unknown>>;

  constructor(private readonly parts: PostingParts) {
    this.#part = new PartPosting(parts);
    this.#endSmall = coalesce((posted) => this.#endAll(posted), TOGETHER_MAX);
  }

  /**
   * @param certified as it stands, with checker, moment and choice
   * @param known its rows where they are at hand; read as far as they are needed where not
   * @throws EventStoreUnavailable, PostingContended: whether it was posted is not known here
   */
  async post(
    certified: SubmissionRecord,
    known: readonly StagedRow[] | null = null,
  ): Promise<WholeResult> {
    if (certified.acceptedRows === 0) {
      const record = finishedRecord(certified, null);
      const isFirst = await this.parts.staging.finishWhole(record);
      return isFirst ? { outcome: 'posted', record } : { outcome: 'posted-before' };
    }
    const asDecided = known === null && (await this.#postAsDecided(certified));
    if (asDecided) return this.#finish(certified, asDecided);
    const rows = known ?? (await this.parts.staging.readRows(certified.id));
    const isSmall = rows.length <= SMALL_ROWS_MAX;
    const result = isSmall
      ? await this.#part.post(certified, 1, rows)
      : await this.#part.postAndKeep(certified, 1, rows);
    switch (result.outcome) {
      case 'posted-elsewhere':
        await this.complete(certified, rows);
        return { outcome: 'posted-before' };
      case 'refused': {
        await this.#part.stop(certified, 1, rows, result.refusals);
        const record = await this.parts.staging.find(certified.id);
        if (!record) throw new Error(`submission ${certified.id} is gone`);
        return { outcome: 'rejected', record };
      }
      case 'posted': {
        if (!isSmall) return this.#finish(certified, result);
        const record = finishedRecord(certified, result);
        const ended = await this.#endSmall({ record, rows, postedIndexes: result.postedIndexes });
        if (ended.status === 'rejected') throw ended.reason;
        return { outcome: 'posted', record };
      }
    }
  }

  /**
   * The payees of all of them, then all of them: two statements, where each on its own would wait for two that many others
   * do not share. What befalls one is its own matter.
   */
  async #endAll(posted: readonly PostedSmall[]): Promise<PromiseSettledResult<unknown>[]> {
    const kept = await Promise.allSettled(
      posted.map(({ rows, postedIndexes }) => this.#part.keepPayees(rows, postedIndexes)),
    );
    return Promise.allSettled(
      posted.map(async ({ record }, at) => {
        const before = kept[at] as PromiseSettledResult<void>;
        if (before.status === 'rejected') throw before.reason;
        return this.parts.staging.finishWhole(record);
      }),
    );
  }

  async #postAsDecided(certified: SubmissionRecord): Promise<PostedWhole | null> {
    const part = await this.parts.staging.wholeAsDecided(certified.id);
    const posted = part && (await this.#part.postBesidePayees(certified, part));
    await posted?.keep();
    return posted;
  }

  async #finish(certified: SubmissionRecord, posted: PostedWhole): Promise<WholeResult> {
    const record = finishedRecord(certified, posted);
    await this.parts.staging.finishWhole(record);
    return { outcome: 'posted', record };
  }

  /** Those of these submissions that the log knows, at most `FIND_MAX` at once. */
  async amongPosted(ids: readonly string[]): Promise<string[]> {
    const versions = await this.parts.store.streamVersions(ids.map(submissionStream));
    return ids.filter((id) => versions.has(submissionStream(id)));
  }

  /** A posting in one part that stands in the log: its payees into the vault, its counts as the log has them. */
  async complete(record: SubmissionRecord, rows: readonly StagedRow[]): Promise<void> {
    const stream = submissionStream(record.id);
    const [begun] = await this.parts.store.readStream(stream, 0, 1);
    if (!begun) throw new Error(`submission ${record.id} does not stand in the log`);
    const { actor, unit, recordedAt, data } = JSON.parse(begun.record) as Envelope;
    const certified: SubmissionRecord = {
      ...record,
      checker:
        record.checker?.id === actor ? record.checker : { id: actor, unit, region: NO_REGION },
      certifiedAt: recordedAt,
      rowsChoice: (data as { rows: RowsChoice }).rows,
    };
    const posted = await this.#part.postedBefore(certified, 1, rows);
    await this.#part.keepPayees(rows, posted.postedIndexes);
    await this.parts.staging.finishWhole(finishedRecord(certified, posted));
  }
}

const finishedRecord = (
  certified: SubmissionRecord,
  posted: PostedWhole | null,
): SubmissionRecord => ({
  ...{ ...certified, status: 'posted', refusal: null, postedParts: 1 },
  postedRows: posted?.postedRows ?? 0,
  firstPosition: posted?.firstPosition ?? null,
  lastPosition: posted?.lastPosition ?? null,
});
