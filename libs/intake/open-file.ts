import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refuseFile } from './file-refusal.js';
import { FILE_BYTES_MAX } from './limits.js';

/** What a file hands over: a path, or a stream that is put into a temporary file first. */
export type FileSource =
  | { readonly path: string }
  | {
      readonly stream: Readable;
      /**
       * Where the temporary file may lie; it holds personal data and is removed when reading ends,
       * however it ends.
       */
      readonly temporaryFolder: string;
    };

/**
 * A file open for reading at any place: workbooks keep their list of parts at the end, and
 * encodings show late.
 */
export interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly size: number;
  /** The first bytes, at most {@link HEAD_BYTES}. */
  head(): Promise<Buffer>;
  close(): Promise<void>;
}

const HEAD_BYTES = 4096;

/** @throws FileRefused too-large, empty-file */
export async function openFile(source: FileSource): Promise<OpenFile> {
  if ('path' in source) return openPath(source.path, async () => undefined);
  const folder = await mkdtemp(join(source.temporaryFolder, 'submission-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'file');
    await pipeline(source.stream, limited, createWriteStream(path, { mode: 0o600 }));
    return await openPath(path, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function* limited(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > FILE_BYTES_MAX) throw tooLarge();
    yield chunk;
  }
}

const tooLarge = (): Error =>
  refuseFile('too-large', `文件超过${FILE_BYTES_MAX / 1024 ** 2}MB,请分次报送`);

async function openPath(path: string, remove: () => Promise<void>): Promise<OpenFile> {
  const handle = await open(path, 'r');
  const close = async (): Promise<void> => {
    await handle.close();
    await remove();
  };
  try {
    const { size } = await handle.stat();
    if (size === 0) throw refuseFile('empty-file', '文件为空');
    if (size > FILE_BYTES_MAX) throw tooLarge();
    const head = async (): Promise<Buffer> => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    };
    return { path, handle, size, head, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The bytes from an offset to the end, read as they are asked for; each buffer is the reader's own.
 */
export async function* bytesOf(
  file: OpenFile,
  from: number,
  chunkBytes: number,
): AsyncGenerator<Buffer> {
  let position = from;
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const { bytesRead } = await file.handle.read(chunk, 0, chunkBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}
