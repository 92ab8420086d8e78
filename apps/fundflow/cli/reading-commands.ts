import type { Command } from 'commander';
import { ApiClient, DEFAULT_URL } from './api-client.js';
import { print, printJson, table, yuan } from './tables.js';

interface ReadingOptions {
  readonly url: string;
  readonly asOf?: string;
  readonly knownAt?: string;
  readonly json?: boolean;
  readonly token?: string;
  readonly user?: string;
}

type Answer = Readonly<Record<string, unknown>>;
type TextRow = Readonly<Record<string, string | null>>;

/** The questions of contract §5: each takes --as-of, --known-at and --json, and fails when it cannot be answered. */
export function addReadingCommands(program: Command): void {
  reading(program, 'trail <code>', '一个区划的完整资金轨迹（审计线索），从最早的记录起')
    .option('--from <日期>', '自该日起')
    .option('--to <日期>', '至该日止')
    .action(trail);
  reading(program, 'summary <code>', '一个区划的收支汇总').action(summary);
  reading(program, 'trace <id>', '从一笔指标、拨付、支付或项目追踪资金去向或来源')
    .option('--direction <方向>', 'up（来源）或 down（去向）', 'down')
    .option('--depth <层数>', '最多追踪多少层')
    .action(trace);
  reading(program, 'alerts', '闲置资金等预警')
    .option('--county <区划>', '只看该区划')
    .option('--rule <规则>', '只看该规则')
    .option('--status <状态>', 'open、closed 或 all')
    .action(alerts);
}

function reading(program: Command, spec: string, description: string): Command {
  return program
    .command(spec)
    .description(description)
    .option('--url <地址>', '账本的地址', process.env['FUNDFLOW_URL'] ?? DEFAULT_URL)
    .option('--as-of <日期>', '截至哪一天的账（YYYY-MM-DD，默认今天）')
    .option('--known-at <时刻>', '以哪一时刻已入账的记录为准（RFC 3339，默认现在）')
    .option('--json', '按接口原样输出 JSON')
    .option('--token <令牌>', '访问令牌（或设 FUNDFLOW_TOKEN）')
    .option('--user <登录名>', '以该用户登录（口令取自 FUNDFLOW_PASSWORD）');
}

const connect = (options: ReadingOptions): Promise<ApiClient> =>
  ApiClient.connect({
    url: options.url,
    token: options.token ?? process.env['FUNDFLOW_TOKEN'],
    user: options.user ?? process.env['FUNDFLOW_USER'],
    password: process.env['FUNDFLOW_PASSWORD'],
  });

const times = ({ asOf, knownAt }: ReadingOptions) => ({ asOf, knownAt });

/** Follows `next` to the end; the pages of one list put together. */
async function all(
  client: ApiClient,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  lists: readonly string[],
): Promise<Answer> {
  let answer = await client.get<Answer>(path, { ...query, limit: '1000' });
  const collected = new Map(lists.map((list) => [list, [...(answer[list] as unknown[])]]));
  let next = answer['next'];
  while (typeof next === 'string') {
    const page: Answer = await client.get(path, { ...query, limit: '1000', cursor: next });
    for (const list of lists) collected.get(list)?.push(...(page[list] as unknown[]));
    next = page['next'];
    // What is not a list is complete on the last page.
    answer = page;
  }
  answer = { ...answer, ...Object.fromEntries(collected), next: null };
  return answer;
}

async function trail(
  code: string,
  options: ReadingOptions & { from?: string; to?: string },
): Promise<void> {
  const client = await connect(options);
  const query = { ...times(options), from: options.from, to: options.to };
  const path = `/api/v1/counties/${encodeURIComponent(code)}/trail`;
  const answer = await all(client, path, query, ['entries']);
  if (options.json) return printJson(answer);
  const effects: Readonly<Record<string, string>> = { in: '收', out: '支', within: '内部' };
  const rows = (answer['entries'] as TextRow[]).map((entry) => [
    entry['occurredOn'] ?? '',
    entry['type'] ?? '',
    effects[entry['effect'] ?? ''] ?? '',
    yuan(entry['amountFen']),
    yuan(entry['accountableFen']),
    entry['holdingId'] ?? '',
    entry['documentNo'] ?? entry['voucherNo'] ?? '',
    entry['counterparty'] ?? '',
    String(entry['position'] ?? ''),
  ]);
  const head = [
    '日期',
    '记录',
    '方向',
    '金额（元）',
    '应负责余额（元）',
    '资金',
    '文号或凭证',
    '对方',
    '位置',
  ];
  print(table(head, rows));
}

async function summary(code: string, options: ReadingOptions): Promise<void> {
  const client = await connect(options);
  const path = `/api/v1/counties/${encodeURIComponent(code)}/summary`;
  const answer = await client.get<Record<string, string | null>>(path, times(options));
  if (options.json) return printJson(answer);
  const ageing = answer['ageing'] as unknown as Record<string, string>;
  print(
    table(
      ['项目', '金额（元）'],
      [
        ['收到', yuan(answer['receivedFen'])],
        ['支付', yuan(answer['paidFen'])],
        ['上缴退回', yuan(answer['returnedUpFen'])],
        ['应负责余额', yuan(answer['accountableFen'])],
        ['　其中：可用指标', yuan(answer['authorityFen'])],
        ['　其中：未支出现金', yuan(answer['cashFen'])],
        ['在途', yuan(answer['inTransitFen'])],
        ['执行率', answer['executionRate'] ?? '—'],
        ['结余不满一年', yuan(ageing['under1yFen'])],
        ['结余一至两年', yuan(ageing['from1to2yFen'])],
        ['结余超过两年', yuan(ageing['over2yFen'])],
      ],
    ),
  );
}

async function trace(
  id: string,
  options: ReadingOptions & { direction: string; depth?: string },
): Promise<void> {
  const client = await connect(options);
  const query = { ...times(options), direction: options.direction, depth: options.depth };
  const path = `/api/v1/trace/${encodeURIComponent(id)}`;
  const answer = await all(client, path, query, ['nodes', 'edges']);
  if (options.json) return printJson(answer);
  const rows = (answer['edges'] as Record<string, string | number | boolean | null>[]).map(
    (edge) => [
      String(edge['from']),
      String(edge['to']),
      yuan(edge['amountFen'] as string) + (edge['estimate'] === true ? '（按比例估算）' : ''),
      String(edge['occurredOn'] ?? ''),
      String(edge['documentNo'] ?? edge['voucherNo'] ?? ''),
      edge['daysSincePrevious'] === null ? '' : String(edge['daysSincePrevious']),
    ],
  );
  print(table(['从', '到', '金额（元）', '日期', '文号或凭证', '间隔天数'], rows));
  print(`未能追踪：${yuan(answer['untracedFen'] as string)} 元`);
}

async function alerts(
  options: ReadingOptions & { county?: string; rule?: string; status?: string },
): Promise<void> {
  const client = await connect(options);
  const { county, rule, status } = options;
  const query = { ...times(options), county, rule, status };
  const answer = await all(client, '/api/v1/alerts', query, ['alerts']);
  if (options.json) return printJson(answer);
  const severities: Readonly<Record<string, string>> = { high: '高', medium: '中', low: '低' };
  const rows = (answer['alerts'] as Record<string, string | number>[]).map((alert) => [
    String(alert['title']),
    severities[String(alert['severity'])] ?? String(alert['severity']),
    String(alert['county']),
    String(alert['subjectId']),
    yuan(String(alert['amountFen'])),
    String(alert['since']),
    String(alert['days']),
    String(alert['legalBasis']),
  ]);
  print(table(['预警', '级别', '区划', '对象', '金额（元）', '起算日', '天数', '依据'], rows));
  print(`共 ${rows.length} 条。预警是疑点，不是结论。`);
}
