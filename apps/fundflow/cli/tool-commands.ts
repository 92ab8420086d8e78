import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { generatePlan } from '@fundflow/generator/generate-plan';
import { PAYMENTS_MAX, PAYMENTS_MIN } from '@fundflow/generator/plan-rows';
import { withExamples } from './help.js';
import { print } from './output.js';
import { wholeNumber } from './reading-options.js';

const SEED_MAX = 999_999_999;

/** Plausible plans to try things with. */
export function addToolCommands(program: Command): void {
  const generating = program
    .command('generate')
    .description('生成一套逼真的三年计划数据文件（同一种子逐字节相同）')
    .requiredOption('--out <目录>', '输出目录（不得已有 CSV 文件）')
    .option('--seed <数>', '种子', wholeNumber({ min: 0, max: SEED_MAX }), 1)
    .option(
      '--payments <数>',
      '支付笔数',
      wholeNumber({ min: PAYMENTS_MIN, max: PAYMENTS_MAX }),
      10_000,
    );
  withExamples(generating, [
    ['fundflow generate --out 计划 --payments 2000 --seed 7', '按文件名顺序提交'],
  ]).action(generate);
  const measuring = program
    .command('bench')
    .description('性能测量：与同一台机器上的裸操作相比的比值（在临时数据库上进行，约需数分钟）')
    .option(
      '--payments <数>',
      '查询测量所用的支付笔数',
      wholeNumber({ min: 10_000, max: PAYMENTS_MAX }),
      1_000_000,
    );
  withExamples(measuring, [
    ['fundflow bench', '全部测量'],
    ['fundflow bench --payments 100000', '查询在十万笔支付上测量，较快'],
  ]).action(bench);
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
async function bench(options: { payments: number }): Promise<void> {
  const measuring = new URL('../../../test/bench/run.js', import.meta.url);
  const { runBench } = (await import(measuring.href)) as {
    runBench: (options: { payments: number }) => Promise<void>;
  };
  await runBench({ payments: options.payments });
}
