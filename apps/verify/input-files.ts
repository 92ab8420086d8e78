import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { Found } from '@fundflow/proof/findings';

/** Bytes of a text file that is read whole: a checkpoint, a policy, a proof, a record. */
const TEXT_BYTES_MAX = 1_000_000;

/** @throws Found `missing` or `malformed`, naming the file */
export async function readBytes(path: string): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    if (size > TEXT_BYTES_MAX) {
      throw new Found({ code: 'malformed', what: path, detail: 'it is too long' });
    }
    return await file.readFile();
  } catch (error) {
    throw error instanceof Found ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}

/** @throws Found `missing` or `malformed`, naming the file */
export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  if (!isUtf8(bytes)) throw new Found({ code: 'malformed', what: path, detail: 'it is not UTF-8' });
  return Buffer.from(bytes).toString('utf8');
}

/** @throws Found when there is no such file, or none that can be read */
async function openFile(path: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What the operating system says of a file, as a finding. */
export function unreadable(path: string, error: unknown): Found {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  if (code === 'ENOENT') return new Found({ code: 'missing', what: path });
  return new Found({ code: 'malformed', what: path, detail: code });
}

/** Bytes of a file as a stream; `-` is standard input. @throws Found when it cannot be opened */
export async function openStream(path: string): Promise<Readable> {
  if (path === '-') return process.stdin;
  await (await openFile(path)).close();
  return createReadStream(path, { highWaterMark: 1 << 20 });
}
