import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PASSWORD } from '../e2e/support/running-ledger.js';

const PROGRAM = fileURLToPath(new URL('./run.py', import.meta.url));
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
 * Hands random rows to a demonstration ledger that was empty and compares all it says with the contract.
 *
 * @param url address of the ledger
 * @throws Error when the oracle itself fails; differences are in the verdict
 */
export function askOracle(url: string, rows: number, seed: number): Promise<Verdict> {
  const args = ['-B', PROGRAM, url, '--rows', String(rows), '--seed', String(seed)];
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
