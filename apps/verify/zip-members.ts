import { open, type Entry, type ZipFile } from 'yauzl';
import type { BundleMembers } from '@fundflow/proof/bundle';
import {
  BUNDLE_BYTES_MAX,
  MEMBERS_MAX,
  MEMBER_BYTES_MAX,
  parseMemberPath,
} from '@fundflow/proof/bundle-manifest';
import { Found } from '@fundflow/proof/findings';
import { unreadable } from './input-files.js';

/** The members of a bundle in a zip file, read one by one. */
export interface ZipMembers extends BundleMembers {
  readonly close: () => void;
}

const STORED = 0;
const DEFLATED = 8;

/**
 * Opens a bundle. Nothing is written to disk: a path is only ever a name to compare.
 *
 * @throws Found `missing` or `malformed`: no zip, cut off, encrypted, packed in another way, larger
 * than a bundle may be, a name that no bundle has, a name twice
 */
export async function openZip(path: string): Promise<ZipMembers> {
  const zip = await openFile(path);
  try {
    const entries = await readEntries(zip, path);
    return {
      paths: [...entries.keys()],
      read: (member) => readEntry(zip, entries.get(member)!, path),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

function openFile(path: string): Promise<ZipFile> {
  const options = { lazyEntries: true, autoClose: false, strictFileNames: true } as const;
  return new Promise((resolve, reject) => {
    open(path, { ...options, validateEntrySizes: true }, (error, zip) => {
      if (error !== null) reject(zipError(path, error));
      else resolve(zip);
    });
  });
}

async function readEntries(zip: ZipFile, path: string): Promise<Map<string, Entry>> {
  if (zip.entryCount > MEMBERS_MAX) throw malformed(path, 'it has too many members');
  const entries = new Map<string, Entry>();
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    zip.on('error', (error: Error) => reject(zipError(path, error)));
    zip.on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      bytes += entry.uncompressedSize;
      const wrong = whatIsWrong(entry, entries, bytes);
      if (wrong !== null) {
        reject(malformed(path, wrong));
        return;
      }
      entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
  return entries;
}

function whatIsWrong(
  entry: Entry,
  known: ReadonlyMap<string, Entry>,
  bytes: number,
): string | null {
  const name = JSON.stringify(entry.fileName);
  if (parseMemberPath(entry.fileName) === null) return `no bundle has a member ${name}`;
  if (known.has(entry.fileName)) return `it has ${name} twice`;
  if (entry.isEncrypted()) return `${name} is encrypted`;
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    return `${name} is packed in an unknown way`;
  }
  if (entry.uncompressedSize > MEMBER_BYTES_MAX) return `${name} is too large`;
  return bytes > BUNDLE_BYTES_MAX ? 'it is too large' : null;
}

function readEntry(zip: ZipFile, entry: Entry, path: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (opening, stream) => {
      if (opening !== null) {
        reject(zipError(path, opening));
        return;
      }
      const chunks: Buffer[] = [];
      // The size was checked against the limit, and the reader ends a member that is longer than it says.
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error) => reject(zipError(path, error)));
      stream.on('end', () => resolve(Buffer.concat(chunks)));
    });
  });
}

function zipError(path: string, error: Error): Found {
  const isOfTheSystem = (error as NodeJS.ErrnoException).code?.startsWith('E') === true;
  return isOfTheSystem ? unreadable(path, error) : malformed(path, error.message);
}

function malformed(what: string, detail: string): Found {
  return new Found({ code: 'malformed', what, detail });
}
