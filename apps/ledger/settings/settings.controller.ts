import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  PERSONAL_SETTING_NAMES,
  PERSONAL_SETTINGS,
} from '@fundflow/domain/oversight/personal-settings';
import { RULES } from '@fundflow/domain/rules/registry';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import type { Principal } from '@fundflow/identity/principal';
import { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { UUID_PART } from '@fundflow/nest-edge/validation';
import { SettingDesk } from './setting-desk.js';
import { NO_THRESHOLD } from './setting-kinds.js';
import { SettingAnswer, type SettingDefault, SettingsAnswer } from './setting-shapes.js';

/** Every dated setting of a jurisdiction: what counts by itself, what was proposed, what was approved. */
@ApiTags('settings')
@May('manage-settings')
@Controller('api/v1/settings')
export class SettingsController {
  constructor(private readonly desk: SettingDesk) {}

  @Get()
  @ApiOperation({ summary: '设置：缺省值及依据，已提出和已批准的变更' })
  @ApiOkResponse({ type: SettingsAnswer })
  async list(@Asker() asker: Principal): Promise<SettingsAnswer> {
    return { defaults: DEFAULTS, settings: await this.desk.list(asker) };
  }

  /** First match wins, in the order of the problems below. */
  @Post(':id/approval')
  @HttpCode(200)
  @ApiOperation({ summary: '批准设置变更（须由提出人以外的另一位管理员）' })
  @ApiOkResponse({ type: SettingAnswer })
  @Fails({
    404: ['unknown-proposal'],
    403: ['out-of-jurisdiction', 'second-person-needed'],
    409: ['already-decided', 'proposal-lapsed'],
    503: ['not-recorded', 'busy'],
  })
  approve(
    @Param('id', UUID_PART) id: string,
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<SettingAnswer> {
    return this.desk.approve(asker, scope, id);
  }
}

const DEFAULTS: readonly SettingDefault[] = [
  ...PERSONAL_SETTING_NAMES.map((setting): SettingDefault => {
    const { otherwise, name, source } = PERSONAL_SETTINGS[setting];
    return { setting, rule: null, fundTypes: null, value: String(otherwise), name, source };
  }),
  ...RULES.flatMap(({ id, title, legalBasis, defaultLimits }) =>
    (defaultLimits ?? []).map(({ fundTypes, limitDays }): SettingDefault => ({
      ...{ setting: 'rule-limit', rule: id, fundTypes, value: String(limitDays) },
      ...{ name: title, source: legalBasis },
    })),
  ),
  {
    ...{ setting: 'second-checker-from-fen', rule: null, fundTypes: null, value: NO_THRESHOLD },
    ...{ name: '须双人复核的金额（分）', source: '系统缺省值：不设，由各级财政部门规定' },
  },
];
