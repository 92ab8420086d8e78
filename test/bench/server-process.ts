import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { processorMs } from './processor-time.js';

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Highest resident set since it started, in MiB; null where the system does not tell. */
  peakMib(): number | null;
  /** Processor time since it started, all its threads, in ms; null where the system does not tell. */
  processorMs(): number | null;
  stop(): Promise<void>;
}

/** The command line of everything in one process. */
export const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '../../apps/fundflow/main.js');

/** `fundflow start` with the users of the demonstration and none of its data. */
export function startDemo({
  databaseUrl,
  data,
  password,
  flags = [],
}: {
  readonly databaseUrl: string;
  /** The data directory. */
  readonly data: string;
  readonly password: string;
  /** Of Node. */
  readonly flags?: readonly string[];
}): Promise<ServerProcess> {
  return startServer([...flags, PROGRAM, 'start', '--demo'], {
    FUNDFLOW_DATABASE_URL: databaseUrl,
    FUNDFLOW_DATA: data,
    FUNDFLOW_PORT: '0',
    FUNDFLOW_DEMO_DATA: '0',
    FUNDFLOW_DEMO_PASSWORD: password,
    FUNDFLOW_LOG_LEVEL: 'warn',
  });
}

/** Runs a program as a process of its own until it prints the address it listens on. */
export async function startServer(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-4_000);
  });
  const url = await addressOf(child, () => errors);
  return {
    url,
    pid: child.pid as number,
    peakMib: () => peakOf(child),
    processorMs: () => (child.pid === undefined ? null : processorMs(child.pid)),
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function addressOf(child: ChildProcess, errors: () => string): Promise<string> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  for await (const line of lines) {
    const found = /https?:\/\/[\d.:]+/.exec(line);
    if (!found) continue;
    // Read on, so that the pipe never fills.
    child.stdout?.resume();
    return found[0];
  }
  throw new Error(`the server ended before it listened: ${errors()}`);
}

function peakOf(child: ChildProcess): number | null {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const found = /VmHWM:\s+(\d+) kB/.exec(status);
    return found ? Math.round(Number(found[1]) / 1024) : null;
  } catch {
    return null;
  }
}
