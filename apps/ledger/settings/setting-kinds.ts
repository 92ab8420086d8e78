import type { CommandBus } from '@nestjs/cqrs';
import type { PersonalSetting } from '@fundflow/domain/oversight/personal-settings';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import type { OversightFact, OversightLog } from '@fundflow/oversight/oversight-log';
import type { SettingProposal } from '@fundflow/oversight/postgres/setting-proposals';
import type { SecondChecks } from '@fundflow/submissions/postgres/second-checks';
import { SetRuleLimit } from './set-rule-limit.js';
import type { SettingKind, SettingKinds } from './setting-desk.js';

/** Stands in an event where an amount is lifted. */
export const NO_THRESHOLD = 'none';

/** How the settings of each name come into force. */
export function settingKinds(parts: {
  readonly commands: Pick<CommandBus, 'execute'>;
  readonly checks: Pick<SecondChecks, 'setThreshold'>;
  readonly oversight: Pick<OversightLog, 'record'>;
}): SettingKinds {
  const record = async (by: Principal, fact: OversightFact): Promise<bigint> => {
    const { position } = await recordedFirst(parts.oversight.record(officerOf(by), fact));
    return position;
  };
  const personal = personalSetting(record);
  return {
    'unmask-per-day': personal,
    'unmask-usual': personal,
    'retention-years': personal,
    'rule-limit': {
      proposed,
      enforce: async (by, proposal) => {
        const command = new SetRuleLimit(by, limitOf(proposal));
        const { position } = await parts.commands.execute<SetRuleLimit, { position: number }>(
          command,
        );
        return BigInt(position);
      },
    },
    'second-checker-from-fen': {
      proposed,
      enforce: async (by, { id, setting, region, value, validFrom, basis }) => {
        const position = await record(by, {
          type: 'SettingChanged',
          data: { setting, appliesTo: region, value, validFrom, basis },
          key: `setting:${id}:approved`,
        });
        const thresholdFen = value === NO_THRESHOLD ? null : value;
        await parts.checks.setThreshold(position, { region, validFrom, thresholdFen });
        return position;
      },
    },
  };
}

const limitOf = ({ id, rule, fundTypes, region, value, validFrom, basis }: SettingProposal) => ({
  ...{ limitId: id, rule: rule ?? '', region, limitDays: Number(value), fundTypes },
  ...{ validFrom, basis },
});

function proposed(proposal: SettingProposal): OversightFact<'SettingProposed'> {
  const { id, setting, rule, fundTypes, region, value, validFrom, basis } = proposal;
  return {
    type: 'SettingProposed',
    data: {
      ...{ proposalId: id, setting, rule, fundTypes, appliesTo: region },
      ...{ value, validFrom, basis },
    },
    key: `setting:${id}`,
  };
}

const personalTerms = ({ id, setting, region, value, validFrom, basis }: SettingProposal) => {
  const terms = { proposalId: id, setting: setting as PersonalSetting, appliesTo: region };
  return { ...terms, value, validFrom, basis };
};

const personalSetting = (
  record: (by: Principal, fact: OversightFact) => Promise<bigint>,
): SettingKind => ({
  proposed: (proposal) => ({
    ...{ type: 'PersonalSettingProposed', data: personalTerms(proposal) },
    key: `personal-setting:${proposal.id}`,
  }),
  enforce: (by, proposal) => {
    const { proposedBy } = proposal;
    const data = { ...personalTerms(proposal), proposedBy, alone: proposedBy === by.actorId };
    const key = `personal-setting:${proposal.id}:approved`;
    return record(by, { type: 'PersonalSettingApproved', data, key });
  },
});
