import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addAccountCommands } from './cli/account-commands.js';
import { addAlertsCommand } from './cli/alerts-command.js';
import { addBackupCommands } from './cli/backup-commands.js';
import { saidOf } from './cli/command-failed.js';
import { addEventsCommand } from './cli/events-command.js';
import { addEvidenceCommand } from './cli/evidence-command.js';
import { addFiguresCommands } from './cli/figures-commands.js';
import { addGrantsCommands } from './cli/grants-commands.js';
import { addHandInCommands } from './cli/hand-in-commands.js';
import { CHINESE_HELP } from './cli/help.js';
import { addOperatingCommands } from './cli/operating-commands.js';
import { endQuietlyWithThePipe, note } from './cli/output.js';
import { addSettingsCommands } from './cli/settings-commands.js';
import { addStartCommand } from './cli/start-command.js';
import { addSubmissionsCommands } from './cli/submissions-commands.js';
import { addToolCommands } from './cli/tool-commands.js';
import { addTraceCommand } from './cli/trace-command.js';
import { addProofCommands } from './cli/proof-commands.js';
import { addTrailCommand } from './cli/trail-command.js';
import { mistakeOf, throwMistakes } from './cli/usage-mistakes.js';
import { addVaultCommands } from './cli/vault-commands.js';
import { addVerifyCommand } from './cli/verify-command.js';

const manifest = readFileSync(new URL('package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(manifest) as { readonly version: string };

/** `npx fundflow …` (contract §5). Exits 0 only when the command did what it says. */
const program = new Command('fundflow')
  .description('扶贫资金审计账本：提交、复核、入账、追踪、预警、核验')
  .version(version, '-V, --version', '显示版本')
  .helpOption('-h, --help', '显示帮助')
  .helpCommand('help [command]', '显示某个命令的帮助')
  .configureHelp(CHINESE_HELP);
throwMistakes(program);

addStartCommand(program);
addHandInCommands(program);
addSubmissionsCommands(program);
addTrailCommand(program);
addFiguresCommands(program);
addTraceCommand(program);
addAlertsCommand(program);
addEventsCommand(program);
addProofCommands(program);
addEvidenceCommand(program);
addOperatingCommands(program);
addVaultCommands(program);
addBackupCommands(program);
addAccountCommands(program);
addGrantsCommands(program);
addSettingsCommands(program);
addVerifyCommand(program);
addToolCommands(program);
endQuietlyWithThePipe();

try {
  await program.parseAsync();
} catch (thrown) {
  const error = thrown instanceof CommanderError ? mistakeOf(thrown) : thrown;
  if (error === null) process.exit((thrown as CommanderError).exitCode);
  note(saidOf(error));
  process.exit(1);
}
