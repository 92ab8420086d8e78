import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BIN = join(ROOT, 'apps/fundflow/bin/fundflow.mjs');
export const PASSWORD = 'only-for-this-test-0123456789';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** `npx fundflow start` as a process of its own. */
export interface Program {
  readonly url: string;
  readonly pid: number;
  /** Everything it wrote so far, on both ways out. */
  said(): string;
  /** Settles once it has written this. */
  says(words: string): Promise<void>;
  readonly ended: Promise<Ending>;
  /** The pid of its PostgreSQL as the pid file says it at this moment. */
  databasePid(): Promise<number>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ending>;
}

interface Spawned {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  said(): string;
  says(words: string | RegExp): Promise<void>;
}

const children = new Set<ChildProcess>();

/** A directory for the data of one ledger, which the server's own user can pass through when this is root. */
export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fundflow-faults-'));
  await chmod(folder, 0o711);
  return folder;
}

/** The program is the compiled one: nothing is done when it is up to date. */
export function buildProgram(): void {
  execFileSync(process.execPath, [join(ROOT, 'infra/build.mjs')], { stdio: 'pipe' });
}

/** `npx fundflow …` on a data directory; rejects with what it wrote when it does not exit 0. */
export const fundflow = (data: string, ...args: readonly string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, [BIN, ...args], { env: environmentOf(data) });

const BLOCK_BYTES = 512;

/** The same where no file may grow beyond `bytes`: as on a disk that has no more room. */
export const fundflowWithin = (bytes: number, data: string, ...args: readonly string[]) =>
  promisify(execFile)(
    'sh',
    [
      ...['-c', 'ulimit -f "$0" && exec "$@"', String(Math.floor(bytes / BLOCK_BYTES))],
      ...[process.execPath, BIN, ...args],
    ],
    { env: environmentOf(data) },
  );

const environmentOf = (data: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  FUNDFLOW_DATA: data,
});

export interface StartOptions {
  /** Runs as this user of the operating system. */
  readonly account?: { readonly uid: number; readonly gid: number };
  readonly environment?: NodeJS.ProcessEnv;
}

/** Starts on the directory with the demo users and without the demonstration plan, once it says where it listens. */
export async function startProgram(
  dataDirectory: string,
  options: StartOptions = {},
): Promise<Program> {
  const program = run(dataDirectory, options);
  await program.says(/账本已启动/);
  const url = /账本已启动：(http:\/\/127\.0\.0\.1:\d+)/.exec(program.said())?.[1] ?? '';
  const { child, said, says, ended } = program;
  return {
    ...{ url, pid: child.pid ?? 0, said, says, ended },
    databasePid: () => databasePid(dataDirectory),
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Starts where it cannot: what it says and how it ends. */
export async function startRefused(
  dataDirectory: string,
  options: StartOptions = {},
): Promise<Ending & { readonly said: string }> {
  const program = run(dataDirectory, options);
  const ending = await program.ended;
  return { ...ending, said: program.said() };
}

async function databasePid(dataDirectory: string): Promise<number> {
  const path = join(dataDirectory, 'postgres/cluster/postmaster.pid');
  return Number((await readFile(path, 'utf8')).split('\n')[0]);
}

/** Ends what a failed test left running: the programs, then the server that none of them stops any more. */
export async function endAll(dataDirectory: string): Promise<void> {
  for (const child of children) child.kill('SIGKILL');
  const pid = await databasePid(dataDirectory).catch(() => null);
  if (pid !== null) killIfThere(pid, 'SIGQUIT');
}

export function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function run(dataDirectory: string, { account, environment }: StartOptions): Spawned {
  const child = spawn(process.execPath, [BIN, 'start', '--demo'], {
    ...account,
    cwd: '/',
    env: {
      ...{ PATH: process.env['PATH'], FUNDFLOW_DATA: dataDirectory, FUNDFLOW_PORT: '0' },
      ...{ FUNDFLOW_DEMO_DATA: '0', FUNDFLOW_DEMO_PASSWORD: PASSWORD },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let said = '';
  let over = false;
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    said += chunk.toString('utf8');
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      over = true;
      for (const listener of listeners) listener();
      resolve({ code, signal });
    });
  });
  const says = (words: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (typeof words === 'string' ? said.includes(words) : words.test(said)) resolve();
        else if (over) reject(new Error(`it ended without saying ${String(words)}: ${said}`));
        else return;
        listeners.delete(look);
      };
      listeners.add(look);
      look();
    });
  return { child, ended, said: () => said, says };
}
