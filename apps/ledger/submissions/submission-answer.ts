import { ApiProperty } from '@nestjs/swagger';
import type {
  ReportEntry,
  SubmissionRecord,
  SubmissionRefusal,
} from '@fundflow/submissions/staged';

/** How far reading or posting is. */
class ProgressAnswer {
  @ApiProperty({ enum: ['reading', 'waiting', 'posting', 'done'] })
  phase: 'reading' | 'waiting' | 'posting' | 'done';
  @ApiProperty({ description: 'Whole percent, 0 to 100' })
  percent: number;
}

/** Written out where it stands: a nullable reference means nothing in OpenAPI 3.0. */
const REFUSAL = {
  type: 'object',
  nullable: true,
  description: 'Why the file was refused as a whole, or its posting stopped',
  required: ['code', 'message', 'row', 'part'],
  properties: {
    code: { type: 'string' },
    message: { type: 'string' },
    row: { type: 'integer', nullable: true },
    part: { type: 'integer', nullable: true },
  },
} as const;

/** A submission as every endpoint answers it (contract §3). Positions are numbers, as in every answer. */
export class SubmissionAnswer {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty({ enum: ['validating', 'validated', 'rejected', 'posting', 'posted'] })
  status: string;
  @ApiProperty({
    ...{ type: String, nullable: true },
    description:
      'What was said, or what a file that is read was found to be; null where it has several',
  })
  kind: string | null;
  @ApiProperty({ type: String, nullable: true }) fileName: string | null;
  @ApiProperty() rows: number;
  @ApiProperty({ description: 'Rows that post something when certified' }) acceptedRows: number;
  @ApiProperty({
    description:
      'Rows identical to what was posted before: found when validated, or when certified',
  })
  alreadyPostedRows: number;
  @ApiProperty() errors: number;
  @ApiProperty() warnings: number;
  @ApiProperty({ description: 'Address of the report' }) report: string;
  @ApiProperty({ type: ProgressAnswer }) progress: ProgressAnswer;
  @ApiProperty({ ...REFUSAL, required: [...REFUSAL.required] }) refusal: SubmissionRefusal | null;
  @ApiProperty({ description: 'Pseudonymous id' }) maker: string;
  @ApiProperty() makerUnit: string;
  @ApiProperty({ type: String, nullable: true }) checker: string | null;
  @ApiProperty() createdAt: string;
  @ApiProperty({ type: String, nullable: true }) certifiedAt: string | null;
  @ApiProperty({ type: String, nullable: true }) handedInSha256: string | null;
  @ApiProperty() postedRows: number;
  @ApiProperty({ type: Number, nullable: true }) firstPosition: number | null;
  @ApiProperty({ type: Number, nullable: true }) lastPosition: number | null;
  @ApiProperty({ description: 'Address of the receipt: index and leaf hash of every record' })
  receipt: string;
}

export class SubmissionsAnswer {
  @ApiProperty({ type: [SubmissionAnswer], description: 'Newest first' })
  submissions: SubmissionAnswer[];
  @ApiProperty({ type: String, nullable: true }) next: string | null;
}

const percentOf = (done: number, all: number): number =>
  all <= 0 ? 100 : Math.min(100, Math.floor((done * 100) / all));

function progressOf(record: SubmissionRecord): ProgressAnswer {
  switch (record.status) {
    case 'validating':
      return { phase: 'reading', percent: percentOf(record.bytesRead, record.bytesTotal) };
    case 'validated':
      return { phase: 'waiting', percent: 100 };
    case 'posting':
      return { phase: 'posting', percent: percentOf(record.postedRows, record.acceptedRows) };
    case 'rejected':
    case 'posted':
      return { phase: 'done', percent: 100 };
  }
}

/** Rows that somebody else posted between the validation and the certification: they were not posted again. */
const postedMeanwhile = ({ status, acceptedRows, postedRows }: SubmissionRecord): number =>
  status === 'posted' ? acceptedRows - postedRows : 0;

export function submissionAnswer(record: SubmissionRecord): SubmissionAnswer {
  return {
    id: record.id,
    status: record.status,
    kind: record.kind,
    fileName: record.fileName,
    rows: record.rows,
    acceptedRows: record.acceptedRows,
    alreadyPostedRows: record.alreadyPostedRows + postedMeanwhile(record),
    errors: record.errors,
    warnings: record.warnings,
    report: `/api/v1/submissions/${record.id}/report`,
    progress: progressOf(record),
    refusal: record.refusal,
    maker: record.maker.id,
    makerUnit: record.maker.unit,
    checker: record.checker?.id ?? null,
    createdAt: record.createdAt,
    certifiedAt: record.certifiedAt,
    handedInSha256: record.handedInSha256,
    postedRows: record.postedRows,
    firstPosition: record.firstPosition === null ? null : Number(record.firstPosition),
    lastPosition: record.lastPosition === null ? null : Number(record.lastPosition),
    receipt: `/api/v1/submissions/${record.id}/receipt`,
  };
}

/** A report line as JSON: the flex columns stand beside the others, under their own names. */
export const reportLine = ({ flex, ...entry }: ReportEntry): Readonly<Record<string, unknown>> => ({
  ...flex,
  ...entry,
});
