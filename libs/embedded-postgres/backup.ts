import { access, type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { ZipFile } from 'yazl';
import { clusterFiles } from './cluster.js';
import { TargetExists } from './errors.js';

export const CLUSTER = 'cluster/';
export const PASSWORD = 'password';
export const MANIFEST = 'fundflow-backup.json';
/** Further directories lie below it, by their name. */
export const BESIDE = 'beside/';

export interface BackupSettings {
  /** Of `startEmbeddedPostgres`; the server runs. */
  readonly dataDir: string;
  readonly connectionString: string;
  /** Directories that belong to it, by name: what they hold is put beside the cluster. */
  readonly beside: Readonly<Record<string, string>>;
  /** The archive, written whole or not at all, readable by its owner alone. */
  readonly target: string;
  readonly onProgress?: (files: number, filesInAll: number) => void;
}

/** In the archive they are empty, as PostgreSQL's manual wants it of a base backup. */
const LEFT_EMPTY = new Set([
  ...['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots'],
  ...['pg_stat_tmp', 'pg_subtrans'],
]);
const LEFT_OUT = /^(postmaster\.(pid|opts)|pg_internal\.init|pgsql_tmp.*|t\d+_\d+(_\w+)?)$/;
const LEVEL = { compressionLevel: 1 };
/** Being written: it lies there under its name when it is whole. */
const HALF = '.part';

/**
 * Backs up a running server into one ZIP archive, by the low-level backup of PostgreSQL's manual (Continuous Archiving,
 * "Making a Base Backup Using the Low Level API"): the files as they are, and the log of everything that changed while
 * they were read. Appends go on meanwhile; what was acknowledged before this began is in it.
 *
 * @throws TargetExists: nothing is overwritten; NodeJS.ErrnoException of the target: no room, no right, no such folder
 */
export async function backUp(settings: BackupSettings): Promise<void> {
  const half = await beginArchive(settings.target);
  const client = new pg.Client({ connectionString: settings.connectionString });
  // The next statement fails, which is how it is heard of.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // Ends with the session; keeps the server from recycling the log that the backup still needs.
    await client.query(`SELECT pg_create_physical_replication_slot('fundflow_backup', true, true)`);
    const { rows } = await client.query<{ segment: string }>(
      `SELECT pg_walfile_name(pg_backup_start('fundflow', true)) AS segment`,
    );
    await writeArchive(settings, client, rows[0]?.segment ?? '', half.file);
    await rename(half.path, settings.target);
  } catch (error) {
    await half.file.close().catch(() => undefined);
    await rm(half.path, { force: true });
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Half {
  readonly path: string;
  readonly file: FileHandle;
}

async function beginArchive(target: string): Promise<Half> {
  const isThere = await access(target).then(
    () => true,
    () => false,
  );
  if (isThere) throw new TargetExists(`${target} 已存在，不会覆盖；请另取文件名。`);
  const path = `${target}${HALF}`;
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw Object.assign(error, { path: target });
    throw new TargetExists(
      `${path} 已存在：另一次备份正在写它，或上次备份中途被终止。确认没有备份在进行后，请删除它再试。`,
    );
  });
  return { path, file };
}

async function writeArchive(
  settings: BackupSettings,
  client: pg.Client,
  firstSegment: string,
  half: FileHandle,
): Promise<void> {
  const files = clusterFiles(settings.dataDir);
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, half.createWriteStream({ flush: true }));
  const failed = new Promise<never>((_, reject) => zip.on('error', reject));
  // The disk may be full before everything is named that belongs into the archive: it is heard of behind that.
  const done = Promise.race([written, failed]).catch(namingOf(settings.target));
  done.catch(() => undefined);
  let read = 0;
  let inAll = 0;
  const addFile = (path: string, name: string): void => {
    inAll += 1;
    zip.addReadStreamLazy(name, LEVEL, (give) => {
      read += 1;
      settings.onProgress?.(read, inAll);
      void openedOrEmpty(path).then(
        (stream) => give(null, stream),
        (error) => give(error, null as never),
      );
    });
  };
  await addTree(zip, files.cluster, CLUSTER, addFile);
  addFile(files.password, PASSWORD);
  const besides = new Set<string>();
  const addBesides = async (): Promise<void> => {
    for (const [name, directory] of Object.entries(settings.beside)) {
      for (const file of await filesIn(directory)) {
        const path = `${BESIDE}${name}/${file}`;
        if (besides.has(path) || file.endsWith(HALF)) continue;
        besides.add(path);
        addFile(join(directory, file), path);
      }
    }
  };
  await addBesides();
  // Asked for when everything before it was read: only then may the backup end.
  zip.addReadStreamLazy(`${CLUSTER}backup_label`, LEVEL, (give) => {
    const end = async (): Promise<Readable> => {
      const { label, segment } = await stop(client);
      // What came meanwhile: the database of the backup may name it, and it lay there before it was named.
      await addBesides();
      for (const name of await filesIn(join(files.cluster, 'pg_wal'))) {
        const wanted = /^[0-9A-F]{24}$/.test(name) && name >= firstSegment && name <= segment;
        if (wanted) addFile(join(files.cluster, 'pg_wal', name), `${CLUSTER}pg_wal/${name}`);
      }
      const manifest = { madeAt: new Date().toISOString(), segments: [firstSegment, segment] };
      zip.addBuffer(Buffer.from(`${JSON.stringify(manifest)}\n`), MANIFEST);
      zip.end();
      return Readable.from([Buffer.from(label)]);
    };
    void end().then(
      (stream) => give(null, stream),
      (error) => give(error, null as never),
    );
  });
  await done;
}

/** Of what the system refuses to write, the file that was asked for. */
const namingOf =
  (target: string) =>
  (error: NodeJS.ErrnoException): never => {
    throw error.syscall === 'write' ? Object.assign(error, { path: target }) : error;
  };

async function stop(client: pg.Client): Promise<{ label: string; segment: string }> {
  const { rows } = await client.query<{ label: string; segment: string }>(
    `SELECT labelfile AS label, pg_walfile_name(lsn) AS segment
     FROM pg_backup_stop(wait_for_archive => false)`,
  );
  return rows[0] as { label: string; segment: string };
}

/** A table dropped meanwhile is gone; the log in the backup drops it again. */
async function openedOrEmpty(path: string): Promise<Readable> {
  try {
    return (await open(path, 'r')).createReadStream();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Readable.from([]);
  }
}

const filesIn = (directory: string): Promise<string[]> => readdir(directory).catch(() => []);

/** Every directory, and every file that a base backup holds. */
async function addTree(
  zip: ZipFile,
  directory: string,
  name: string,
  addFile: (path: string, name: string) => void,
): Promise<void> {
  zip.addEmptyDirectory(name);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (LEFT_OUT.test(entry.name)) continue;
    const path = join(directory, entry.name);
    if (!entry.isDirectory()) addFile(path, `${name}${entry.name}`);
    else if (!LEFT_EMPTY.has(entry.name))
      await addTree(zip, path, `${name}${entry.name}/`, addFile);
    else await addEmpty(zip, path, `${name}${entry.name}/`);
  }
}

/** Directories only: `pg_wal/archive_status` must be there. */
async function addEmpty(zip: ZipFile, directory: string, name: string): Promise<void> {
  zip.addEmptyDirectory(name);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory() && name !== `${CLUSTER}pg_replslot/`) {
      await addEmpty(zip, join(directory, entry.name), `${name}${entry.name}/`);
    }
  }
}
