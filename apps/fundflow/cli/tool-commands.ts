import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError } from 'commander';
import { generatePlan } from '@fundflow/generator/generate-plan';
import { print } from './tables.js';

const PAYMENTS_MAX = 100_000_000;

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('须为非负整数。');
  return Number(text);
}

/** Plausible plans to try things with. */
export function addToolCommands(program: Command): void {
  program
    .command('generate')
    .description('生成一套逼真的三年计划数据文件（同一种子逐字节相同）')
    .requiredOption('--out <目录>', '输出目录（不得已有 CSV 文件）')
    .option('--seed <数>', '种子', wholeNumber, 1)
    .option('--payments <数>', '支付笔数', wholeNumber, 10_000)
    .action(generate);
}

async function generate(options: { out: string; seed: number; payments: number }): Promise<void> {
  const { out: outDir, seed, payments } = options;
  if (payments > PAYMENTS_MAX) throw new Error(`支付笔数最多 ${PAYMENTS_MAX}。`);
  const bar = process.stderr.isTTY
    ? new SingleBar({ format: '生成 [{bar}] {percentage}%', stream: process.stderr })
    : null;
  bar?.start(Math.max(1, payments), 0);
  const plan = await generatePlan({
    ...{ seed, payments, outDir },
    onProgress: (progress) => bar?.update(progress.payments),
  });
  bar?.stop();
  print(
    `已生成 ${plan.rows} 行，其中支付 ${plan.payments} 笔，目录 ${outDir}；请按文件名顺序提交。`,
  );
}
