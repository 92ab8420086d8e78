import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { isDay } from '@fundflow/domain/calendar';
import {
  PERSONAL_SETTING_NAMES,
  PERSONAL_SETTINGS,
} from '@fundflow/domain/oversight/personal-settings';
import { parseRegion } from '@fundflow/domain/region';
import { Administrators } from '@fundflow/identity/administrators';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import {
  alreadyDecided,
  badRegion,
  outOfJurisdiction,
  secondPersonNeeded,
} from '@fundflow/identity/refusals';
import { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { Problem } from '@fundflow/nest-edge/problem';
import { UUID_PART, badValue } from '@fundflow/nest-edge/validation';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import {
  type KeptSetting,
  PersonalSettings,
  type SettingProposal,
} from '@fundflow/oversight/postgres/personal-settings';
import {
  PersonalSettingAnswer,
  PersonalSettingBody,
  PersonalSettingsAnswer,
} from './personal-setting-shapes.js';

/** A proposal nobody approved by then is made anew: somebody then looks at it again. */
const PROPOSAL_MS_MAX = 30 * 24 * 3_600_000;

const unknownProposal = () =>
  new Problem({ status: 404, code: 'unknown-proposal', title: '没有这项申请' });
const proposalLapsed = () =>
  new Problem({ status: 409, code: 'proposal-lapsed', title: '申请已过期，请重新提出' });

const termsOf = (proposal: SettingProposal) => {
  const { id, setting, region, value, validFrom, basis } = proposal;
  const terms = { proposalId: id, setting, appliesTo: region, value: String(value) };
  return { ...terms, validFrom, basis };
};

const answerOf = (kept: KeptSetting): PersonalSettingAnswer => ({
  ...kept,
  proposedAt: kept.proposedAt.toISOString(),
  position: kept.position === null ? null : Number(kept.position),
});

/** How often persons may be looked at, and how long they are kept: dated, by two administrators, recorded in the log. */
@ApiTags('settings')
@May('manage-settings')
@Controller('api/v1/settings/personal-data')
export class PersonalSettingsController {
  constructor(
    private readonly settings: PersonalSettings,
    private readonly administrators: Administrators,
    private readonly oversight: OversightLog,
  ) {}

  @Get()
  @ApiOperation({ summary: '个人信息设置：缺省值及依据，已提出和已批准的变更' })
  @ApiOkResponse({ type: PersonalSettingsAnswer })
  async list(@Asker() asker: Principal): Promise<PersonalSettingsAnswer> {
    const defaults = PERSONAL_SETTING_NAMES.map((setting) => {
      const { otherwise: value, name, source } = PERSONAL_SETTINGS[setting];
      return { setting, value, name, source };
    });
    return { defaults, settings: (await this.settings.list(asker.region)).map(answerOf) };
  }

  @Post()
  @HttpCode(201)
  @ApiOperation({ summary: '提出变更个人信息设置，由另一位管理员批准后生效' })
  @ApiCreatedResponse({ type: PersonalSettingAnswer })
  @Fails({ 403: ['out-of-jurisdiction'], 503: ['not-recorded'] })
  async propose(
    @Body() body: PersonalSettingBody,
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<PersonalSettingAnswer> {
    const { setting, value, validFrom, basis } = body;
    const region = parseRegion(body.region);
    if (region === null) throw badRegion();
    if (!scope.covers(region)) throw outOfJurisdiction(region);
    const { min, max } = PERSONAL_SETTINGS[setting];
    if (value < min || value > max) {
      throw badValue([{ field: 'value', rule: 'range', message: `须为 ${min} 至 ${max}` }]);
    }
    if (!isDay(validFrom)) {
      throw badValue([{ field: 'validFrom', rule: 'day', message: '不是存在的日期' }]);
    }
    const id = randomUUID();
    const by = { proposedBy: asker.actorId, proposedAt: new Date() };
    const proposal = { id, setting, region, value, validFrom, basis, ...by };
    await recordedFirst(
      this.oversight.record(officerOf(asker), {
        ...{ type: 'PersonalSettingProposed', data: termsOf(proposal) },
        key: `personal-setting:${id}`,
      }),
    );
    await this.settings.propose(proposal);
    const isAlone = await this.administrators.standsAlone(asker, region);
    return isAlone ? this.#approved(asker, proposal, true) : this.#shown(id);
  }

  /** First match wins, in the order of the problems below. */
  @Post(':id/approval')
  @HttpCode(200)
  @ApiOperation({ summary: '批准变更（须由提出人以外的另一位管理员）' })
  @ApiOkResponse({ type: PersonalSettingAnswer })
  @Fails({
    404: ['unknown-proposal'],
    403: ['out-of-jurisdiction', 'second-person-needed'],
    409: ['already-decided', 'proposal-lapsed'],
    503: ['not-recorded'],
  })
  async approve(
    @Param('id', UUID_PART) id: string,
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<PersonalSettingAnswer> {
    const proposal = await this.settings.find(id);
    if (proposal === null) throw unknownProposal();
    if (!scope.covers(proposal.region)) throw outOfJurisdiction(proposal.region);
    if (proposal.proposedBy === asker.actorId) throw secondPersonNeeded();
    if (proposal.position !== null) throw alreadyDecided();
    if (Date.now() - proposal.proposedAt.getTime() > PROPOSAL_MS_MAX) throw proposalLapsed();
    return this.#approved(asker, proposal, false);
  }

  /** The event first: a crash in between leaves an event, and the approval is given again. */
  async #approved(
    asker: Principal,
    proposal: SettingProposal,
    alone: boolean,
  ): Promise<PersonalSettingAnswer> {
    const { id, proposedBy } = proposal;
    const { position } = await recordedFirst(
      this.oversight.record(officerOf(asker), {
        type: 'PersonalSettingApproved',
        data: { ...termsOf(proposal), proposedBy, alone },
        key: `personal-setting:${id}:approved`,
      }),
    );
    if (!(await this.settings.approve(id, asker.actorId, position, alone))) throw alreadyDecided();
    return this.#shown(id);
  }

  async #shown(id: string): Promise<PersonalSettingAnswer> {
    const kept = await this.settings.find(id);
    if (kept === null) throw new Error(`setting ${id} was kept and is missing`);
    return answerOf(kept);
  }
}
