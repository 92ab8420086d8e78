import type { Readable } from 'node:stream';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import { FileRefused, refuseFile } from '../file-refusal.js';
import {
  SMALL_PART_BYTES_MAX,
  UNPACKED_BYTES_MAX,
  UNPACKED_RATIO_FROM_BYTES,
  UNPACKED_RATIO_MAX,
  ZIP_ENTRIES_MAX,
} from '../limits.js';
import type { OpenFile } from '../open-file.js';

/** The parts of an Office file (OPC: a zip of XML files), each readable as often as wanted. */
export interface PackageParts {
  has(name: string): boolean;
  /** As the zip declares it: good for a progress bar, never for a limit. */
  declaredBytes(name: string): number;
  /** @throws FileRefused zip-bomb, not-xlsx */
  read(name: string): AsyncGenerator<Buffer>;
  /** A part that is held in memory. @throws FileRefused too-large, zip-bomb, not-xlsx */
  readWhole(name: string): Promise<Buffer>;
}

const damaged = (): FileRefused => refuseFile('not-xlsx', '文件已损坏，或不是 XLSX 工作簿');

/** Part names are absolute or not, and case does not matter in them. */
const keyOf = (name: string): string => name.replace(/^\/+/, '').toLowerCase();

/** @throws FileRefused not-xlsx, encrypted-workbook */
export async function openPackage(file: OpenFile): Promise<PackageParts> {
  const { zip, entries } = await listEntries(file);
  const entryOf = (name: string): Entry => {
    const entry = entries.get(keyOf(name));
    if (!entry) throw damaged();
    return entry;
  };
  const read = (name: string): AsyncGenerator<Buffer> => unpack(zip, entryOf(name), file.size);
  const readWhole = async (name: string): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of read(name)) {
      bytes += chunk.length;
      if (bytes > SMALL_PART_BYTES_MAX) throw refuseFile('too-large', '工作簿的内部结构过大');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  };
  return {
    has: (name) => entries.has(keyOf(name)),
    declaredBytes: (name) => entryOf(name).uncompressedSize,
    read,
    readWhole,
  };
}

async function listEntries(file: OpenFile): Promise<{ zip: ZipFile; entries: Map<string, Entry> }> {
  const entries = new Map<string, Entry>();
  try {
    // The file is closed by who opened it; a duplicate name would let two readers see two
    // workbooks.
    const zip = await fromFdPromise(file.handle.fd, { autoClose: false });
    if (zip.entryCount > ZIP_ENTRIES_MAX) throw damaged();
    for await (const entry of zip.eachEntry()) {
      if (entry.isEncrypted()) throw refuseFile('encrypted-workbook', '工作簿已加密，请解密后报送');
      const key = keyOf(entry.fileName);
      if (entries.has(key) || entries.size >= ZIP_ENTRIES_MAX) throw damaged();
      entries.set(key, entry);
    }
    return { zip, entries };
  } catch (error) {
    throw error instanceof FileRefused ? error : damaged();
  }
}

/** Counts what comes out, because sizes in a zip are claims of who made it. */
async function* unpack(zip: ZipFile, entry: Entry, fileBytes: number): AsyncGenerator<Buffer> {
  let stream: Readable;
  try {
    stream = await zip.openReadStreamPromise(entry);
  } catch {
    throw damaged();
  }
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      const isAbsurd = bytes > UNPACKED_RATIO_FROM_BYTES && bytes > fileBytes * UNPACKED_RATIO_MAX;
      if (isAbsurd || bytes > UNPACKED_BYTES_MAX) {
        throw refuseFile('zip-bomb', '解压后的内容大得不合理，已停止读取');
      }
      yield chunk;
    }
  } catch (error) {
    throw isOfZip(error) ? damaged() : error;
  } finally {
    stream.destroy();
  }
}

/** Errors of inflating, and of sizes and checksums; those of the disk and our own pass through. */
function isOfZip(error: unknown): boolean {
  if (error instanceof FileRefused) return false;
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code !== 'string' || code.startsWith('Z_') || code.startsWith('ERR_');
}
