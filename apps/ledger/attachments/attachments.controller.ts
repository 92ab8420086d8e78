import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import type { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import { type Attachment, AttachmentDesk } from './attachment-desk.js';

class AttachmentAnswer implements Attachment {
  @ApiProperty() subjectId: string;
  @ApiProperty({ description: 'Hex' }) sha256: string;
  @ApiProperty({ description: 'Hex' }) sm3: string;
  @ApiProperty({ type: 'integer' }) bytes: number;
  @ApiProperty() mediaType: string;
  @ApiProperty({ type: String, format: 'date-time' }) recordedAt: string;
  @ApiProperty({ description: 'Pseudonymous id' }) actor: string;
  @ApiProperty({ type: 'integer' }) position: number;
}

class AttachmentsAnswer {
  @ApiProperty({ type: [AttachmentAnswer] }) attachments: Attachment[];
}

class SubjectQuery {
  @ApiProperty({ description: 'Id of the record the paper lies beside' })
  @IsString()
  @Length(1, 64)
  subjectId: string;
}

class DigestParam {
  @ApiProperty({ description: 'SHA-256, hex' })
  @Matches(/^[0-9a-f]{64}$/, { message: '须为 64 位小写十六进制摘要' })
  sha256: string;
}

const FORM = {
  schema: {
    type: 'object' as const,
    required: ['subjectId', 'file'],
    properties: {
      subjectId: { type: 'string', maxLength: 64 },
      file: { type: 'string', format: 'binary' },
    },
  },
};
const BYTES = {
  description: 'The file',
  content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
} as const;
const QUESTION = 'GET /api/v1/attachments/:sha256';

/** Papers beside records. */
@ApiTags('attachments')
@Controller('api/v1/attachments')
export class AttachmentsController {
  constructor(
    private readonly desk: AttachmentDesk,
    private readonly oversight: OversightLog,
  ) {}

  @Post()
  @May('attach')
  @ApiOperation({ summary: '为一条记录附上文件（PDF、PNG、JPEG、OFD；摘要记入账本）' })
  @ApiConsumes('multipart/form-data')
  @ApiBody(FORM)
  @ApiCreatedResponse({ type: AttachmentAnswer })
  @Fails({
    400: ['bad-upload', 'field-repeated', 'file-missing'],
    404: ['unknown-record'],
    413: ['file-too-large'],
    415: ['unsupported-attachment'],
    503: ['busy'],
  })
  add(
    @Req() request: EdgeRequest,
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<AttachmentAnswer> {
    return this.desk.add(request, officerOf(asker), scope);
  }

  @Get()
  @May('ask')
  @ApiOperation({ summary: '一条记录的附件' })
  @ApiOkResponse({ type: AttachmentsAnswer })
  @Fails({ 404: ['unknown-record'] })
  async list(
    @Query() { subjectId }: SubjectQuery,
    @Within() scope: Scope,
  ): Promise<AttachmentsAnswer> {
    return { attachments: [...(await this.desk.list(subjectId, scope))] };
  }

  @Get(':sha256')
  @May('ask')
  @ApiOperation({ summary: '下载附件（下载记入账本）' })
  @ApiOkResponse(BYTES)
  @Fails({
    404: ['unknown-record', 'unknown-attachment'],
    409: ['attachment-missing'],
    503: ['not-recorded'],
  })
  async open(
    @Param() { sha256 }: DigestParam,
    @Query() { subjectId }: SubjectQuery,
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Res() reply: EdgeReply,
  ): Promise<void> {
    const { attachment, bytes } = await this.desk.open(subjectId, sha256, scope);
    const about = { question: QUESTION, about: subjectId, format: attachment.mediaType };
    const data = { ...about, rows: null, sha256, caseId: null };
    try {
      await recordedFirst(this.oversight.record(officerOf(asker), { type: 'DataExported', data }));
    } catch (error) {
      bytes.destroy();
      throw error;
    }
    // Never shown by a browser as a page of ours, whatever it holds.
    void reply
      .header('content-type', 'application/octet-stream')
      .header('content-length', attachment.bytes)
      .header('content-disposition', `attachment; filename="${sha256}"`)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
    return reply.send(bytes);
  }
}
