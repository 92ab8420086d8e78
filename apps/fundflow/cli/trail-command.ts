import type { Command } from 'commander';
import { chineseName, EFFECT_NAMES, EVENT_NAMES } from '@fundflow/domain/chinese-names';
import { connected } from './connection.js';
import { withExamples } from './help.js';
import { note } from './output.js';
import { itemsOf, pagesOf, writeJsonList } from './pages.js';
import {
  day,
  printTimes,
  type ReadingOptions,
  text,
  timesOf,
  withReading,
  yuan,
} from './reading-options.js';
import { type Column, printTable } from './text-table.js';

type Entry = Readonly<Record<string, unknown>>;

const COLUMNS: readonly Column<Entry>[] = [
  { head: '日期', cell: (entry) => text(entry['occurredOn']) },
  { head: '记录', cell: (entry) => chineseName(EVENT_NAMES, entry['type']) },
  { head: '方向', cell: (entry) => chineseName(EFFECT_NAMES, entry['effect']) },
  { head: '金额（元）', right: true, cell: (entry) => yuan(entry['amountFen']) },
  { head: '结存（元）', right: true, cell: (entry) => yuan(entry['accountableFen']) },
  { head: '编号', cell: (entry) => text(entry['recordId']) },
  { head: '所属资金', cell: (entry) => text(entry['holdingId']) },
  { head: '项目', cell: (entry) => text(entry['projectId']) },
  { head: '文号或凭证号', cell: (entry) => text(entry['documentNo'] ?? entry['voucherNo']) },
  { head: '对方', cell: (entry) => text(entry['counterparty']) },
  { head: '冲销的记录', cell: (entry) => text(entry['reversalOf']) },
  { head: '位置', right: true, cell: (entry) => text(entry['position']) },
];

/** The audit trail of a region, to its end. */
export function addTrailCommand(program: Command): void {
  const command = withReading(
    program
      .command('trail <区划代码>')
      .summary('一个区划的完整资金轨迹（审计线索）')
      .description('列出一个区划（省、市、县、乡、村）的每一条记录，从最早的起，附逐笔结存。')
      .option('--from <日期>', '自该日起（结存从该日之前的实际余额算起）', day)
      .option('--to <日期>', '至该日止', day),
  );
  withExamples(command, [
    ['fundflow trail 450124', '马山县至今的全部记录'],
    ['fundflow trail 450124 --from 2019-01-01 --to 2019-12-31', '2019 年的记录'],
    ['fundflow trail 4501 --as-of 2020-12-31 --json > 南宁.json', '南宁市截至 2020 年底，JSON'],
    ['fundflow trail 450124 | less -S', '在分页器中查看'],
  ]).action(trail);
}

type TrailOptions = ReadingOptions & { readonly from?: string; readonly to?: string };

function trail(code: string, options: TrailOptions): Promise<void> {
  return connected(options, async (client) => {
    const path = `/api/v1/counties/${encodeURIComponent(code)}/trail`;
    const { from, to } = options;
    const pages = pagesOf(client, path, { ...timesOf(options), from, to });
    if (options.json) return writeJsonList(pages, 'entries');
    const count = await printTable(COLUMNS, itemsOf<Entry>(pages, 'entries'));
    await printTimes(client);
    note(`共 ${count} 条记录。`);
  });
}
