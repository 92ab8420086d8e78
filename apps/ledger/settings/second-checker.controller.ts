import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import type { Principal } from '@fundflow/identity/principal';
import { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { dayOf, regionOf } from './named-terms.js';
import { SettingDesk } from './setting-desk.js';
import { NO_THRESHOLD } from './setting-kinds.js';
import { SettingAnswer } from './setting-shapes.js';

class SecondCheckerBody {
  @ApiProperty({ example: '450000' }) @IsString() @MaxLength(12) region: string;

  @ApiProperty({ type: String, nullable: true, required: false, description: '分；空为不设' })
  @IsOptional()
  @Matches(/^[1-9]\d{0,17}$/, { message: '须为正整数（分）' })
  fromFen?: string | null;

  @ApiProperty({ description: 'YYYY-MM-DD' }) @IsString() @MaxLength(10) validFrom: string;
  @ApiProperty({ description: '依据' }) @IsString() @Length(1, 500) basis: string;
}

/** From which amount on a submission needs two checkers. */
@ApiTags('settings')
@Controller('api/v1/settings/second-checker')
export class SecondCheckerController {
  constructor(private readonly desk: SettingDesk) {}

  @Post()
  @HttpCode(201)
  @May('manage-settings')
  @ApiOperation({ summary: '提出须双人复核的金额，由另一位管理员批准后生效' })
  @ApiCreatedResponse({ type: SettingAnswer })
  @Fails({ 403: ['out-of-jurisdiction'], 503: ['not-recorded'] })
  async propose(
    @Body() body: SecondCheckerBody,
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<SettingAnswer> {
    return this.desk.propose(asker, scope, {
      ...{ setting: 'second-checker-from-fen', rule: null, fundTypes: null },
      ...{ region: regionOf(body), value: body.fromFen ?? NO_THRESHOLD },
      ...{ validFrom: dayOf(body), basis: body.basis },
    });
  }
}
