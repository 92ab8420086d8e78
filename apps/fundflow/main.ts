import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { saidOfCommand } from './cli/command-failed.js';
import { endQuietlyWithThePipe, note } from './cli/output.js';
import { fundflowProgram } from './cli/program.js';
import { mistakeOf } from './cli/usage-mistakes.js';

const manifest = readFileSync(new URL('package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(manifest) as { readonly version: string };

/** Exits 0 only when the command did what it says. */
endQuietlyWithThePipe();
try {
  await fundflowProgram(version).parseAsync();
} catch (thrown) {
  const error = thrown instanceof CommanderError ? mistakeOf(thrown) : thrown;
  if (error === null) process.exit((thrown as CommanderError).exitCode);
  note(saidOfCommand(error));
  process.exit(1);
}
