import { readFile, rename } from 'node:fs/promises';
import pg from 'pg';
import type { Account } from './account.js';
import { type ClusterFiles, SUPERUSER, syncDirectory, writeNewPassword } from './cluster.js';
import { takeOwnership } from './owner.js';

const WRONG_PASSWORD = '28P01';
/** Another process may be changing it at this moment: it does so once a start. */
const READ_MAX = 5;

const isWrongPassword = (error: unknown): boolean =>
  (error as { readonly code?: unknown }).code === WRONG_PASSWORD;

/**
 * `takeOwnership` with the password that the server has: the kept one, or the next one where a crash came between the server
 * and the file, which is mended then.
 *
 * @param urlWith of the maintenance database
 * @throws as `takeOwnership`
 */
export async function ownWithPassword(
  files: ClusterFiles,
  urlWith: (password: string) => string,
): Promise<{ readonly session: pg.Client; readonly password: string }> {
  for (let times = 1; ; times += 1) {
    const [kept, next] = [await wordIn(files.password), await wordIn(files.nextPassword)];
    try {
      if (kept === null) throw new Error(`there is no password in ${files.password}`);
      return { session: await takeOwnership(files, urlWith(kept)), password: kept };
    } catch (error) {
      if (!isWrongPassword(error)) throw error;
      const mended = next === null ? null : await ownWithNext(files, urlWith, next);
      if (mended !== null) return mended;
      if (times === READ_MAX) throw error;
    }
  }
}

/** Null when it is not that either: then the file has another one by now. */
async function ownWithNext(
  files: ClusterFiles,
  urlWith: (password: string) => string,
  next: string,
): Promise<{ readonly session: pg.Client; readonly password: string } | null> {
  try {
    const session = await takeOwnership(files, urlWith(next));
    await rename(files.nextPassword, files.password);
    await syncDirectory(files.directory);
    return { session, password: next };
  } catch (error) {
    if (isWrongPassword(error)) return null;
    throw error;
  }
}

/**
 * Gives the superuser a new password, by whoever owns the server: first into a file beside, then to the server, then in place of
 * the kept one. Whenever it ends in between, one of the two files has the server's.
 */
export async function renewPassword(
  session: pg.Client,
  files: ClusterFiles,
  account: Account | null,
): Promise<string> {
  const password = await writeNewPassword(files.nextPassword, account);
  await syncDirectory(files.directory);
  await session.query(`ALTER ROLE ${SUPERUSER} PASSWORD ${pg.escapeLiteral(password)}`);
  await rename(files.nextPassword, files.password);
  await syncDirectory(files.directory);
  return password;
}

/** Null where there is none. */
async function wordIn(path: string): Promise<string | null> {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim();
  return text === '' ? null : text;
}
