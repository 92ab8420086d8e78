import { type Command, Option } from 'commander';
import { ALERT_STATUS_NAMES, chineseName, SEVERITY_NAMES } from '@fundflow/domain/chinese-names';
import { RULES } from '@fundflow/domain/rules/registry';
import { connected } from './connection.js';
import { withExamples } from './help.js';
import { note } from './output.js';
import { itemsOf, pagesOf, writeJsonList } from './pages.js';
import {
  printTimes,
  type ReadingOptions,
  text,
  timesOf,
  withReading,
  yuan,
} from './reading-options.js';
import { type Column, printTable } from './text-table.js';

type Alert = Readonly<Record<string, unknown>>;

const COLUMNS: readonly Column<Alert>[] = [
  { head: '预警', cell: (alert) => text(alert['title']) },
  { head: '级别', cell: (alert) => chineseName(SEVERITY_NAMES, alert['severity']) },
  { head: '区划', cell: (alert) => text(alert['county']) },
  { head: '对象', cell: (alert) => text(alert['subjectId']) },
  { head: '金额（元）', right: true, cell: (alert) => yuan(alert['amountFen']) },
  { head: '起算日', cell: (alert) => text(alert['since']) },
  { head: '天数', right: true, cell: (alert) => text(alert['days']) },
  { head: '状态', cell: (alert) => chineseName(ALERT_STATUS_NAMES, alert['status']) },
  { head: '消除日', cell: (alert) => text(alert['closedOn']) },
  { head: '依据', cell: (alert) => text(alert['legalBasis']) },
];

const RULE_LIST = RULES.map(({ id, title }) => `${id} ${title}`).join('、');

/** What the supervision rules say. */
export function addAlertsCommand(program: Command): void {
  const command = withReading(
    program
      .command('alerts')
      .summary('闲置资金等预警')
      .description('列出监督规则在某日提示的预警。预警是疑点，不是结论。')
      .argument('[区划]', '只看该区划之内')
      .option('--county <区划>', '同上')
      .option('--rule <规则>', `只看一条规则：${RULE_LIST}`, ruleOf)
      .addOption(
        new Option('--status <状态>', 'open 未消除、closed 已消除、all 全部').choices([
          ...['open', 'closed', 'all'],
        ]),
      )
      .option('--subject <编号>', '只看一笔指标、拨付、追加或一个项目'),
  );
  withExamples(command, [
    ['fundflow alerts', '今日未消除的全部预警'],
    ['fundflow alerts 450124 --rule 滞留', '马山县的滞留'],
    ['fundflow alerts --as-of 2019-12-31 --status all', '截至 2019 年底的全部预警'],
  ]).action(alerts);
}

/** A rule under its id or its Chinese title; the ledger judges whatever else it is. */
const ruleOf = (given: string): string =>
  RULES.find(({ id, title }) => id === given || title === given)?.id ?? given;

type AlertsOptions = ReadingOptions &
  Readonly<Partial<Record<'county' | 'rule' | 'status' | 'subject', string>>>;

function alerts(region: string | undefined, options: AlertsOptions): Promise<void> {
  return connected(options, async (client) => {
    const { county = region, rule, status, subject } = options;
    const query = { ...timesOf(options), county, rule, status, subject };
    const pages = pagesOf(client, '/api/v1/alerts', query);
    if (options.json) return writeJsonList(pages, 'alerts');
    const count = await printTable(COLUMNS, itemsOf<Alert>(pages, 'alerts'));
    await printTimes(client);
    note(`共 ${count} 条。预警是疑点，不是结论。`);
  });
}
