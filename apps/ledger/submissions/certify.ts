import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type {
  CertificationRefusal,
  Officer,
  RowsChoice,
} from '@fundflow/domain/submission/submission';
import { Problem } from '@fundflow/nest-edge/problem';
import type { SubmissionRecord } from '@fundflow/submissions/staged';
import { SubmissionDesk } from '@fundflow/submissions/submission-desk';
import { SecondCheck } from './second-check.js';
import { ANSWER_WITHIN_MS, within } from './hand-in.js';

/** Certifies a submission as a second pair of eyes, which posts it. */
export class CertifySubmission {
  constructor(
    readonly submission: SubmissionRecord,
    readonly checker: Officer,
    readonly rows: RowsChoice,
  ) {}
}

const REFUSED: Readonly<
  Record<CertificationRefusal, { status: number; title: string; detail: string }>
> = {
  'same-person': {
    status: 403,
    title: '经办人不得复核自己提交的内容',
    detail: '提交人与复核人必须是两个人，请由另一名复核人员审核。',
  },
  'out-of-jurisdiction': {
    status: 403,
    title: '不在管辖范围内',
    detail: '该提交不属于您所在单位的管辖范围。',
  },
  'still-validating': {
    status: 409,
    title: '尚未校验完毕',
    detail: '文件还在读取和校验，请稍后再复核。',
  },
  'submission-rejected': {
    status: 409,
    title: '提交已被退回',
    detail: '该提交已被整体退回，请改正后重新提交。',
  },
  'already-certified': {
    status: 409,
    title: '已经复核过',
    detail: '该提交已经复核，不会重复入账。',
  },
  'errors-stand': {
    status: 409,
    title: '仍有错误行',
    detail: '仍有未改正的错误，不能全部入账；可选择只入账无误的行（rows = valid）。',
  },
};

const refusedWith = (status: number): string[] =>
  Object.entries(REFUSED).flatMap(([code, refused]) => (refused.status === status ? [code] : []));

/** Why a certification may fail, by status. */
export const NOT_CERTIFIED = {
  403: [...refusedWith(403), 'second-checker-needed'],
  404: ['unknown-submission'],
  409: [...refusedWith(409), 'no-longer-fits', 'other-rows-checked'],
  503: ['not-recorded'],
} as const;

/** Posts and answers how it stands: posted, still `validated` when a second checker is needed, or still posting when it takes longer than a moment. */
@CommandHandler(CertifySubmission)
export class CertifySubmissionHandler implements ICommandHandler<
  CertifySubmission,
  SubmissionRecord
> {
  constructor(
    private readonly desk: SubmissionDesk,
    private readonly secondCheck: SecondCheck,
  ) {}

  async execute({ submission, checker, rows }: CertifySubmission): Promise<SubmissionRecord> {
    if ((await this.secondCheck.hold(submission, checker, rows)) === 'first') return submission;
    const result = await this.desk.certify(submission, checker, rows);
    if (result.outcome === 'refused') throw refused(submission, result.refusal);
    const ended = await within(result.done, ANSWER_WITHIN_MS);
    if (ended === null) throw refused(submission, 'already-certified');
    if (ended === 'late') await result.keep();
    const record = ended === 'late' ? await this.desk.find(submission.id) : ended;
    if (!record) throw new Error(`submission ${submission.id} is gone`);
    if (record.status === 'rejected') throw this.#noLongerFits(record);
    return record;
  }

  #noLongerFits(record: SubmissionRecord): Problem {
    return new Problem({
      status: 409,
      code: record.refusal?.code ?? 'no-longer-fits',
      title: '与校验之后新入账的记录不符',
      titleEn: 'No longer fits what was posted since',
      detail: record.refusal?.message ?? '',
      extra: {
        submission: record.id,
        row: record.refusal?.row ?? null,
        part: record.refusal?.part ?? null,
        postedRows: record.postedRows,
        report: `/api/v1/submissions/${record.id}/report`,
      },
    });
  }
}

function refused({ id, errors }: SubmissionRecord, code: CertificationRefusal): Problem {
  const extra = { submission: id, errors };
  return new Problem({ code, ...REFUSED[code], extra });
}
