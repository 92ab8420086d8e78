import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsArray, IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import { LIMIT_REFUSALS } from '@fundflow/domain/rules/decide-limit';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import type { Principal } from '@fundflow/identity/principal';
import { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { limitEvents, SettingsLedger } from './set-rule-limit.js';
import { SettingDesk } from './setting-desk.js';
import { SettingAnswer } from './setting-shapes.js';

class LimitBody {
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

/** Limits of the supervision rules, in days. */
@ApiTags('settings')
@Controller('api/v1/settings/limits')
export class LimitsController {
  constructor(
    private readonly desk: SettingDesk,
    private readonly ledger: SettingsLedger,
  ) {}

  @Post()
  @HttpCode(201)
  @May('manage-settings')
  @ApiOperation({ summary: '提出监督规则的限期，由另一位管理员批准后生效' })
  @ApiCreatedResponse({ type: SettingAnswer })
  @Fails({ 400: LIMIT_REFUSALS, 403: ['out-of-jurisdiction'], 503: ['not-recorded', 'busy'] })
  async propose(
    @Body() body: LimitBody,
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<SettingAnswer> {
    // Decided now as it will be when it is approved, so that what cannot be set is not proposed.
    const limit = { ...body, limitId: randomUUID(), fundTypes: body.fundTypes ?? null };
    const [{ region, data }] = limitEvents(limit, asker, this.ledger.regions);
    const { rule, fundTypes, limitDays, validFrom, basis } = data;
    return this.desk.propose(asker, scope, {
      ...{ setting: 'rule-limit', rule, fundTypes, region, value: String(limitDays) },
      ...{ validFrom, basis },
    });
  }
}
