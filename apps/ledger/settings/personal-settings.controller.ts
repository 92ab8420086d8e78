import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Length, Max, MaxLength, Min } from 'class-validator';
import {
  PERSONAL_SETTING_NAMES,
  PERSONAL_SETTINGS,
  type PersonalSetting,
} from '@fundflow/domain/oversight/personal-settings';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import type { Principal } from '@fundflow/identity/principal';
import { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { badValue } from '@fundflow/nest-edge/validation';
import { dayOf, regionOf } from './named-terms.js';
import { SettingDesk } from './setting-desk.js';
import { SettingAnswer } from './setting-shapes.js';

class PersonalSettingBody {
  @ApiProperty({ enum: PERSONAL_SETTING_NAMES, example: 'unmask-per-day' })
  @IsIn(PERSONAL_SETTING_NAMES)
  setting: PersonalSetting;

  @ApiProperty({ example: '450000' }) @IsString() @MaxLength(12) region: string;
  @ApiProperty({ type: 'integer', example: 30 }) @IsInt() @Min(0) @Max(10_000) value: number;
  @ApiProperty({ format: 'date', description: 'YYYY-MM-DD' })
  @IsString()
  @MaxLength(10)
  validFrom: string;

  @ApiProperty({ description: '依据' }) @IsString() @Length(1, 500) basis: string;
}

/** How often persons may be looked at, and how long they are kept. */
@ApiTags('settings')
@Controller('api/v1/settings/personal-data')
export class PersonalSettingsController {
  constructor(private readonly desk: SettingDesk) {}

  @Post()
  @HttpCode(201)
  @May('manage-settings')
  @ApiOperation({ summary: '提出变更个人信息设置，由另一位管理员批准后生效' })
  @ApiCreatedResponse({ type: SettingAnswer })
  @Fails({ 403: ['out-of-jurisdiction'], 503: ['not-recorded'] })
  async propose(
    @Body() body: PersonalSettingBody,
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<SettingAnswer> {
    const { setting, value, basis } = body;
    const region = regionOf(body);
    const { min, max } = PERSONAL_SETTINGS[setting];
    if (value < min || value > max) {
      throw badValue([{ field: 'value', rule: 'range', message: `须为 ${min} 至 ${max}` }]);
    }
    return this.desk.propose(asker, scope, {
      ...{ setting, rule: null, fundTypes: null, region, value: String(value) },
      ...{ validFrom: dayOf(body), basis },
    });
  }
}
