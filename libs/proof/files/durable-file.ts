import { constants } from 'node:fs';
import { link, open, rename, unlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';

/*
 * Files that keys and memories stand in: after a crash, at any moment, one is as it was or as it was to be, and what was
 * answered for stays. Each is written whole and flushed under another name, put in its place, and the folder flushed.
 */

/** Puts `text` in the place of the file, mode 0600, there or not. Durable when it answers. */
export async function replaceDurably(file: string, text: string): Promise<void> {
  const fresh = await writtenBeside(file, text);
  try {
    await rename(fresh, file);
  } catch (error) {
    await unlink(fresh);
    throw error;
  }
  await flushFolder(dirname(file));
}

/**
 * Makes the file, mode 0600, durable when it answers.
 *
 * @returns false when there is one: nothing was changed, and of many at once one wins
 */
export async function createDurably(file: string, text: string): Promise<boolean> {
  const fresh = await writtenBeside(file, text);
  try {
    await link(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(fresh);
  }
  await flushFolder(dirname(file));
  return true;
}

async function writtenBeside(file: string, text: string): Promise<string> {
  const fresh = `${file}.new-${randomBytes(8).toString('hex')}`;
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return fresh;
}

async function flushFolder(folder: string): Promise<void> {
  // Windows cannot open a directory; its file system keeps the name durable by itself.
  if (process.platform === 'win32') return;
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
