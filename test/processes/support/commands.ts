import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PASSWORD, type Program } from '../../faults/support/program.js';

const BIN = fileURLToPath(new URL('../../../apps/fundflow/bin/fundflow.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** A ledger that runs, and the folder in which its commands are given. */
export interface Place {
  readonly folder: string;
  readonly data: string;
  readonly program: Program;
}

/** A program run to its end. */
export function run(
  file: string,
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv,
): Promise<Ended> {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString('utf8')));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, error })));
}

/** `npx fundflow` as a process of its own, beside a running ledger. */
export class Commands {
  constructor(private readonly place: () => Place) {}

  fundflow(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const { folder, data, program } = this.place();
    return run(BIN, args, folder, {
      ...{ FUNDFLOW_DATA: data, FUNDFLOW_URL: program.url },
      ...{ FUNDFLOW_PASSWORD: PASSWORD, FUNDFLOW_CHECKER_PASSWORD: PASSWORD },
      ...environment,
    });
  }

  /** What a command printed that did what it says. */
  readonly done = async (...args: readonly string[]): Promise<string> => {
    const { code, out, error } = await this.fundflow(args);
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${error}`);
    return out;
  };

  /** What a command said that could not do it: nothing on standard output. */
  readonly failed = async (
    args: readonly string[],
    environment?: NodeJS.ProcessEnv,
  ): Promise<string> => {
    const { code, out, error } = await this.fundflow(args, environment);
    expect([code, out]).toEqual([1, '']);
    return error;
  };

  readonly json = async (...args: readonly string[]): Promise<Record<string, unknown>> =>
    JSON.parse(await this.done(...args, '--json')) as Record<string, unknown>;
}
