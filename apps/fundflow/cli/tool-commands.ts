import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { generatePlan } from '@fundflow/generator/generate-plan';
import { PAYMENTS_MAX, PAYMENTS_MIN } from '@fundflow/generator/plan-rows';
import { print } from './output.js';
import { wholeNumber } from './reading-options.js';

const SEED_MAX = 999_999_999;

/** Plausible plans to try things with. */
export function addToolCommands(program: Command): void {
  program
    .command('generate')
    .description('生成一套逼真的三年计划数据文件（同一种子逐字节相同）')
    .requiredOption('--out <目录>', '输出目录（不得已有 CSV 文件）')
    .option('--seed <数>', '种子', wholeNumber({ min: 0, max: SEED_MAX }), 1)
    .option(
      '--payments <数>',
      '支付笔数',
      wholeNumber({ min: PAYMENTS_MIN, max: PAYMENTS_MAX }),
      10_000,
    )
    .action(generate);
  program
    .command('bench')
    .description('性能测量：与同一台机器上的裸操作相比的比值（在临时数据库上进行，约需数分钟）')
    .action(bench);
}

async function generate(options: { out: string; seed: number; payments: number }): Promise<void> {
  const { out: outDir, seed, payments } = options;
  const bar = process.stderr.isTTY
    ? new SingleBar({ format: '生成 [{bar}] {percentage}%', stream: process.stderr })
    : null;
  bar?.start(Math.max(1, payments), 0);
  const plan = await generatePlan({
    ...{ seed, payments, outDir },
    onProgress: (progress) => bar?.update(progress.payments),
  });
  bar?.stop();
  await print(
    `已生成 ${plan.rows} 行，其中支付 ${plan.payments} 笔，目录 ${outDir}；请按文件名顺序提交。`,
  );
}

/** Compiled beside the programs by the same build, but no part of any of them. */
async function bench(): Promise<void> {
  const measuring = new URL('../../../test/bench/run.js', import.meta.url);
  const { runBench } = (await import(measuring.href)) as { runBench: () => Promise<void> };
  await runBench();
}
