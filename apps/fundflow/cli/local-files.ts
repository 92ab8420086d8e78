import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refusedBySystem } from '@fundflow/runtime/said-of';
import { CommandFailed } from './command-failed.js';

/** @throws CommandFailed `file-unreadable` */
export async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    const [why] = refusedBySystem(error) ?? [String(error)];
    throw new CommandFailed('file-unreadable', `无法读取文件 ${file}：${why}。`);
  });
}

/**
 * Writes a text, or pieces as they come, to a file of this machine.
 *
 * @throws CommandFailed `file-unwritable`, `disk-full`; what the source of the pieces threw passes as it is
 */
export async function saveTo(
  file: string,
  content: string | Uint8Array | AsyncIterable<string | Uint8Array>,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const whole = typeof content === 'string' || content instanceof Uint8Array;
  try {
    await pipeline(Readable.from(whole ? [content] : content), createWriteStream(file, options));
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== 'open' && syscall !== 'write') throw error;
    const [why, code] = refusedBySystem(error) ?? [message, ''];
    const name = code === 'disk-full' ? code : 'file-unwritable';
    throw new CommandFailed(name, `无法写入 ${file}：${why}。`);
  }
}
