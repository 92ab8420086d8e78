import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { type Command, Option } from 'commander';
import { connected } from './connection.js';
import { withExamples } from './help.js';
import { saveTo } from './local-files.js';
import { note } from './output.js';
import { day, type ReadingOptions, timesOf, withReading } from './reading-options.js';

interface EvidenceOptions extends ReadingOptions {
  readonly from?: string;
  readonly to?: string;
  readonly direction?: string;
  readonly about?: readonly string[];
  readonly reason: string;
  readonly caseId?: string;
  readonly out: string;
}

const about = new Option('--about <编号...>', '线索或来电所涉的指标、拨付、支付或项目');
// The library sees the dots only behind a letter of English.
about.variadic = true;

/** A trail, a trace, an alert, a lead or a complaint as a file that stands without the ledger. */
export function addEvidenceCommand(program: Command): void {
  const command = withReading(
    program
      .command('evidence')
      .summary('导出证据包（记录原文、存在证明、报告、离线核验页）')
      .description(
        '导出证据包：记录原文、存在证明、检查点、可打印的中文报告，以及不需联网的核验页 verify.html。导出本身会记入账本。',
      )
      .argument(
        '<类型>',
        'trail（资金轨迹）、trace（追踪）、alert（预警）、lead（问题线索）或 complaint（来电）',
      )
      .argument('<编号>', '区划代码、记录编号、预警编号，或线索、来电的编号')
      .option('--from <日期>', '轨迹从哪一天起', day)
      .option('--to <日期>', '轨迹到哪一天止', day)
      .addOption(new Option('--direction <方向>', '追踪来源或去向').choices(['up', 'down']))
      .addOption(about)
      .requiredOption('--reason <事由>', '导出事由，写入证据包')
      .option('--case-id <编号>', '案件或来电编号（不得含姓名）')
      .requiredOption('--out <文件>', '证据包文件（.zip）'),
  );
  withExamples(command, [
    ['fundflow evidence trail 450124 --reason 核查 --out 马山县.zip', '一个县的资金轨迹'],
    ['fundflow evidence lead 2020-17 --about Z-1 P-3 --reason 核查 --out 线索.zip', '一条问题线索'],
    ['fundflow-verify bundle 马山县.zip', '离线核验'],
  ]).action(evidence);
}

async function evidence(kind: string, id: string, options: EvidenceOptions): Promise<void> {
  const { from, to, direction, about, reason, caseId, out } = options;
  const body = { kind, id, from, to, direction, about, reason, caseId, ...timesOf(options) };
  // Nothing that is cut off lies under the name that was asked for.
  const part = `${out}.part`;
  try {
    await connected(options, async (client) => {
      const stream = await client.download('/api/v1/evidence', body);
      await saveTo(part, Readable.fromWeb(stream as WebStream));
      await rename(part, out);
    });
  } finally {
    await rm(part, { force: true });
  }
  const { size } = await stat(out);
  note(
    `证据包已写入 ${out}（${size} 字节）；打开其中的 verify.html 或用 fundflow-verify bundle 核验。`,
  );
}
