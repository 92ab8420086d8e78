import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { isDay } from '@fundflow/domain/calendar';
import { parseRegion } from '@fundflow/domain/region';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import { badRegion, outOfJurisdiction } from '@fundflow/identity/refusals';
import { Scope } from '@fundflow/identity/scope';
import { Within } from '@fundflow/identity/http/within';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { badValue } from '@fundflow/nest-edge/validation';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import { SecondChecks } from '@fundflow/submissions/postgres/second-checks';
import { LimitAnswer } from './limits.controller.js';

export class SecondCheckerBody {
  @ApiProperty({ example: '450000' }) @IsString() @MaxLength(12) region: string;

  @ApiProperty({ type: String, nullable: true, required: false, description: '分；空为不设' })
  @IsOptional()
  @Matches(/^[1-9]\d{0,17}$/, { message: '须为正整数（分）' })
  fromFen?: string | null;

  @ApiProperty({ description: 'YYYY-MM-DD' }) @IsString() @MaxLength(10) validFrom: string;
  @ApiProperty({ description: '依据' }) @IsString() @Length(1, 500) basis: string;
}

/** From which amount on a submission needs two checkers: dated, for a jurisdiction, recorded in the log. */
@ApiTags('settings')
@Controller('api/v1/settings/second-checker')
export class SecondCheckerController {
  constructor(
    private readonly checks: SecondChecks,
    private readonly oversight: OversightLog,
  ) {}

  @Post()
  @HttpCode(201)
  @May('manage-settings')
  @ApiOperation({ summary: '设置须双人复核的金额' })
  @ApiCreatedResponse({ type: LimitAnswer })
  @Fails({ 403: ['out-of-jurisdiction'], 503: ['not-recorded'] })
  async set(
    @Body() body: SecondCheckerBody,
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<LimitAnswer> {
    const { validFrom, basis } = body;
    const region = parseRegion(body.region);
    if (region === null) throw badRegion();
    if (!scope.covers(region)) throw outOfJurisdiction(region);
    if (!isDay(validFrom)) {
      throw badValue([{ field: 'validFrom', rule: 'day', message: '不是存在的日期' }]);
    }
    const thresholdFen = body.fromFen ?? null;
    const setting = { setting: 'second-checker-from-fen', appliesTo: region };
    const { position } = await recordedFirst(
      this.oversight.record(officerOf(asker), {
        type: 'SettingChanged',
        data: { ...setting, value: thresholdFen ?? 'none', validFrom, basis },
      }),
    );
    await this.checks.setThreshold(position, { region, validFrom, thresholdFen });
    return { position: Number(position) };
  }
}
