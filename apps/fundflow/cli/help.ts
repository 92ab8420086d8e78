import type { Command, Help, Option } from 'commander';
import { displayWidth } from './display-width.js';

const TITLES: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Options:': '选项：',
  'Commands:': '命令：',
  'Arguments:': '参数：',
};

function optionDescription(option: Option): string {
  const facts: string[] = [];
  if (option.argChoices) facts.push(`可用：${option.argChoices.join('、')}`);
  const { defaultValue } = option;
  if (typeof defaultValue === 'string' || typeof defaultValue === 'number') {
    facts.push(`默认 ${defaultValue}`);
  }
  return facts.length === 0 ? option.description : `${option.description}（${facts.join('；')}）`;
}

/** Help in Chinese; to be given to the program before its commands are added, which inherit it. */
export const CHINESE_HELP: Partial<Help> = {
  styleTitle: (title) => TITLES[title] ?? title,
  styleUsage: (usage) => usage.replace('[options]', '[选项]').replace('[command]', '<命令>'),
  displayWidth,
  optionDescription,
};

/** Examples at the end of a command's help, each with what it gives. */
export function withExamples(
  command: Command,
  examples: readonly (readonly [line: string, what: string])[],
): Command {
  const width = Math.max(...examples.map(([line]) => displayWidth(line)));
  const lines = examples.map(([line, what]) => {
    const space = ' '.repeat(width - displayWidth(line));
    return `  ${line}${space}  ${what}`;
  });
  return command.addHelpText('after', `\n示例：\n${lines.join('\n')}`);
}
