import type { Command } from 'commander';
import type { Comparison } from '@fundflow/projections/rebuild/rebuild';
import type { ReplayProgress, ReplaySettings } from '@fundflow/projections/rebuild/shadow';
import { CommandFailed } from './command-failed.js';
import { onLedger } from './database-of-ledger.js';
import { withExamples } from './help.js';
import { note, print } from './output.js';

const STAGES: Readonly<Record<ReplayProgress['stage'], string>> = {
  checksums: '计算校验和',
  folding: '重放账本',
  indexing: '建立索引',
  'catching-up': '追赶新记录',
  swapping: '切换',
};

/** Work on the database of a ledger, running or stopped. */
export function addOperatingCommands(program: Command): void {
  withExamples(
    program
      .command('rebuild')
      .description('从账本重建查询表：在现有表旁重建、比对校验和、一次切换；期间查询不中断')
      .option('--back', '不重建，换回上次重建之前的查询表（再次运行即撤销）'),
    [
      ['fundflow rebuild', '账本运行时或停止后均可'],
      ['fundflow rebuild --back', '重建后答复有误时，先换回原来的表'],
    ],
  ).action(async ({ back }: { back?: boolean }) => {
    const { rebuild, restorePrevious } = await import('@fundflow/projections/rebuild/rebuild');
    if (!back) return print(comparisonText(await replay(rebuild), '查询表已重建'));
    await onLedger(restorePrevious);
    return print('已换回上次重建之前的查询表；原来的表仍保留，再次运行即换回。');
  });
}

/** Replays the log of the ledger, running or stopped. */
export async function replay(
  work: (settings: ReplaySettings) => Promise<Comparison>,
): Promise<Comparison> {
  return onLedger(({ store, pool }) => work({ store, pool, onProgress: progress() }));
}

/** What a replay came to, in a sentence. @throws CommandFailed `tables-differ` */
export function comparisonText({ position, differences }: Comparison, done: string): string {
  if (differences === null) return `${done}，至位置 ${position}；原有的表无法比对。`;
  if (differences.length === 0) return `${done}，至位置 ${position}，各表与账本一致。`;
  const names = differences.join('、');
  throw new CommandFailed('tables-differ', `至位置 ${position}，以下表与账本不一致：${names}`);
}

/** One line a stage; on a terminal, how far it is. */
function progress(): (progress: ReplayProgress) => void {
  let shown = '';
  return ({ stage, position, head }) => {
    if (stage !== shown) note(`${STAGES[stage]}…`);
    shown = stage;
    if (process.stderr.isTTY) process.stderr.write(`\r  ${position}/${head}\r`);
  };
}
