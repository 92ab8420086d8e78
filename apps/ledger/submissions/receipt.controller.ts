import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import type { Principal } from '@fundflow/identity/principal';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { SubmissionDesk } from '@fundflow/submissions/submission-desk';
import { UUID_PART } from '@fundflow/nest-edge/validation';
import { ReceiptAnswer, receiptOf, type ReceiptParts } from './receipt.js';
import { SubmissionsInSight } from './submissions-in-sight.js';
import { visibleSubmission } from './visible-submission.js';

class ReceiptQuery {
  @ApiProperty({ required: false, description: 'Position behind which the page begins' })
  @IsOptional()
  @Matches(/^\d{1,15}$/, { message: 'after 须为位置' })
  after?: string;
}

/** Where receipts read: the log and the tables of the proof. */
export class ReceiptSource {
  constructor(readonly parts: ReceiptParts) {}
}

/** The receipt of a submission, as soon as it is posted. */
@ApiTags('submissions')
@Controller('api/v1/submissions')
export class ReceiptController {
  constructor(
    readonly desk: SubmissionDesk,
    readonly sight: SubmissionsInSight,
    private readonly source: ReceiptSource,
  ) {}

  @Get(':id/receipt')
  @May('follow-submissions')
  @ApiOperation({ summary: '入账回执：每条记录在透明日志中的序号和叶哈希' })
  @ApiOkResponse({ type: ReceiptAnswer })
  @Fails({ 404: ['unknown-submission'] })
  async receipt(
    @Param('id', UUID_PART) id: string,
    @Query() query: ReceiptQuery,
    @Asker() asker: Principal,
  ): Promise<ReceiptAnswer> {
    const record = await visibleSubmission(this, id, asker);
    return receiptOf(this.source.parts, record, BigInt(query.after ?? '0'));
  }
}
