import { type Command, Option } from 'commander';
import { chineseName, TRACE_NODE_NAMES } from '@fundflow/domain/chinese-names';
import { connected } from './connection.js';
import { withExamples } from './help.js';
import { print, write } from './output.js';
import { type Page, pagesOf, writeItems } from './pages.js';
import {
  type ReadingOptions,
  text,
  timesOf,
  wholeNumber,
  withReading,
  yuan,
  printTimes,
} from './reading-options.js';
import { Spool } from './spool.js';
import { type Column, printTable } from './text-table.js';

type Edge = Readonly<Record<string, unknown>>;
type Node = Readonly<Record<string, unknown>>;

/** Nodes whose names are remembered for the table: a trace of a province has millions. */
const REMEMBERED_MAX = 50_000;

/** Where money came from or went to. */
export function addTraceCommand(program: Command): void {
  const command = withReading(
    program
      .command('trace <编号>')
      .summary('从一笔指标、拨付、支付或项目追踪资金的去向或来源')
      .description('从一笔指标、拨付、支付或一个项目出发，逐笔追踪资金的去向（down）或来源（up）。')
      .addOption(
        new Option('--direction <方向>', '去向或来源').choices(['down', 'up']).default('down'),
      )
      .option('--depth <层数>', '最多追踪多少层', wholeNumber({ min: 1, max: 1000 })),
  );
  withExamples(command, [
    ['fundflow trace Z-2018-001', '这笔指标的去向，直到每一笔支付'],
    ['fundflow trace P-000123 --direction up', '这笔支付的资金来自哪里'],
    ['fundflow trace Z-2018-001 --depth 1', '只看下一层'],
  ]).action(trace);
}

type TraceOptions = ReadingOptions & { readonly direction: string; readonly depth?: number };

function trace(id: string, options: TraceOptions): Promise<void> {
  return connected(options, async (client) => {
    const path = `/api/v1/trace/${encodeURIComponent(id)}`;
    const { direction, depth } = options;
    const query = { ...timesOf(options), direction, depth: depth?.toString() };
    const pages = pagesOf(client, path, query);
    if (options.json) return writeJson(pages);
    await writeTable(pages);
    await printTimes(client);
  });
}

/** One document of all pages. The edges wait in a file until the nodes are written. */
async function writeJson(pages: AsyncIterable<Page>): Promise<void> {
  const spool = await Spool.create();
  try {
    let begun = false;
    let firstNode = true;
    let firstEdge = true;
    let untracedFen: unknown = '0';
    for await (const page of pages) {
      if (!begun) await write('{\n  "nodes": [');
      begun = true;
      firstNode = await writeItems(page['nodes'] as readonly Node[], firstNode);
      for (const edge of page['edges'] as readonly Edge[]) {
        await spool.write(`${firstEdge ? '' : ','}\n    ${JSON.stringify(edge)}`);
        firstEdge = false;
      }
      untracedFen = page['untracedFen'];
    }
    await write(`${firstNode ? '' : '\n  '}],\n  "edges": [`);
    for await (const chunk of spool.read()) await write(chunk);
    await write(`${firstEdge ? '' : '\n  '}],\n`);
    await write(`  "untracedFen": ${JSON.stringify(untracedFen)},\n  "next": null\n}\n`);
  } finally {
    await spool.remove();
  }
}

interface Step {
  readonly edge: Edge;
  readonly from: string;
  readonly to: string;
}

const COLUMNS: readonly Column<Step>[] = [
  { head: '日期', cell: ({ edge }) => text(edge['occurredOn']) },
  { head: '从', cell: ({ from }) => from },
  { head: '到', cell: ({ to }) => to },
  { head: '金额（元）', right: true, cell: ({ edge }) => yuan(edge['amountFen']) },
  { head: '金额性质', cell: ({ edge }) => (edge['estimate'] === true ? '按比例估算' : '实际') },
  { head: '距收到天数', right: true, cell: ({ edge }) => text(edge['daysSincePrevious']) },
  { head: '文号或凭证号', cell: ({ edge }) => text(edge['documentNo'] ?? edge['voucherNo']) },
];

async function writeTable(pages: AsyncIterable<Page>): Promise<void> {
  let untracedFen: unknown = '0';
  async function* steps(): AsyncGenerator<Step> {
    const names = new Map<string, string>();
    for await (const page of pages) {
      for (const node of page['nodes'] as readonly Node[]) remember(names, node);
      untracedFen = page['untracedFen'];
      for (const edge of page['edges'] as readonly Edge[]) {
        const [from, to] = [String(edge['from']), String(edge['to'])];
        yield { edge, from: names.get(from) ?? from, to: names.get(to) ?? to };
      }
    }
  }
  const count = await printTable(COLUMNS, steps());
  await print(`共 ${count} 笔流转；未能追踪的金额 ${yuan(untracedFen)} 元。`);
}

function remember(names: Map<string, string>, node: Node): void {
  const id = String(node['id']);
  const kind = chineseName(TRACE_NODE_NAMES, node['kind']);
  const label = text(node['label']);
  names.set(id, `${kind} ${id.replace(/^outside:/, '')}${label === '' ? '' : ` ${label}`}`);
  if (names.size <= REMEMBERED_MAX) return;
  const oldest = names.keys().next();
  if (!oldest.done) names.delete(oldest.value);
}
