import { execFile, spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PASSWORD } from '../e2e/support/running-ledger.js';

const PROGRAM = fileURLToPath(new URL('./run.py', import.meta.url));
const CROWD = fileURLToPath(new URL('./crowd.py', import.meta.url));
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** What the oracle says: how much was compared, each kind of verdict counted, the first differences. */
export interface Verdict {
  readonly rows: number;
  readonly compared: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly differences: number;
  readonly different: readonly {
    readonly what: unknown;
    readonly expected: unknown;
    readonly answered: unknown;
  }[];
}

/** Why the oracle cannot run here; null when it can. */
export function whyNoOracle(): string | null {
  const asked = 'import sys; sys.exit(sys.version_info < (3, 9))';
  const { status } = spawnSync('python3', ['-c', asked]);
  return status === 0 ? null : 'Python 3.9 or newer is not on this machine';
}

/**
 * Hands random rows to a demonstration ledger that was empty, with its notary, and compares all it says with the contract.
 *
 * @param url address of the ledger
 * @throws Error when the oracle itself fails; differences are in the verdict
 */
export function askOracle(url: string, rows: number, seed: number): Promise<Verdict> {
  const args = ['-B', PROGRAM, url, '--rows', String(rows), '--seed', String(seed), '--evidence'];
  const options = {
    env: { PATH: process.env['PATH'], ORACLE_PASSWORD: PASSWORD, PYTHONIOENCODING: 'utf-8' },
    maxBuffer: OUTPUT_BYTES_MAX,
  };
  return new Promise((resolve, reject) => {
    execFile('python3', args, options, (error, out, said) => {
      if (out.startsWith('{')) resolve(JSON.parse(out) as Verdict);
      else reject(new Error(`the oracle failed: ${said}`, { cause: error }));
    });
  });
}

/** A crowd at work. */
export interface Crowd {
  /** Settles once the callers are done and the ledger has to stay. */
  readonly done: Promise<void>;
  readonly verdict: Promise<Verdict>;
}

/**
 * Lets eight callers loose on a demonstration ledger that was empty and may be killed until they are done.
 *
 * @param url address of the ledger, the same after every start
 */
export function askCrowd(url: string, seconds: number, seed: number, password: string): Crowd {
  const args = ['-B', CROWD, url, '--seconds', String(seconds), '--seed', String(seed)];
  const env = { PATH: process.env['PATH'], ORACLE_PASSWORD: password, PYTHONIOENCODING: 'utf-8' };
  const child = spawn('python3', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const done = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString('utf8').includes('done\n')) resolve();
      else process.stderr.write(chunk);
    });
    child.once('close', () => resolve());
  });
  const verdict = text(child.stdout).then((out) => {
    if (!out.startsWith('{')) throw new Error(`the crowd failed: ${out}`);
    return JSON.parse(out) as Verdict;
  });
  return { done, verdict };
}
