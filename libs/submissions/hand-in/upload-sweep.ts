import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** An upload under way grows all the time; one that has not for so long is a crash's. */
export const LEFT_OVER_MS = 600_000;
const FILES_MAX = 10_000;

/**
 * Removes uploads that nobody will read: files in clear must not outlast the process that received them.
 *
 * @param waiting ids of submissions whose file is still to be read; a file is named by its submission
 * @returns names of what was removed
 */
export async function sweepUploads(
  directory: string,
  waiting: ReadonlySet<string>,
  nowMs: number,
): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  const removed: string[] = [];
  for (const name of names.slice(0, FILES_MAX)) {
    if (waiting.has(name)) continue;
    const path = join(directory, name);
    const known = await stat(path).catch(() => null);
    if (!known?.isFile() || nowMs - known.mtimeMs < LEFT_OVER_MS) continue;
    await unlink(path).catch(() => undefined);
    removed.push(name);
  }
  return removed;
}
