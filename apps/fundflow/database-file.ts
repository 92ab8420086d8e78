import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = 'database-url';

/**
 * Where the running ledger's embedded database is reached, for commands on the same machine: readable by its owner alone,
 * who can read the database itself anyway. Gone when the ledger stops.
 */
export async function writeDatabaseFile(dataDirectory: string, url: string): Promise<void> {
  const path = join(dataDirectory, NAME);
  await writeFile(path, '', { mode: 0o600 });
  await chmod(path, 0o600);
  await writeFile(path, `${url}\n`);
}

export const removeDatabaseFile = (dataDirectory: string): Promise<void> =>
  rm(join(dataDirectory, NAME), { force: true });

/** Null when no ledger runs on this directory (or it was killed before it could say so). */
export async function readDatabaseFile(dataDirectory: string): Promise<string | null> {
  const text = await readFile(join(dataDirectory, NAME), 'utf8').catch(() => null);
  return text === null ? null : text.trim();
}
