import type { Command } from 'commander';
import { SETTING_NAMES, type SettingName } from '@fundflow/domain/oversight/setting-proposals';
import type { SettingAnswer, SettingsAnswer } from '../../ledger/settings/setting-shapes.js';
import type { ApiClient } from './api-client.js';
import { CommandFailed } from './command-failed.js';
import { asSomebody, connected, type JsonOptions, withJson } from './connection.js';
import { withExamples } from './help.js';
import { note, print, printJson } from './output.js';
import { day, text, yuan } from './reading-options.js';
import { type Column, printTable } from './text-table.js';

const PATH = '/api/v1/settings';

const NAMES: Readonly<Record<SettingName, string>> = {
  'unmask-per-day': '每人每日明文查看项数',
  'unmask-usual': '每日明文查看告警数',
  'retention-years': '保管年限',
  'rule-limit': '规则限期',
  'second-checker-from-fen': '双人复核金额',
};

const valueOf = ({ setting, value }: Pick<SettingAnswer, 'setting' | 'value'>): string => {
  if (value === 'none') return '不设';
  if (setting === 'second-checker-from-fen') return `${yuan(value)} 元`;
  return `${value} ${setting === 'rule-limit' ? '天' : setting === 'retention-years' ? '年' : '项'}`;
};

type Named = Pick<SettingAnswer, 'setting' | 'rule' | 'fundTypes' | 'value'>;

const NAMED: readonly Column<Named>[] = [
  { head: '设置', cell: ({ setting }) => NAMES[setting] },
  { head: '规则', cell: ({ rule }) => text(rule) },
  {
    head: '资金类型',
    cell: ({ rule, fundTypes }) => fundTypes?.join('、') ?? (rule ? '全部' : ''),
  },
  { head: '值', right: true, cell: valueOf },
];

const SET: readonly Column<SettingAnswer>[] = [
  { head: '编号', cell: ({ id }) => id },
  ...NAMED,
  { head: '区划', cell: ({ region }) => region },
  { head: '自', cell: ({ validFrom }) => validFrom },
  { head: '状态', cell: ({ position }) => (position === null ? '待批准' : '已批准') },
  { head: '依据', cell: ({ basis }) => basis },
];

/** Dated settings of a jurisdiction, for administrators: one proposes, another approves. */
export function addSettingsCommands(program: Command): void {
  const group = program
    .command('settings')
    .summary('设置：列表、提出变更、批准（管理员）')
    .description(
      '按地区、按日期的设置：规则限期、双人复核金额、个人信息。由一位管理员提出，另一位批准后生效。' +
        '须以管理员身份（--user）运行。',
    );
  withExamples(group, [['fundflow settings list --user admin', '现行的各项设置']]);
  const listing = withJson(group.command('list').description('缺省值及依据，已提出和已批准的变更'));
  withExamples(listing, [['fundflow settings list --user admin', '现行的各项设置']]).action(list);
  const proposing = withJson(
    group
      .command('propose <设置>')
      .summary('提出变更')
      .description(`提出变更。设置：${nameList()}。`)
      .requiredOption('--region <区划>', '适用地区')
      .requiredOption('--value <值>', '整数：天、项、年，或金额（分）；none 为不设双人复核')
      .requiredOption('--from <日期>', '自哪一天起', day)
      .requiredOption('--basis <依据>', '文件或决定')
      .option('--rule <规则>', '规则限期：哪一条规则（见 fundflow settings list）')
      .option('--fund-type <类型>', '规则限期：只适用的资金类型，可重复', collected),
  );
  withExamples(proposing, [
    [
      'fundflow settings propose rule-limit --rule not-disbursed --value 45 --region 450124 --from 2020-01-01 --basis 马财〔2020〕1号 --user admin',
      '马山县滞留限期改为 45 天',
    ],
    [
      'fundflow settings propose second-checker-from-fen --value 100000000 --region 450000 --from 2020-01-01 --basis 桂财〔2020〕1号 --user admin',
      '全区一百万元起双人复核',
    ],
  ]).action(propose);
  const approving = withJson(
    group.command('approve <编号>').description('批准（须由提出人以外的另一位管理员）'),
  );
  withExamples(approving, [
    ['fundflow settings approve 编号 --user 另一位管理员', '自所定日期起适用'],
  ]).action(approve);
}

const nameList = (): string =>
  SETTING_NAMES.map((setting) => `${setting} ${NAMES[setting]}`).join('、');

const collected = (one: string, before: readonly string[] = []): string[] => [...before, one];

const asAdmin = <T>(options: JsonOptions, work: (client: ApiClient) => Promise<T>): Promise<T> =>
  connected(options, work, asSomebody('管理设置', '管理员'));

function list(options: JsonOptions): Promise<void> {
  return asAdmin(options, async (client) => {
    const answer = await client.get<SettingsAnswer>(PATH);
    if (options.json) return printJson(answer);
    await print('缺省值：');
    await printTable([...NAMED, { head: '依据', cell: ({ source }) => source }], answer.defaults);
    await print('变更：');
    const count = await printTable(SET, answer.settings);
    note(`共 ${count} 项变更。`);
  });
}

interface Proposed extends JsonOptions {
  readonly region: string;
  readonly value: string;
  readonly from: string;
  readonly basis: string;
  readonly rule?: string;
  readonly fundType?: readonly string[];
}

function propose(setting: string, options: Proposed): Promise<void> {
  return asAdmin(options, async (client) => {
    const { path, body } = bodyOf(setting, options);
    const { region, from: validFrom, basis } = options;
    const answer = await client.send<SettingAnswer>('POST', `${PATH}/${path}`, {
      ...{ ...body, region, validFrom, basis },
    });
    if (options.json) return printJson(answer);
    const waits = answer.position === null;
    await print(
      waits ? `已提出，编号 ${answer.id}，待另一位管理员批准。` : `已生效，编号 ${answer.id}。`,
    );
    if (!waits) note('本管辖地区没有另一位管理员，账本记明由您一人提出并批准。');
  });
}

/** What each setting is called where it is proposed. */
function bodyOf(setting: string, { value, rule, fundType }: Proposed) {
  if (setting !== 'rule-limit' && (rule !== undefined || fundType !== undefined)) {
    throw new CommandFailed('conflicting-options', '--rule 和 --fund-type 只用于 rule-limit。');
  }
  if (setting === 'rule-limit') {
    if (rule === undefined) throw new CommandFailed('missing-option', 'rule-limit 须有 --rule。');
    const body = { rule, limitDays: whole(value), fundTypes: fundType ?? null };
    return { path: 'limits', body };
  }
  if (setting === 'second-checker-from-fen') {
    return { path: 'second-checker', body: { fromFen: value === 'none' ? null : value } };
  }
  if ((SETTING_NAMES as readonly string[]).includes(setting)) {
    return { path: 'personal-data', body: { setting, value: whole(value) } };
  }
  throw new CommandFailed('bad-argument', `没有名为 ${setting} 的设置：${nameList()}。`);
}

function whole(value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new CommandFailed('bad-argument', `--value 须为整数，不是“${value}”。`);
}

function approve(id: string, options: JsonOptions): Promise<void> {
  return asAdmin(options, async (client) => {
    const path = `${PATH}/${encodeURIComponent(id)}/approval`;
    const answer = await client.send<SettingAnswer>('POST', path, {});
    if (options.json) return printJson(answer);
    await print(`已批准：${NAMES[answer.setting]} ${valueOf(answer)}，自 ${answer.validFrom} 起。`);
  });
}
