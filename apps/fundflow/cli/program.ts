import { Command } from 'commander';
import { addAccountCommands } from './account-commands.js';
import { addAlertsCommand } from './alerts-command.js';
import { addBackupCommands } from './backup-commands.js';
import { addEventsCommand } from './events-command.js';
import { addEvidenceCommand } from './evidence-command.js';
import { addFiguresCommands } from './figures-commands.js';
import { addGrantsCommands } from './grants-commands.js';
import { addHandInCommands } from './hand-in-commands.js';
import { addHelpCommand, CHINESE_HELP, withExamples } from './help.js';
import { addOperatingCommands } from './operating-commands.js';
import { addPayeeCommand } from './payee-command.js';
import { addProofCommands } from './proof-commands.js';
import { addSettingsCommands } from './settings-commands.js';
import { addStartCommand } from './start-command.js';
import { addSubmissionsCommands } from './submissions-commands.js';
import { addTokensCommands } from './tokens-commands.js';
import { addToolCommands } from './tool-commands.js';
import { addTraceCommand } from './trace-command.js';
import { addTrailCommand } from './trail-command.js';
import { throwMistakes } from './usage-mistakes.js';
import { addVaultCommands } from './vault-commands.js';
import { addVerifyCommand } from './verify-command.js';

/** `npx fundflow …` (contract §5), every command of it; a command given wrongly throws. */
export function fundflowProgram(version: string): Command {
  const program = new Command('fundflow')
    .description('扶贫资金审计账本：提交、复核、入账、追踪、预警、核验')
    .version(version, '-V, --version', '显示版本')
    .helpOption('-h, --help', '显示帮助')
    .configureHelp(CHINESE_HELP);
  withExamples(program, [
    ['fundflow start --demo', '启动演示'],
    ['fundflow help import', '某个命令的用法、选项和示例'],
  ]);
  throwMistakes(program);
  addStartCommand(program);
  addHandInCommands(program);
  addSubmissionsCommands(program);
  addTrailCommand(program);
  addFiguresCommands(program);
  addTraceCommand(program);
  addAlertsCommand(program);
  addPayeeCommand(program);
  addEventsCommand(program);
  addProofCommands(program);
  addEvidenceCommand(program);
  addOperatingCommands(program);
  addVaultCommands(program);
  addBackupCommands(program);
  addAccountCommands(program);
  addTokensCommands(program);
  addGrantsCommands(program);
  addSettingsCommands(program);
  addVerifyCommand(program);
  addToolCommands(program);
  addHelpCommand(program);
  return program;
}
