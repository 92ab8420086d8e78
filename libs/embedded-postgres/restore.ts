import { chmod, chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { type Account, serverAccount } from './account.js';
import { BESIDE, CLUSTER, MANIFEST, PASSWORD } from './backup.js';
import { type ClusterFiles, clusterFiles, prepareDirectory } from './cluster.js';
import { findBinaries } from './binaries.js';
import { DataDirectoryVersion, BackupUnusable, TargetExists } from './errors.js';

export interface RestoreSettings {
  readonly archive: string;
  /** Where a server is to run on it: must not hold one yet. */
  readonly dataDir: string;
  /** Where the directories put beside the cluster go, by name. */
  readonly beside: Readonly<Record<string, string>>;
  readonly onProgress?: (files: number, filesInAll: number) => void;
}

interface Place {
  readonly path: string;
  /** Null: of whoever restores. */
  readonly owner: Account | null;
}

/**
 * Unpacks what `backUp` made. The server that starts on it replays the log of the time of the backup by itself. Whole or
 * not at all: the cluster gets its name when everything is on the disk.
 *
 * @throws TargetExists when there is a cluster already, BackupUnusable, DataDirectoryVersion when another major version of
 * PostgreSQL wrote it; NodeJS.ErrnoException with the path of what cannot be read or written
 */
export async function restoreBackup(settings: RestoreSettings): Promise<void> {
  const files = clusterFiles(settings.dataDir);
  const there = await readdir(files.cluster).catch(() => null);
  if (there !== null) {
    throw new TargetExists(`数据目录 ${files.directory} 中已有账本，不会覆盖；请另选空目录。`);
  }
  const zip = await openPromise(settings.archive, { lazyEntries: true }).catch((error: Error) => {
    throw refusedBySystem(error, settings.archive) ?? notAZip(settings.archive);
  });
  const account = await serverAccount(files.cluster);
  await prepareDirectory(files, account);
  const half = `${files.cluster}.restoring`;
  await rm(half, { recursive: true, force: true });
  const placeOf = (name: string): Place | null => {
    if (name === PASSWORD) return { path: files.password, owner: account };
    if (name.startsWith(CLUSTER))
      return { path: join(half, name.slice(CLUSTER.length)), owner: account };
    const [first = '', ...rest] = name.slice(BESIDE.length).split('/');
    const directory = name.startsWith(BESIDE) ? settings.beside[first] : undefined;
    return directory === undefined ? null : { path: join(directory, ...rest), owner: null };
  };
  try {
    if (!(await unpackAll(zip, placeOf, settings))) {
      throw new BackupUnusable(settings.archive, `其中没有 ${MANIFEST}`);
    }
    await assertVersion(files, half, account);
  } catch (error) {
    // What does not become a ledger must not fill the disk.
    await rm(half, { recursive: true, force: true });
    throw error;
  }
  await rename(half, files.cluster);
}

const notAZip = (archive: string): BackupUnusable =>
  new BackupUnusable(archive, '不是 ZIP 文件，或没有传完整');

/** What the system said of a file, with its path; null: the file is there, and is not what it should be. */
function refusedBySystem(error: unknown, path: string): NodeJS.ErrnoException | null {
  const refused = error as NodeJS.ErrnoException;
  if (refused.syscall === undefined) return null;
  return Object.assign(refused, { path: refused.path ?? path });
}

/** The server that is to run on it has to be of the version that wrote it. */
async function assertVersion(
  files: ClusterFiles,
  half: string,
  account: Account | null,
): Promise<void> {
  const found = (await readFile(join(half, 'PG_VERSION'), 'utf8')).trim();
  const { version } = await findBinaries(account, files.programs);
  const expected = version.split('.')[0] ?? '';
  if (found !== expected) throw new DataDirectoryVersion(files.directory, found, expected);
}

/** False when the last entry of a whole backup is missing. */
async function unpackAll(
  zip: ZipFile,
  placeOf: (name: string) => Place | null,
  { archive, dataDir, onProgress }: RestoreSettings,
): Promise<boolean> {
  let done = 0;
  let whole = false;
  try {
    for await (const entry of zip.eachEntry()) {
      whole ||= entry.fileName === MANIFEST;
      const place = placeOf(entry.fileName);
      if (place) await unpack(zip, entry, place);
      onProgress?.((done += 1), zip.entryCount);
    }
    return whole;
  } catch (error) {
    throw refusedBySystem(error, dataDir) ?? new BackupUnusable(archive, '内容已损坏');
  } finally {
    zip.close();
  }
}

/** Modes as initdb sets them: PostgreSQL refuses a directory that others can read. */
async function unpack(zip: ZipFile, entry: Entry, { path, owner }: Place): Promise<void> {
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    if (owner) await chown(path, owner.uid, owner.gid);
    return;
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'w', 0o600);
  if (owner) await file.chown(owner.uid, owner.gid);
  await pipeline(await zip.openReadStreamPromise(entry), file.createWriteStream({ flush: true }));
}
