import {
  type Officer,
  refuseCertification,
  type RowsChoice,
} from '@fundflow/domain/submission/submission';
import type { RegionTable } from '@fundflow/domain/region';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import { Problem } from '@fundflow/nest-edge/problem';
import type { OversightLog } from '@fundflow/oversight/oversight-log';
import { questionOf } from '@fundflow/queries/question';
import type { SecondChecks } from '@fundflow/submissions/postgres/second-checks';
import type { SubmissionRecord } from '@fundflow/submissions/staged';

/**
 * A second checker where the amount asks for one: two different persons, neither of them the maker, agree to the same
 * rows. The first agreement is recorded and posts nothing; the second posts.
 */
export class SecondCheck {
  constructor(
    private readonly parts: {
      readonly checks: SecondChecks;
      readonly oversight: Pick<OversightLog, 'record'>;
      readonly regions: RegionTable;
      readonly now: () => number;
    },
  ) {}

  /**
   * @returns `first` when this was the first of two and nothing may be posted yet, else `go-on`: what certification
   * itself refuses is its own matter
   * @throws Problem 403 `second-checker-needed` for the first checker, 409 `other-rows-checked`
   */
  async hold(record: SubmissionRecord, by: Officer, rows: RowsChoice): Promise<'first' | 'go-on'> {
    const { checks, regions, now } = this.parts;
    const today = questionOf({ asOf: null, knownAt: null, now: now() }).asOf;
    const thresholdFen = await checks.thresholdFen(record.maker.region, today);
    if (thresholdFen === null) return 'go-on';
    if (refuseCertification(record, by, rows, regions) !== null) return 'go-on';
    const amountFen = await checks.amountFen(record);
    if (amountFen < thresholdFen) return 'go-on';
    const first = await checks.firstOf(record.id);
    if (first === null) {
      await this.#recordFirst(record, by, { rows, amountFen, thresholdFen });
      if (await checks.checkFirst(record, { checkerId: by.id, rows })) return 'first';
      return this.hold(record, by, rows);
    }
    if (first.checkerId === by.id) throw secondCheckerNeeded(record.id);
    if (first.rows !== rows) throw otherRows(record.id, first.rows);
    await checks.checkSecond(record.id, by.id);
    return 'go-on';
  }

  async #recordFirst(
    record: SubmissionRecord,
    by: Officer,
    about: { rows: RowsChoice; amountFen: bigint; thresholdFen: bigint },
  ): Promise<void> {
    const { rows, amountFen, thresholdFen } = about;
    await recordedFirst(
      this.parts.oversight.record(by, {
        type: 'SubmissionCheckedFirst',
        data: {
          ...{ submissionId: record.id, maker: record.maker.id, rows },
          ...{ amount: amountFen.toString(), threshold: thresholdFen.toString() },
        },
        key: `first-check:${record.id}:${by.id}`,
      }),
    );
  }
}

const secondCheckerNeeded = (submission: string): Problem =>
  new Problem({
    status: 403,
    code: 'second-checker-needed',
    title: '须由第二名复核人员复核',
    titleEn: 'A second checker is needed',
    detail: '金额达到双人复核标准，您已完成第一次复核，请由另一名复核人员再次复核。',
    extra: { submission },
  });

const otherRows = (submission: string, rows: RowsChoice): Problem =>
  new Problem({
    status: 409,
    code: 'other-rows-checked',
    title: '与第一次复核的范围不同',
    titleEn: 'The first checker chose other rows',
    detail: `第一次复核选择的是 rows = ${rows}，两次复核须一致。`,
    extra: { submission },
  });
