import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { CENTRE } from '@fundflow/domain/region';
import { FILE_REFUSALS } from '@fundflow/intake/file-refusal';
import { reportCsv } from '@fundflow/intake/report';
import { May } from '@fundflow/identity/http/may';
import { officerOf, type Principal, principalOf } from '@fundflow/identity/principal';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Problem } from '@fundflow/nest-edge/problem';
import { UUID_PART, validateFields } from '@fundflow/nest-edge/validation';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import type { ReportEntry, SubmissionRecord } from '@fundflow/submissions/staged';
import {
  type SubmissionPlace,
  submissionsWithin,
} from '@fundflow/submissions/postgres/submissions-within';
import { SubmissionDesk } from '@fundflow/submissions/submission-desk';
import { CertifySubmission, NOT_CERTIFIED } from './certify.js';
import { HandIn } from './hand-in.js';
import { CertificationBody, HAND_IN_SCHEMA, HandInBody, PageQuery } from './requests.js';
import { REPORT_RESPONSE, ReportLineAnswer } from './report-answer.js';
import {
  reportLine,
  submissionAnswer,
  SubmissionAnswer,
  SubmissionsAnswer,
} from './submission-answer.js';
import { SubmissionsInSight } from './submissions-in-sight.js';
import { unknownSubmission, visibleSubmission } from './visible-submission.js';

const REPORT_CURSOR = 'report/1';
const LIST_CURSOR = 'submissions/2';
const REPORT_PAGE = 1_000;
const UNKNOWN = { 404: ['unknown-submission'] } as const;

/** Hand in, look at the report, certify (contract §3). */
@ApiTags('submissions')
@Controller('api/v1/submissions')
export class SubmissionsController {
  constructor(
    private readonly commands: CommandBus,
    readonly desk: SubmissionDesk,
    private readonly oversight: OversightLog,
    readonly sight: SubmissionsInSight,
  ) {}

  @Post()
  @May('submit')
  @ApiOperation({ summary: '提交：上传文件（multipart file）或 JSON 行' })
  @ApiConsumes('multipart/form-data', 'application/json')
  @ApiExtraModels(HandInBody)
  @ApiBody({ schema: HAND_IN_SCHEMA })
  @ApiCreatedResponse({ type: SubmissionAnswer })
  @ApiAcceptedResponse({ type: SubmissionAnswer, description: 'Still being read' })
  @Fails({
    400: ['unknown-kind', 'field-repeated', 'file-missing'],
    413: ['file-too-large', 'too-many-rows'],
    422: [...FILE_REFUSALS, 'upload-lost'],
  })
  async handIn(
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<SubmissionAnswer> {
    const body = request.isMultipart() ? null : await validateFields(HandInBody, request.body);
    const record: SubmissionRecord = await this.commands.execute(
      new HandIn(officerOf(principalOf(request)), request, body),
    );
    if (record.status === 'rejected') throw unreadable(record);
    void reply.code(record.status === 'validating' ? 202 : 201);
    void reply.header('location', `/api/v1/submissions/${record.id}`);
    return submissionAnswer(record);
  }

  @Get()
  @May('follow-submissions')
  @ApiOperation({ summary: '本管辖范围内的提交，最新的在前' })
  @ApiOkResponse({ type: SubmissionsAnswer })
  @Fails({ 400: ['bad-cursor'] })
  async list(@Req() request: EdgeRequest, @Query() query: PageQuery): Promise<SubmissionsAnswer> {
    const after = query.cursor ? decodeCursor<SubmissionPlace>(LIST_CURSOR, query.cursor) : null;
    const limit = query.limit ?? 50;
    const asker = principalOf(request);
    const { region: own } = asker;
    const region = own === CENTRE ? '' : own;
    const found = await submissionsWithin(this.sight.of(asker), region, after, limit);
    const last = found[found.length - 1];
    const place = last && { createdAt: last.createdAt, id: last.id };
    const next = found.length === limit && place ? encodeCursor(LIST_CURSOR, place) : null;
    return { submissions: found.map(submissionAnswer), next };
  }

  @Get(':id')
  @May('follow-submissions')
  @ApiOperation({ summary: '一份提交的状态和进度' })
  @ApiOkResponse({ type: SubmissionAnswer })
  @Fails(UNKNOWN)
  async show(
    @Param('id', UUID_PART) id: string,
    @Req() request: EdgeRequest,
  ): Promise<SubmissionAnswer> {
    return submissionAnswer(await visibleSubmission(this, id, principalOf(request)));
  }

  @Get(':id/report')
  @May('follow-submissions')
  @ApiOperation({ summary: '校验报告：JSON，或以 Accept: text/csv 取 CSV' })
  @ApiExtraModels(ReportLineAnswer)
  @ApiOkResponse(REPORT_RESPONSE)
  @Fails({ ...UNKNOWN, 400: ['bad-cursor'], 503: ['not-recorded'] })
  async report(
    @Param('id', UUID_PART) id: string,
    @Req() request: EdgeRequest,
    @Headers('accept') accept: string | undefined,
    @Query() query: PageQuery,
    @Res() reply: EdgeReply,
  ): Promise<void> {
    await visibleSubmission(this, id, principalOf(request));
    if (accept?.includes('text/csv')) {
      await this.#recordExport(principalOf(request), id);
      void reply
        .header('content-type', 'text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="report-${id}.csv"`);
      const flexColumns = await this.desk.flexColumns(id);
      await reply.send(Readable.from(reportCsv(this.#entries(id), flexColumns)));
      return;
    }
    const after = query.cursor ? decodeCursor<number>(REPORT_CURSOR, query.cursor) : -1;
    const limit = query.limit ?? 100;
    const found = await this.desk.report(id, after, limit);
    const last = found[found.length - 1];
    const next = found.length === limit && last ? encodeCursor(REPORT_CURSOR, last.seq) : null;
    await reply.send({ entries: found.map(({ entry }) => reportLine(entry)), next });
  }

  @Post(':id/certification')
  @HttpCode(200)
  @May('certify')
  @ApiOperation({ summary: '复核并入账（须由提交人以外的另一人）' })
  @ApiOkResponse({ type: SubmissionAnswer })
  @ApiAcceptedResponse({ type: SubmissionAnswer, description: 'Still posting' })
  @Fails(NOT_CERTIFIED)
  async certify(
    @Param('id', UUID_PART) id: string,
    @Body() body: CertificationBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<SubmissionAnswer> {
    const submission = await this.desk.find(id);
    if (!submission) throw unknownSubmission(id);
    const record: SubmissionRecord = await this.commands.execute(
      new CertifySubmission(submission, officerOf(principalOf(request)), body.rows),
    );
    if (record.status !== 'posted') void reply.code(202);
    return submissionAnswer(record);
  }

  /** Reports repeat what was handed in, so one that leaves as a file is recorded first. */
  async #recordExport(asker: Principal, id: string): Promise<void> {
    const question = 'GET /api/v1/submissions/:id/report';
    const file = { format: 'csv', rows: null, sha256: null, caseId: null } as const;
    await recordedFirst(
      this.oversight.record(officerOf(asker), {
        type: 'DataExported',
        data: { question, about: id, ...file },
      }),
    );
  }

  async *#entries(id: string): AsyncGenerator<ReportEntry> {
    for (let after = -1; ;) {
      const page = await this.desk.report(id, after, REPORT_PAGE);
      for (const { entry } of page) yield entry;
      const last = page[page.length - 1];
      if (!last || page.length < REPORT_PAGE) return;
      after = last.seq;
    }
  }
}

/** A file that cannot be read: the reason with its row, and where the submission can be looked up. */
function unreadable(record: SubmissionRecord): Problem {
  const { refusal } = record;
  return new Problem({
    status: 422,
    code: refusal?.code ?? 'unreadable',
    title: '文件无法读取',
    titleEn: 'The file cannot be read',
    detail: refusal?.message ?? '',
    extra: { row: refusal?.row ?? null, submission: record.id, submissionStatus: record.status },
  });
}
