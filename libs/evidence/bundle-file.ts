import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { canonicalJson } from '@fundflow/event-store/canonical';
import { BUNDLE_FORMAT, type ListedMember, type Manifest } from '@fundflow/proof/bundle-manifest';
import { toHex, toUtf8 } from '@fundflow/proof/encoding';
import { sha256, sha256Tree, sm3 } from '@fundflow/proof/node-hash';
import type { ProvedLog } from './proved-log.js';

/** A record as it is stored. */
export interface ProvedRecord {
  readonly position: number;
  readonly record: string;
}

export interface BundleParts {
  /** Who asked what, and why; `members` is filled in here. */
  readonly about: Omit<Manifest, 'format' | 'tree' | 'members'>;
  readonly log: ProvedLog;
  /** Ordered by position, each once. */
  readonly records: readonly ProvedRecord[];
  readonly pages: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  /** SHA-256 (hex) of files that some of the records name. */
  readonly attachments: {
    readonly names: readonly string[];
    readonly read: (sha256: string) => Promise<Uint8Array>;
  };
}

/** Two digests over all records, for people to compare: of lines `<position> <leaf hash in hex>`. */
export interface RecordsDigest {
  readonly sha256: string;
  readonly sm3: string;
}

export function digestOfRecords(records: readonly ProvedRecord[]): RecordsDigest {
  const [first, second] = [createHash('sha256'), createHash('sm3')];
  for (const { position, record } of records) {
    const line = `${position} ${toHex(sha256Tree.leaf(record))}\n`;
    first.update(line);
    second.update(line);
  }
  return { sha256: first.digest('hex'), sm3: second.digest('hex') };
}

/** Records of one bundle; with their proofs they take some 60 MB of memory at most while they are packed. */
export const BUNDLE_RECORDS_MAX = 20_000;

/**
 * The bundle as a zip (docs/evidence-bundle.md), read while it is packed. The same parts give the same bytes.
 *
 * @throws RangeError before anything is written when a record lies beyond the checkpoint, or there are too many
 */
export function writeBundle(parts: BundleParts): Readable {
  const beyond = parts.records.find(({ position }) => position > parts.log.size);
  if (beyond) throw new RangeError(`record ${beyond.position} is not in the checkpoint`);
  if (parts.records.length > BUNDLE_RECORDS_MAX) throw new RangeError('too many records');
  const zip = new ZipFile();
  const stream = zip.outputStream as Readable;
  void addMembers(zip, parts).catch((error: unknown) => stream.destroy(error as Error));
  return stream;
}

async function addMembers(zip: ZipFile, parts: BundleParts): Promise<void> {
  const { about, log, records, pages, attachments } = parts;
  const listed: ListedMember[] = [];
  const stream = zip.outputStream as Readable;
  const mtime = new Date(about.createdAt);
  const put = (path: string, bytes: Uint8Array): void => {
    const options = { mtime, mode: 0o100644, compress: bytes.length > 64 };
    zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), path, options);
  };
  const add = async (path: string, content: Uint8Array | string): Promise<void> => {
    const bytes = typeof content === 'string' ? toUtf8(content) : content;
    const digests = { sha256: toHex(sha256(bytes)), sm3: toHex(sm3(bytes)) };
    listed.push({ path, bytes: bytes.length, ...digests });
    put(path, bytes);
  };
  await add('checkpoint', log.checkpointText);
  await add('policy', log.policyText);
  await add('keys', log.keysText);
  for (const { path, bytes } of pages) await add(path, bytes);
  for (const { position, record } of records) {
    if (stream.destroyed) return;
    await add(`records/${position}.json`, record);
    await add(`proofs/${position}.tlog-proof`, await log.prove(position));
  }
  for (const sha256 of attachments.names) {
    await add(`attachments/${sha256}`, await attachments.read(sha256));
  }
  listed.sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest: Manifest = { format: BUNDLE_FORMAT, tree: 'sha256', ...about, members: listed };
  put('manifest.json', toUtf8(canonicalJson(manifest)));
  zip.end();
}
