import type { Command, CommanderError } from 'commander';
import { CommandFailed } from './command-failed.js';

/** Of a command given wrongly: its code, and what is said (zh-CN); `$1`, `$2` stand in the library's own sentence. */
const MISTAKES: Readonly<Record<string, readonly [code: string, from: RegExp, to: string]>> = {
  'commander.unknownCommand': [
    ...(['unknown-command', /^unknown command '(.*)'/, '没有“$1”这个命令'] as const),
  ],
  'commander.unknownOption': [
    ...(['unknown-option', /^unknown option '(.*)'/, '没有 $1 这个选项'] as const),
  ],
  'commander.missingArgument': [
    ...(['missing-argument', /^missing required argument '(.*)'/, '缺少参数 <$1>'] as const),
  ],
  'commander.excessArguments': [
    ...(['excess-arguments', /^too many arguments.* Expected (\d+) .*got (\d+)/s] as const),
    '参数过多：应有 $1 个，给出 $2 个',
  ],
  'commander.optionMissingArgument': [
    ...(['missing-value', /^option '(.*)' argument missing/, '选项 $1 缺少取值'] as const),
  ],
  'commander.missingMandatoryOptionValue': [
    ...(['missing-option', /^required option '(.*)' not specified/, '缺少必填选项 $1'] as const),
  ],
  'commander.conflictingOption': [
    ...(['conflicting-options', /^option '(.*)' cannot be used with option '(.*)'/] as const),
    '选项 $1 与 $2 不能同时使用',
  ],
};
const BAD_OPTION =
  /^option '(?<what>.*)' (?:argument|value) '(?<value>.*)'.* is invalid\. (?<why>.*)$/s;
const BAD_ARGUMENT =
  /^command-argument value '(?<value>.*)' is invalid for argument '(?<what>.*)'\. (?<why>.*)$/s;
const CHOICES = /^Allowed choices are (.*)\.$/;
const SIMILAR = /\(Did you mean (?:one of )?(.*)\?\)/;

/**
 * From now on a command given wrongly throws instead of ending the program with an English sentence; to be called before
 * the commands are added, which inherit it.
 */
export function throwMistakes(program: Command): Command {
  return program.exitOverride().configureOutput({ outputError: () => undefined });
}

/** What the library says of a command given wrongly, in Chinese with a stable code; null: it only showed its help. */
export function mistakeOf({ code, exitCode, message }: CommanderError): CommandFailed | null {
  if (exitCode === 0 || code === 'commander.help') return null;
  const said = message.replace(/^error: /, '');
  const similar = SIMILAR.exec(said)?.[1];
  const meant = similar === undefined ? '' : `（是否指 ${similar.replaceAll(', ', '、')}？）`;
  const bad = (BAD_OPTION.exec(said) ?? BAD_ARGUMENT.exec(said))?.groups;
  if (bad !== undefined) {
    const { what, value, why = '' } = bad;
    const choices = CHOICES.exec(why)?.[1];
    const rule = choices === undefined ? why : `可用：${choices.replaceAll(', ', '、')}。`;
    return new CommandFailed('bad-argument', `${what} 的取值“${value}”无效：${rule}`);
  }
  const mistake = MISTAKES[code];
  const found = mistake?.[1].exec(said) ?? null;
  if (mistake === undefined || found === null) return new CommandFailed('bad-usage', said);
  const [name, , to] = mistake;
  const told = to.replace(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? '');
  return new CommandFailed(name, `${told}${meant}。用法见 npx fundflow help。`);
}
