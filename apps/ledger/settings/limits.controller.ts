import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsArray, IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import { LIMIT_REFUSALS } from '@fundflow/domain/rules/decide-limit';
import { May } from '@fundflow/identity/http/may';
import { principalOf } from '@fundflow/identity/principal';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { SetRuleLimit } from './set-rule-limit.js';

export class LimitBody {
  @ApiProperty() @IsString() @MaxLength(64) rule: string;
  @ApiProperty() @IsString() @MaxLength(12) region: string;
  @ApiProperty() @IsInt() @Min(0) limitDays: number;
  @ApiProperty({ type: [String], nullable: true, required: false })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  fundTypes?: string[] | null;
  @ApiProperty({ description: 'YYYY-MM-DD' }) @IsString() @MaxLength(10) validFrom: string;
  @ApiProperty({ description: '依据' }) @IsString() @MaxLength(500) basis: string;
}

export class LimitAnswer {
  @ApiProperty({ type: 'integer', description: 'Of the event that records it' }) position: number;
}

/** Limits of the supervision rules: dated, for a jurisdiction, and recorded in the log like everything else. */
@ApiTags('settings')
@Controller('api/v1/settings/limits')
export class LimitsController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @HttpCode(201)
  @May('manage-settings')
  @ApiOperation({ summary: '设置监督规则的限期' })
  @ApiCreatedResponse({ type: LimitAnswer })
  @Fails({ 400: LIMIT_REFUSALS, 403: ['out-of-jurisdiction'], 503: ['busy'] })
  set(@Body() body: LimitBody, @Req() request: EdgeRequest): Promise<LimitAnswer> {
    const limit = { ...body, fundTypes: body.fundTypes ?? null };
    return this.commands.execute(new SetRuleLimit(principalOf(request), limit));
  }
}
