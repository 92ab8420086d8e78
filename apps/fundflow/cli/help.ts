import { Argument, type Command, type Help, type Option } from 'commander';
import { CommandFailed } from './command-failed.js';
import { displayWidth, wrapped } from './display-width.js';
import { write } from './output.js';

type Example = readonly [line: string, what: string];

const EXAMPLES = new WeakMap<Command, readonly Example[]>();
const INDENT = '  ';
const WIDTH_DEFAULT = 80;

/** Examples at the end of a command's help, each with what it gives. */
export function withExamples(command: Command, examples: readonly Example[]): Command {
  EXAMPLES.set(command, examples);
  return command;
}

function optionDescription(option: Option): string {
  const facts: string[] = option.mandatory ? ['必填'] : [];
  if (option.argChoices) facts.push(`可用：${option.argChoices.join('、')}`);
  const { defaultValue } = option;
  if (typeof defaultValue === 'string' || typeof defaultValue === 'number') {
    facts.push(`默认 ${defaultValue}`);
  }
  return facts.length === 0 ? option.description : `${option.description}（${facts.join('；')}）`;
}

function argumentDescription({ argChoices, description }: Argument): string {
  return argChoices ? `${description}（可用：${argChoices.join('、')}）` : description;
}

const argumentsOf = (command: Command): string =>
  command.registeredArguments
    .map((argument) => {
      const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
      return argument.required ? ` <${name}>` : ` [${name}]`;
    })
    .join('');

/** `fundflow users add [选项] <登录名>` */
function usageOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  const [options, sub] = [command.options.length > 0, command.commands.length > 0];
  return `${names.join(' ')}${options ? ' [选项]' : ''}${argumentsOf(command)}${sub ? ' <命令>' : ''}`;
}

/** Side by side where all of them fit, else each above what it gives. */
function exampleLines(examples: readonly Example[], width: number): string[] {
  const first = Math.max(...examples.map(([line]) => displayWidth(line)));
  const second = Math.max(...examples.map(([, what]) => displayWidth(what)));
  const fits = first + second + 2 * INDENT.length <= width;
  return examples.flatMap(([line, what]) =>
    fits
      ? [`${INDENT}${line}${' '.repeat(first - displayWidth(line))}${INDENT}${what}`]
      : [`${INDENT}${line}`, `${INDENT}${INDENT}${what}`],
  );
}

/** Every command in one shape: 用法, 说明, 参数, 选项, 命令, 示例; what it has none of is left out. */
function formatHelp(command: Command, helper: Help): string {
  const width = helper.helpWidth ?? WIDTH_DEFAULT;
  const pad = helper.padWidth(command, helper);
  const item = (term: string, what: string): string => helper.formatItem(term, pad, what, helper);
  const description = wrapped(command.description(), width - INDENT.length).split('\n');
  const examples = EXAMPLES.get(command) ?? [];
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['用法', [INDENT + helper.commandUsage(command)]],
    ['说明', description.map((line) => INDENT + line)],
    [
      '参数',
      command.registeredArguments
        .filter((argument) => argumentDescription(argument) !== '')
        .map((argument) => item(helper.argumentTerm(argument), argumentDescription(argument))),
    ],
    [
      '选项',
      helper.visibleOptions(command).map((each) => item(each.flags, optionDescription(each))),
    ],
    [
      '命令',
      helper
        .visibleCommands(command)
        .map((sub) => item(helper.subcommandTerm(sub), helper.subcommandDescription(sub))),
    ],
    ['示例', examples.length === 0 ? [] : exampleLines(examples, width)],
  ];
  const filled = sections.filter(([, lines]) => lines.length > 0);
  return `${filled.map(([title, lines]) => `${title}：\n${lines.join('\n')}`).join('\n\n')}\n`;
}

/** Help in Chinese; to be given to the program before its commands are added, which inherit it. */
export const CHINESE_HELP: Partial<Help> = {
  formatHelp,
  commandUsage: usageOf,
  subcommandTerm: (command) => command.name() + argumentsOf(command),
  displayWidth,
  boxWrap: wrapped,
  optionDescription,
  argumentDescription,
};

/**
 * `help` of any command, however deep it lies, and the same of every group; to be called when all commands are there.
 *
 * @throws CommandFailed `unknown-command`, when the help runs
 */
export function addHelpCommand(program: Command): void {
  leaveToTheProgram(program);
  const helping = program
    .command('help')
    .description('显示某个命令的帮助')
    .argument('[命令...]', '命令；组内的命令连同组名')
    .action(async (names: readonly string[]) => {
      const found = names.reduce<Command | undefined>(
        (group, name) => group?.commands.find((each) => each.name() === name),
        program,
      );
      if (found !== undefined) return write(found.helpInformation());
      throw new CommandFailed(
        'unknown-command',
        `没有“${names.join(' ')}”这个命令。用法见 npx fundflow help。`,
      );
    });
  withExamples(helping, [['fundflow help users add', '新建用户的用法和示例']]);
}

function leaveToTheProgram(command: Command): void {
  command.helpCommand(false);
  for (const sub of command.commands) leaveToTheProgram(sub);
}
