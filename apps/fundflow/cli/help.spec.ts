import type { Command } from 'commander';
import { displayWidth, wrapped } from './display-width.js';
import { fundflowProgram } from './program.js';

const program = fundflowProgram('0.0.0');

function commandsBelow(command: Command, name: string): [name: string, command: Command][] {
  const below = command.commands.map((sub) => commandsBelow(sub, `${name} ${sub.name()}`));
  return [[name, command], ...below.flat()];
}
const commands = commandsBelow(program, 'fundflow');

/** Words that stand in Chinese sentences as they are: names, formats, units, what is typed. */
const AS_THEY_ARE = /FUNDFLOW_\w+|https?:\S+|--[\w-]+|`[^`]*`|[A-Z][A-Za-z0-9-]*[A-Z0-9]|\S*\.\S+/g;

describe('the help of', () => {
  it.each(commands)('%s has its usage, what it does and an example', (name, command) => {
    const help = command.helpInformation();
    expect(help).toMatch(/^用法：\n {2}fundflow/);
    expect(help).toContain(`用法：\n  ${name}`);
    const titles = [...help.matchAll(/^(\S+)：$/gm)].map(([, title]) => title);
    const order = ['用法', '说明', '参数', '选项', '命令', '示例'];
    expect(titles).toEqual(order.filter((title) => titles.includes(title)));
    expect(titles).toEqual(expect.arrayContaining(['用法', '说明', '选项', '示例']));
  });

  it.each(commands)('%s is Chinese: no sentence of the library is left', (_name, command) => {
    const texts = [
      command.description(),
      ...command.options.map(({ description }) => description),
      ...command.registeredArguments.map(({ description }) => description),
    ];
    for (const text of texts)
      expect(text.replaceAll(AS_THEY_ARE, '')).toMatch(/^$|\p{Script=Han}/u);
    expect(command.helpInformation()).not.toMatch(/\[options\]|\[command\]|default:|choices:/);
  });

  it.each(commands)('%s fits a terminal of 80 columns, but for what is typed', (_name, command) => {
    const [said = ''] = command.helpInformation().split('示例：');
    for (const line of said.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80);
  });

  it('every example names a command that there is, with options that it has', () => {
    for (const [, command] of commands) {
      const [, examples = ''] = command.helpInformation().split('示例：\n');
      for (const [, words = ''] of examples.matchAll(
        /^ {2}(?:\S+=\S* )*fundflow (.*?)(?: {2}|$|[|>])/gm,
      )) {
        let at: Command | undefined = program;
        for (const word of words.split(' '))
          at = at?.commands.find((sub) => sub.name() === word) ?? at;
        const known = (at as Command).options.map(({ long }) => long);
        for (const [option] of words.matchAll(/--[\w-]+/g)) expect(known).toContain(option);
      }
    }
  });
});

describe('lines of help', () => {
  it('break between Chinese characters, never before what closes nor behind what opens', () => {
    expect(wrapped('备份到一个（ZIP）文件。', 13)).toBe('备份到一个\n（ZIP）文件。');
    expect(wrapped('一二三四，五', 8)).toBe('一二三\n四，五');
    expect(wrapped('see 文件 a.zip', 80)).toBe('see 文件 a.zip');
  });
});
