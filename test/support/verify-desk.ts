import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tilePath } from '@fundflow/proof/tiles';
import { run } from '../../apps/verify/run.js';
import { tilesOf, type WitnessedLog } from './evidence.js';

/** A folder of its own and the verifier, for specs that hand it files. */
export interface VerifyDesk {
  readonly path: (name: string) => string;
  /** Writes a file and gives its path. */
  readonly write: (name: string, content: string | Uint8Array) => string;
  /** Writes the hash tiles of a log into a folder and gives its path. */
  readonly writeTiles: (name: string, log: WitnessedLog) => string;
  /** Runs a command: its exit code and what it says. */
  readonly verify: (...args: readonly string[]) => Promise<[number, string]>;
  readonly code: (...args: readonly string[]) => Promise<number>;
  readonly close: () => void;
}

export function verifyDesk(): VerifyDesk {
  const folder = mkdtempSync(join(tmpdir(), 'fundflow-verify-'));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string | Uint8Array): string => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
    return path(name);
  };
  const verify = async (...args: readonly string[]): Promise<[number, string]> => {
    const { exitCode, text } = await run(args);
    return [exitCode, text];
  };
  return {
    ...{ path, write, verify },
    writeTiles: (name, log) => {
      for (const { bytes, ...tile } of tilesOf(log)) write(join(name, tilePath(tile)), bytes);
      return path(name);
    },
    code: async (...args) => (await verify(...args))[0],
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
