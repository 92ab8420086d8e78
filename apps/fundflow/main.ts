import { Command } from 'commander';
import { addHandInCommands } from './cli/hand-in-commands.js';
import { addReadingCommands } from './cli/reading-commands.js';
import { addStartCommand } from './cli/start-command.js';
import { addToolCommands } from './cli/tool-commands.js';

/** `npx fundflow …` (contract §5). Exits 0 only when the command did what it says. */
const program = new Command('fundflow')
  .description('扶贫资金审计账本：提交、复核、入账、追踪、预警、核验')
  .helpOption('-h, --help', '显示帮助')
  .helpCommand('help [command]', '显示某个命令的帮助')
  .configureHelp({ styleTitle: (title) => HELP_TITLES[title] ?? title });

const HELP_TITLES: Readonly<Record<string, string>> = {
  'Usage:': '用法：',
  'Options:': '选项：',
  'Commands:': '命令：',
  'Arguments:': '参数：',
};

addStartCommand(program);
addHandInCommands(program);
addReadingCommands(program);
addToolCommands(program);

// A reader that has seen enough (head, less) closes the pipe: no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
