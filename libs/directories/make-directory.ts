import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Deeper than any path of a system that is used. */
const PARENTS_MAX = 1_000;

/**
 * Makes a directory and the parents it lacks, as `mkdir(path, { recursive: true })` does, except that it ends wherever
 * nothing can be made and says what the system said: Node's own goes on for ever where the system calls a new directory
 * missing (`/proc`), and calls a read-only disk a missing file.
 *
 * @param mode of every directory made here
 * @returns the outermost directory made, undefined when it was there
 * @throws NodeJS.ErrnoException with the path: `ENOTDIR` where a file lies in the way, `EROFS`, `EACCES`, `ENOSPC`, …
 */
export async function makeDirectory(
  path: string,
  { mode }: { readonly mode?: number } = {},
): Promise<string | undefined> {
  const lacking = await missing(resolve(path));
  for (const directory of lacking) {
    await mkdir(directory, mode).catch(async (error: NodeJS.ErrnoException) => {
      // Another process made it in this moment, unless it is a link that leads nowhere.
      if (error.code !== 'EEXIST' || !(await isDirectory(directory))) throw error;
    });
  }
  return lacking[0];
}

/** The outermost first. */
async function missing(path: string): Promise<string[]> {
  const lacking: string[] = [];
  for (let at = path; lacking.length < PARENTS_MAX && !(await isDirectory(at));) {
    lacking.unshift(at);
    if (at === dirname(at)) break;
    at = dirname(at);
  }
  return lacking;
}

/** @throws `ENOTDIR` where something else lies there, and whatever else keeps the system from looking */
async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found === null || found.isDirectory()) return found !== null;
  throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${path}'`), {
    ...{ code: 'ENOTDIR', syscall: 'mkdir', path },
  });
}
