import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeDirectory } from '@fundflow/directories/make-directory';
import { type Account, assertReachable, runAs } from './account.js';
import type { Binaries } from './binaries.js';
import { DataDirectoryVersion, EmbeddedPostgresFailed, failureOf } from './errors.js';

/** What lies in the data directory of one embedded server. */
export interface ClusterFiles {
  readonly directory: string;
  /** The directory PostgreSQL itself calls its data directory. */
  readonly cluster: string;
  /** Password of the superuser, mode 0600: made anew at each start, never built in. */
  readonly password: string;
  /** The one it is about to get, see owner-password.ts. */
  readonly nextPassword: string;
  readonly log: string;
  /** Which process runs on this directory, see owner.ts. */
  readonly owner: string;
  /** Copy of the programs, only where the installed ones are out of the server's reach. */
  readonly programs: string;
}

export const SUPERUSER = 'fundflow';

export function clusterFiles(dataDir: string): ClusterFiles {
  const directory = resolve(dataDir);
  return {
    directory,
    cluster: join(directory, 'cluster'),
    password: join(directory, 'password'),
    nextPassword: join(directory, 'password.next'),
    log: join(directory, 'server.log'),
    owner: join(directory, 'owner.json'),
    programs: join(directory, 'programs'),
  };
}

/** Creates the directory, readable by the server's user alone. */
export async function prepareDirectory(
  files: ClusterFiles,
  account: Account | null,
): Promise<void> {
  const first = await makeDirectory(files.directory);
  if (account !== null) {
    // Parents made just now may have been made untraversable by a strict umask.
    for (let at = dirname(files.directory); first !== undefined && at.startsWith(first);) {
      await chmod(at, 0o711);
      at = dirname(at);
    }
    if ((await stat(files.directory)).uid !== account.uid) {
      await chown(files.directory, account.uid, account.gid);
    }
  }
  const { uid } = await stat(files.directory);
  if (account === null && uid !== process.getuid?.()) {
    throw new EmbeddedPostgresFailed(
      `数据目录 ${files.directory} 属于另一个系统用户（uid ${uid}），请以该用户启动或更换目录。`,
    );
  }
  await chmod(files.directory, 0o700);
  assertReachable(files.directory, account);
}

/**
 * Initialises the cluster unless it exists: UTF-8, locale C, SCRAM passwords on every way in.
 *
 * @returns the superuser's password as it was kept
 * @throws DataDirectoryVersion when another major version wrote it.
 */
export async function prepareCluster(
  files: ClusterFiles,
  binaries: Binaries,
  options: { account: Account | null; durable: boolean },
): Promise<string> {
  const found = await readFile(join(files.cluster, 'PG_VERSION'), 'utf8').catch(() => null);
  const expected = binaries.version.split('.')[0] ?? '';
  if (found !== null && found.trim() !== expected) {
    throw new DataDirectoryVersion(files.directory, found.trim(), expected);
  }
  const password = await keptPassword(files.password, options.account, found === null);
  if (found !== null) return password;
  // Beside its place and renamed when whole: a crash in between leaves nothing half-made behind.
  const half = `${files.cluster}.${process.pid}`;
  await rm(half, { recursive: true, force: true });
  await initialise(half, files.password, binaries, options);
  try {
    await rename(half, files.cluster);
  } catch {
    // Another process was faster; its cluster has the same password file.
    await rm(half, { recursive: true, force: true });
  }
  await syncDirectory(files.directory);
  return password;
}

/** The password in a file of mode 0600; a new one where it is missing and may be. */
async function keptPassword(
  path: string,
  account: Account | null,
  mayCreate: boolean,
): Promise<string> {
  const kept = await readFile(path, 'utf8').catch(() => null);
  if (kept !== null && kept.trim() !== '') return kept.trim();
  if (!mayCreate) {
    throw new EmbeddedPostgresFailed(`数据库密码文件 ${path} 丢失或无法读取，请从备份恢复该文件。`);
  }
  return writeNewPassword(path, account);
}

export const newPassword = (): string => randomBytes(32).toString('base64url');

/** A new password in a file of mode 0600, on the disk; its folder is not flushed yet. */
export async function writeNewPassword(path: string, account: Account | null): Promise<string> {
  const password = newPassword();
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(`${password}\n`);
    if (account !== null) await file.chown(account.uid, account.gid);
    await file.sync();
  } finally {
    await file.close();
  }
  return password;
}

async function initialise(
  cluster: string,
  passwordFile: string,
  binaries: Binaries,
  options: { account: Account | null; durable: boolean },
): Promise<void> {
  const output: string[] = [];
  const child = spawn(
    binaries.initdb,
    [
      ...['--pgdata', cluster, '--username', SUPERUSER, '--pwfile', passwordFile],
      ...['--auth-host=scram-sha-256', '--auth-local=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--no-instructions'],
      ...(options.durable ? [] : ['--no-sync']),
    ],
    {
      ...runAs(options.account),
      cwd: dirname(cluster),
      env: serverEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  if (code === 0) return;
  await rm(cluster, { recursive: true, force: true });
  throw failureOf(`初始化数据库失败（initdb 退出码 ${code}）`, output.join(''));
}

const MIB = 2 ** 20;

/**
 * What a statement over thousands of rows has freed stays with its session, up to 64 MiB, for the next one: else the GNU
 * library gives it back and the system hands out every page of it anew, up to a page a row. Other libraries know none of it.
 */
const MEMORY_KEPT = {
  MALLOC_MMAP_THRESHOLD_: String(32 * MIB),
  MALLOC_TRIM_THRESHOLD_: String(64 * MIB),
};

/** No locale, time zone or PG* variable of whoever starts us may change what the server does. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const PATH = process.env['PATH'] ?? '/usr/bin:/bin';
  return { PATH, LC_ALL: 'C', TZ: 'UTC', ...MEMORY_KEPT };
}

export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
