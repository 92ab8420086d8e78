import { Command, CommanderError, Option } from 'commander';
import { day, wholeNumber } from './reading-options.js';
import { mistakeOf, throwMistakes } from './usage-mistakes.js';

function program(): Command {
  const all = throwMistakes(new Command('fundflow'));
  all.configureOutput({ ...all.configureOutput(), writeOut: () => undefined });
  const nothing = (): void => undefined;
  all.command('trail <区划代码>').option('--as-of <日期>', '', day).action(nothing);
  all
    .command('proof')
    .argument('<位置>', '', wholeNumber({ min: 1, max: 9 }))
    .action(nothing);
  all
    .command('evidence')
    .requiredOption('--reason <事由>')
    .addOption(new Option('--direction <方向>').choices(['up', 'down']).conflicts('depth'))
    .option('--depth <级数>')
    .action(nothing);
  return all;
}

async function said(line: string): Promise<readonly [string, string] | null> {
  try {
    await program().parseAsync(line.split(' '), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const failed = mistakeOf(error);
    return failed && [failed.code, failed.message];
  }
  throw new Error(`"${line}" was taken`);
}

describe('a command given wrongly is answered in Chinese, with a code:', () => {
  it.each([
    ['trial 45', 'unknown-command', '没有“trial”这个命令（是否指 trail？）。'],
    ['trail', 'missing-argument', '缺少参数 <区划代码>。'],
    ['trail 45 46', 'excess-arguments', '参数过多：应有 1 个，给出 2 个。'],
    [
      'trail 45 --as-off 2020-01-01',
      'unknown-option',
      '没有 --as-off 这个选项（是否指 --as-of？）。',
    ],
    ['trail 45 --as-of', 'missing-value', '选项 --as-of <日期> 缺少取值。'],
    [
      'trail 45 --as-of 2020-13-01',
      'bad-argument',
      '--as-of <日期> 的取值“2020-13-01”无效：须为存在的日期，形如 2020-12-31。',
    ],
    ['proof 10', 'bad-argument', '位置 的取值“10”无效：须为 1 至 9 的整数。'],
    ['evidence', 'missing-option', '缺少必填选项 --reason <事由>。'],
    [
      'evidence --reason x --direction left',
      'bad-argument',
      '--direction <方向> 的取值“left”无效：可用：up、down。',
    ],
    [
      'evidence --reason x --direction up --depth 3',
      'conflicting-options',
      '选项 --direction <方向> 与 --depth <级数> 不能同时使用。',
    ],
  ])('%s', async (line, code, sentence) => {
    expect(await said(line)).toEqual([code, expect.stringContaining(sentence)]);
  });

  it('asking for help is no mistake', async () => {
    expect(await said('trail --help')).toBeNull();
  });
});
