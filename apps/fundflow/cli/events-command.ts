import type { Command } from 'commander';
import { chineseName, EVENT_NAMES } from '@fundflow/domain/chinese-names';
import { connected } from './connection.js';
import { withExamples } from './help.js';
import { note } from './output.js';
import { itemsOf, pagesOf, writeJsonList } from './pages.js';
import { type ReadingOptions, text, timesOf, wholeNumber, withReading } from './reading-options.js';
import { type Column, printTable } from './text-table.js';

interface LogEntry {
  readonly position: number;
  readonly envelope: Readonly<Record<string, unknown>>;
}

const COLUMNS: readonly Column<LogEntry>[] = [
  { head: '位置', right: true, cell: ({ position }) => text(position) },
  { head: '入账时刻', cell: ({ envelope }) => text(envelope['recordedAt']) },
  { head: '业务日期', cell: ({ envelope }) => text(envelope['occurredOn']) },
  { head: '记录', cell: ({ envelope }) => chineseName(EVENT_NAMES, envelope['type']) },
  { head: '区划', cell: ({ envelope }) => text(envelope['region']) },
  { head: '归属', cell: ({ envelope }) => text(envelope['stream']) },
  { head: '复核单位', cell: ({ envelope }) => text(envelope['unit']) },
];

/** The log itself. */
export function addEventsCommand(program: Command): void {
  const command = withReading(
    program
      .command('events')
      .summary('账本记录本身，按位置')
      .description('按位置列出账本记录；--json 给出每条记录的全文。')
      .option('--after <位置>', '从该位置之后起', wholeNumber({ min: 0, max: 1e15 - 1 }), 0),
  );
  withExamples(command, [
    ['fundflow events --after 1000', '第 1001 条记录起'],
    ['fundflow events --json > 账本.json', '全部记录的全文'],
  ]).action(events);
}

function events(options: ReadingOptions & { readonly after: number }): Promise<void> {
  return connected(options, async (client) => {
    const query = { ...timesOf(options), after: `${options.after}` };
    const pages = pagesOf(client, '/api/v1/events', query, 'after');
    if (options.json) return writeJsonList(pages, 'entries');
    const count = await printTable(COLUMNS, itemsOf<LogEntry>(pages, 'entries'));
    note(`共 ${count} 条记录。`);
  });
}
