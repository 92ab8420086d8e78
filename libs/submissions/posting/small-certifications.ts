import type { CertificationRefusal } from '@fundflow/domain/submission/submission';
import type { PostgresStaging } from '../postgres/postgres-staging.js';
import type { RepeatedWork } from './repeated-work.js';
import type { CertifiedMark, StagedRow, SubmissionRecord } from '../staged.js';
import { WarmRows } from '../staging/warm-rows.js';
import type { WholePoster } from './whole-poster.js';

export type CertificationResult =
  | { readonly outcome: 'refused'; readonly refusal: CertificationRefusal }
  | {
      readonly outcome: 'posting';
      /** How the submission stands when everything is posted or stopped; null: somebody else had certified it. */
      readonly done: Promise<SubmissionRecord | null>;
      /** Makes the certification outlast this process: before it is acknowledged as under way. */
      keep(): Promise<void>;
    };

/**
 * Certifies and posts small submissions in one append. The mark that large ones get first is made only when the append
 * fails, or takes longer than an answer may: until then nothing was acknowledged, and afterwards the log knows.
 */
export class SmallCertifications {
  readonly #warm = new WarmRows();
  /** Being certified here at this moment. */
  readonly #certifying = new Set<string>();

  constructor(
    private readonly parts: {
      readonly staging: PostgresStaging;
      readonly wholePoster: WholePoster;
    },
    private readonly work: RepeatedWork,
  ) {}

  /** Rows just handed in here. */
  keepRows(id: string, rows: readonly StagedRow[]): void {
    this.#warm.keep(id, rows);
  }

  certify(certified: SubmissionRecord, mark: CertifiedMark): CertificationResult {
    const { id } = certified;
    if (this.#certifying.has(id)) return { outcome: 'refused', refusal: 'already-certified' };
    this.#certifying.add(id);
    const done = this.#post(certified)
      .catch((error: unknown) => this.#carryOn(certified, mark, error))
      .finally(() => this.#certifying.delete(id));
    // Whoever does not wait for it has made the mark.
    done.catch(() => undefined);
    const keep = async (): Promise<void> => void (await this.parts.staging.markPosting(mark));
    return { outcome: 'posting', done, keep };
  }

  /** Posts what is marked, or completes what the log has of it already. */
  async resume(record: SubmissionRecord): Promise<void> {
    const isPosted = (await this.amongPosted([record.id])).length > 0;
    if (!isPosted) return void (await this.parts.wholePoster.post(record));
    await this.parts.wholePoster.complete(record, await this.parts.staging.readRows(record.id));
  }

  /** Those of these submissions that the log knows. */
  amongPosted(ids: readonly string[]): Promise<string[]> {
    return this.parts.wholePoster.amongPosted(ids);
  }

  /** Null when it had been certified before. */
  async #post(certified: SubmissionRecord): Promise<SubmissionRecord | null> {
    const { id } = certified;
    const result = await this.parts.wholePoster.post(certified, this.#warm.take(id));
    return result.outcome === 'posted-before' ? null : result.record;
  }

  /** Perhaps it was appended, perhaps not. Marked it is carried to its end; unmarked nothing was acknowledged. */
  async #carryOn(
    certified: SubmissionRecord,
    mark: CertifiedMark,
    error: unknown,
  ): Promise<SubmissionRecord | null> {
    const { id } = certified;
    this.work.onFailure(id, error);
    await this.parts.staging.markPosting(mark);
    // Marked just now, or before by `keep`: unless somebody else ended it meanwhile.
    const record = await this.parts.staging.find(id);
    if (record?.status === 'posting') await this.work.untilDone(id, () => this.resume(certified));
    const ended = await this.parts.staging.find(id);
    return ended?.checker?.id === mark.checker.id ? ended : null;
  }
}
