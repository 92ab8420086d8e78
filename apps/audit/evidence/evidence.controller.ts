import { Body, Controller, HttpCode, Post, Res, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Asker } from '@fundflow/identity/http/asker';
import { CostlyQuestions } from '@fundflow/identity/http/costly-questions';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import type { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeReply } from '@fundflow/nest-edge/edge-request';
import { EvidenceBody } from './evidence-body.js';
import { EvidenceDesk } from './evidence-desk.js';

const ZIP = {
  description: 'An evidence bundle (docs/evidence-bundle.md)',
  content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
} as const;

/** Evidence that stands without us. */
@ApiTags('evidence')
@Controller('api/v1/evidence')
export class EvidenceController {
  constructor(private readonly desk: EvidenceDesk) {}

  @Post()
  @May('ask')
  @UseInterceptors(CostlyQuestions)
  @HttpCode(200)
  @ApiOperation({ summary: '导出证据包：记录原文、存在证明、检查点、可打印的报告和离线核验页' })
  @ApiOkResponse(ZIP)
  @Fails({
    400: ['unknown-rule', 'bad-cursor'],
    403: ['out-of-jurisdiction'],
    404: ['unknown-region', 'unknown-record', 'unknown-alert', 'no-records'],
    409: ['not-witnessed', 'attachment-missing'],
    413: ['evidence-too-large'],
    429: ['too-many-questions'],
    503: ['not-up-to-date', 'not-recorded'],
  })
  async make(
    @Body() body: EvidenceBody,
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Res() reply: EdgeReply,
  ): Promise<void> {
    const { fileName, zip } = await this.desk.make(body, officerOf(asker), scope);
    void reply
      .header('content-type', 'application/zip')
      .header('content-disposition', `attachment; filename="${fileName}"`)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
    return reply.send(zip);
  }
}
