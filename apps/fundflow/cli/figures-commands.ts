import type { Command } from 'commander';
import {
  chineseName,
  HOLDING_KIND_NAMES,
  HOLDING_STATUS_NAMES,
} from '@fundflow/domain/chinese-names';
import { FUND_TYPES, NOTICE_LEVELS, type Spelling } from '@fundflow/intake/enumerations';
import { connected } from './connection.js';
import { withExamples } from './help.js';
import { print, printJson } from './output.js';
import {
  printTimes,
  type ReadingOptions,
  text,
  timesOf,
  withReading,
  yuan,
} from './reading-options.js';
import { type Column, printTable } from './text-table.js';

type Answer = Readonly<Record<string, unknown>>;
type Figure = readonly [name: string, value: string];

const FIGURES: readonly Column<Figure>[] = [
  { head: '名称', cell: ([name]) => name },
  { head: '金额（元）', right: true, cell: ([, value]) => value },
];

const FACTS: readonly Column<Figure>[] = [
  { head: '名称', cell: ([name]) => name },
  { head: '内容', cell: ([, value]) => value },
];

/** Questions with one answer: a region's summary, a holding, a project, the trial balance. */
export function addFiguresCommands(program: Command): void {
  withExamples(
    withReading(program.command('summary <区划代码>').description('一个区划的收支汇总和结存账龄')),
    [
      ['fundflow summary 450124', '马山县今日的汇总'],
      ['fundflow summary 450000 --as-of 2019-12-31', '全区截至 2019 年底'],
    ],
  ).action(summary);
  withExamples(
    withReading(program.command('holding <编号>').description('一笔指标或拨付：余额、状态和来源')),
    [['fundflow holding Z-2018-001', '这笔指标今日的余额']],
  ).action(holding);
  withExamples(withReading(program.command('project <编号>').description('一个项目及其公示')), [
    ['fundflow project XM-0001', '这个项目的日期、计划和公示'],
  ]).action(project);
  withExamples(withReading(program.command('trial-balance').description('全账试算平衡表')), [
    ['fundflow trial-balance --as-of 2019-12-31', '截至 2019 年底的试算平衡'],
  ]).action(trialBalance);
}

/** Asks, prints the JSON when it is wanted, else what `show` makes of it. */
function ask(
  path: string,
  options: ReadingOptions,
  show: (answer: Answer) => Promise<void>,
): Promise<void> {
  return connected(options, async (client) => {
    const answer = await client.get<Answer>(path, timesOf(options));
    if (options.json) return printJson(answer);
    await show(answer);
    const { scope } = answer;
    await printTimes(client, typeof scope === 'string' ? scope : undefined);
  });
}

function summary(code: string, options: ReadingOptions): Promise<void> {
  const path = `/api/v1/counties/${encodeURIComponent(code)}/summary`;
  return ask(path, options, async (answer) => {
    const ageing = answer['ageing'] as Answer;
    await printTable(FIGURES, [
      ['收到', yuan(answer['receivedFen'])],
      ['支付', yuan(answer['paidFen'])],
      ['上缴退回', yuan(answer['returnedUpFen'])],
      ['结存（收到－支付－上缴退回）', yuan(answer['accountableFen'])],
      ['可用指标', yuan(answer['authorityFen'])],
      ['未支出现金', yuan(answer['cashFen'])],
      ['区内在途（结存－可用指标－未支出现金）', yuan(betweenInside(answer))],
      ['下达在途（尚未收文，不在结存内）', yuan(answer['inTransitFen'])],
      ['账龄不满一年', yuan(ageing['under1yFen'])],
      ['账龄一至两年', yuan(ageing['from1to2yFen'])],
      ['账龄两年以上', yuan(ageing['over2yFen'])],
    ]);
    const rate = answer['executionRate'];
    await print(`执行率：${rate === null ? '无（未收到资金）' : percent(String(rate))}`);
  });
}

/** What is between two holdings of the place, sent and not acknowledged or credited: without it the parts do not add up. */
const betweenInside = (answer: Answer): string => {
  const fen = (name: string): bigint => BigInt(String(answer[name]));
  return String(fen('accountableFen') - fen('authorityFen') - fen('cashFen'));
};

/** `0.8312` as people read it, without leaving decimal text: `83.12%`. */
function percent(rate: string): string {
  const [, sign, whole, places] = /^(-?)(\d+)\.(\d{4})$/.exec(rate) ?? [];
  if (whole === undefined || places === undefined) return rate;
  const digits = `${whole}${places.slice(0, 2)}`.replace(/^0+(?=\d)/, '');
  return `${sign}${digits}.${places.slice(2)}%`;
}

const spelled = (list: readonly Spelling<string>[], value: unknown): string =>
  list.find((one) => one.value === value)?.chinese ?? text(value);

function holding(id: string, options: ReadingOptions): Promise<void> {
  return ask(`/api/v1/holdings/${encodeURIComponent(id)}`, options, async (answer) => {
    await printTable(FACTS, [
      ['编号', text(answer['id'])],
      ['类型', chineseName(HOLDING_KIND_NAMES, answer['kind'])],
      ['状态', chineseName(HOLDING_STATUS_NAMES, answer['status'])],
      ['区划', text(answer['region'])],
      ['资金类型', spelled(FUND_TYPES, answer['fundType'])],
      ['预算年度', text(answer['fiscalYear'])],
      ['项目', text(answer['projectId'])],
      ['最初下达日期', text(answer['originalIssuedOn'])],
      ['下达或拨付日期', text(answer['issuedOn'])],
      ['收文或到账日期', text(answer['receivedOn'])],
      ['最近变动日期', text(answer['lastMovementOn'])],
      ['来源路径', (answer['path'] as readonly string[]).join(' → ')],
    ]);
    await print('');
    await printTable(FIGURES, [
      ['金额', yuan(answer['amountFen'])],
      ['已下达', yuan(answer['passedDownFen'])],
      ['已拨付', yuan(answer['disbursedFen'])],
      ['已支付', yuan(answer['paidFen'])],
      ['已退回上级', yuan(answer['returnedUpFen'])],
      ['可用余额', yuan(answer['availableFen'])],
    ]);
  });
}

const NOTICES: readonly Column<Answer>[] = [
  { head: '公示', cell: (notice) => text(notice['id']) },
  { head: '对应编号', cell: (notice) => text(notice['subjectId']) },
  { head: '层级', cell: (notice) => spelled(NOTICE_LEVELS, notice['level']) },
  { head: '地点', cell: (notice) => text(notice['place']) },
  { head: '开始', cell: (notice) => text(notice['postedOn']) },
  { head: '结束', cell: (notice) => text(notice['removedOn']) },
];

function project(id: string, options: ReadingOptions): Promise<void> {
  return ask(`/api/v1/projects/${encodeURIComponent(id)}`, options, async (answer) => {
    await printTable(FACTS, [
      ['编号', text(answer['id'])],
      ['名称', text(answer['name'])],
      ['县区划', text(answer['county'])],
      ['乡镇区划', text(answer['township'])],
      ['村区划', text(answer['village'])],
      ['类别', text(answer['category'])],
      ['实施单位', text(answer['unitName'])],
      ['统一社会信用代码', text(answer['unitCode'])],
      ['计划投资（元）', yuan(answer['plannedFen'])],
      ['绩效目标', text(answer['performanceTarget'])],
      ['入库日期', text(answer['libraryOn'])],
      ['批复日期', text(answer['approvedOn'])],
      ['计划开工', text(answer['plannedStart'])],
      ['计划完工', text(answer['plannedEnd'])],
      ['验收日期', text(answer['acceptedOn'])],
      ['完结日期', text(answer['closedOn'])],
    ]);
    const notices = answer['notices'] as readonly Answer[];
    if (notices.length === 0) return;
    await print('');
    await printTable(NOTICES, notices);
  });
}

const ACCOUNTS: readonly Column<Answer>[] = [
  { head: '科目', cell: (account) => text(account['name']) },
  { head: '借方（元）', right: true, cell: (account) => yuan(account['debitFen']) },
  { head: '贷方（元）', right: true, cell: (account) => yuan(account['creditFen']) },
  { head: '余额（元）', right: true, cell: (account) => yuan(account['balanceFen']) },
];

function trialBalance(options: ReadingOptions): Promise<void> {
  return ask('/api/v1/trial-balance', options, async (answer) => {
    const [debitFen, creditFen] = [answer['totalDebitFen'], answer['totalCreditFen']];
    const balanceFen = `${BigInt(String(debitFen)) - BigInt(String(creditFen))}`;
    const total = { name: '合计', debitFen, creditFen, balanceFen };
    await printTable(ACCOUNTS, [...(answer['accounts'] as readonly Answer[]), total]);
  });
}
