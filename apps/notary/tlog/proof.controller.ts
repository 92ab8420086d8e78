import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import { outOfJurisdiction } from '@fundflow/identity/refusals';
import type { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeReply } from '@fundflow/nest-edge/edge-request';
import { Problem } from '@fundflow/nest-edge/problem';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import { proveEvent } from './event-proof.js';
import { handInCosignatures, type HandInRefusal } from './hand-in-cosignatures.js';
import { LogShelf } from './log-shelf.js';
import { proofStatus, ProofStatusAnswer } from './proof-status.js';

/** Characters of a note that is handed in; a note of 60 witnesses has about 10,000. */
const NOTE_CHARS_MAX = 100_000;
const RETRY_AFTER_SEC = '5';

class LogQuery {
  @ApiProperty({ required: false, description: 'fund-plan (SHA-256) or fund-plan-sm3' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  log?: string;
}

class PositionParam {
  @ApiProperty({ description: 'Position of the record in the log, from 1' })
  @Matches(/^[1-9][0-9]{0,14}$/, { message: '位置须为正整数' })
  position: string;
}

class CosignedNoteBody {
  @ApiProperty({ description: 'A signed checkpoint with cosignatures, as a C2SP signed note' })
  @IsString()
  @MaxLength(NOTE_CHARS_MAX)
  note: string;
}

/** What was taken of a note with cosignatures. */
class HandedInAnswer {
  @ApiProperty() log: string;
  @ApiProperty({ description: 'Records of the checkpoint' }) size: number;
  @ApiProperty({ type: [String] }) witnesses: string[];
  @ApiProperty({ description: 'Whether the quorum of the policy is met now' }) witnessed: boolean;
}

const PROOF = {
  description: 'A C2SP tlog-proof',
  content: { 'text/plain': { schema: { type: 'string' } } },
} as const;

const HAND_IN_FAILS = {
  400: ['bad-note'],
  403: ['out-of-jurisdiction'],
  404: ['no-such-log'],
  409: ['another-history'],
  422: ['foreign-checkpoint', 'bad-cosignature', 'no-cosignature'],
};

/** Proofs of single records, and how the log stands. */
@ApiTags('proof')
@Controller('api/v1')
export class ProofController {
  constructor(private readonly shelf: LogShelf) {}

  @Get('proof')
  @May('ask')
  @ApiOperation({ summary: '透明日志的现状：检查点、见证人、验证策略' })
  @ApiOkResponse({ type: ProofStatusAnswer })
  status(): Promise<ProofStatusAnswer> {
    return proofStatus(this.shelf);
  }

  @Get('events/:position/proof')
  @May('ask')
  @ApiOperation({ summary: '一条记录的存在证明（C2SP tlog-proof），见证之后才有' })
  @ApiOkResponse(PROOF)
  @Fails({ 404: ['no-such-log', 'unknown-position'], 409: ['not-witnessed'] })
  async proof(
    @Param() { position }: PositionParam,
    @Query() query: LogQuery,
    @Res() reply: EdgeReply,
  ): Promise<void> {
    const log = this.shelf.log(query.log ?? LOG_NAME);
    const index = Number(position) - 1;
    if (!(await log.has(index))) throw unknownPosition(position);
    const proof = await proveEvent(log, index, await log.policy());
    if (proof.outcome === 'not-witnessed') throw notWitnessed(position, proof.size);
    void reply
      .header('content-type', 'text/plain; charset=utf-8')
      .header('content-disposition', `attachment; filename="${position}.tlog-proof"`);
    return reply.send(proof.text);
  }

  @Post('proof/checkpoints')
  @HttpCode(200)
  @May('mirror-log')
  @ApiOperation({ summary: '交入离线见证人的联署（整份检查点）' })
  @ApiOkResponse({ type: HandedInAnswer })
  @Fails(HAND_IN_FAILS)
  async handIn(
    @Body() { note }: CosignedNoteBody,
    @Query() query: LogQuery,
    @Within() scope: Scope,
  ): Promise<HandedInAnswer> {
    if (!scope.isEverything) throw outOfJurisdiction();
    const log = this.shelf.log(query.log ?? LOG_NAME);
    const result = await handInCosignatures(log, note, await log.policy());
    if (result.outcome === 'refused') throw refused(result.refusal);
    const { size, witnesses, witnessed } = result;
    return { log: log.name, size, witnesses: [...witnesses], witnessed };
  }
}

const unknownPosition = (position: string): Problem =>
  new Problem({
    status: 404,
    code: 'unknown-position',
    title: '没有这条记录',
    titleEn: 'No such record',
    detail: `账本还没有位置 ${position} 的记录。`,
  });

const notWitnessed = (position: string, witnessedSize: number): Problem =>
  new Problem({
    status: 409,
    code: 'not-witnessed',
    title: '尚未见证',
    titleEn: 'Not witnessed yet',
    detail: `位置 ${position} 的记录已入账，但还没有达到见证要求的检查点包含它，请稍后再取。`,
    extra: { witnessedSize },
    headers: { 'retry-after': RETRY_AFTER_SEC },
  });

const REFUSED: Readonly<Record<HandInRefusal, { status: number; detail: string }>> = {
  'bad-note': { status: 400, detail: '内容不是签名的检查点（C2SP signed-note）。' },
  'foreign-checkpoint': { status: 422, detail: '该检查点不是由本日志的密钥签署的。' },
  'bad-cosignature': { status: 422, detail: '其中有见证人的联署不成立，整份不予接受。' },
  'no-cosignature': { status: 422, detail: '其中没有验证策略所列见证人的联署。' },
  'another-history': {
    status: 409,
    detail: '该检查点由本日志的密钥签署，却与现有账本不一致：存在两份历史，请立即核查。',
  },
};

function refused(refusal: HandInRefusal): Problem {
  const { status, detail } = REFUSED[refusal];
  const title = '联署未被接受';
  return new Problem({ status, code: refusal, title, titleEn: 'Cosignatures refused', detail });
}
