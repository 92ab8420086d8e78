import { execFile, spawn } from 'node:child_process';
import { open, readFile, readlink, realpath, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Account, runAs } from './account.js';
import type { Binaries } from './binaries.js';
import { type ClusterFiles, serverEnvironment } from './cluster.js';
import { EmbeddedPostgresFailed, failureOf } from './errors.js';
import { isAlive } from './process-mark.js';

/** A PostgreSQL server process that runs on a cluster. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly status: 'starting' | 'ready' | 'stopping';
}

const POLL_MS = 10;
const START_MAX_MS = 600_000;
const STOP_MAX_MS = 60_000;
const PORT_ATTEMPTS_MAX = 5;
const LOG_TAIL_BYTES = 8_192;

/** The living server of this cluster, or null; a stale pid file is no server. */
export async function findPostmaster(files: ClusterFiles): Promise<Postmaster | null> {
  const text = await readFile(pidFile(files), 'utf8').catch(() => '');
  // pid, data directory, start time, port, socket directory, address, shared memory, status
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (!(await isPostmasterOf(pid, files.cluster))) return null;
  const word = (lines[7] ?? '').trim();
  const status = word === 'ready' || word === 'stopping' ? word : 'starting';
  return { pid, port: Number(lines[3]), status };
}

/** A pid alone proves nothing: after a crash it may long belong to another program. */
async function isPostmasterOf(pid: number, cluster: string): Promise<boolean> {
  if (platform() === 'linux') {
    // A server works in its data directory; a zombie works nowhere.
    const [works, place] = await Promise.all([
      readlink(`/proc/${pid}/cwd`).catch(() => null),
      realpath(cluster).catch(() => cluster),
    ]);
    return works === place;
  }
  const ps = promisify(execFile)('ps', ['-p', String(pid), '-o', 'command=']);
  return ps.then(({ stdout }) => stdout.includes(cluster)).catch(() => false);
}

/**
 * Removes the pid file a killed server left, when no server lives: PostgreSQL itself would refuse
 * to start while any process of its user has that number.
 */
export async function removeStalePidFile(files: ClusterFiles): Promise<void> {
  if ((await findPostmaster(files)) === null) await rm(pidFile(files), { force: true });
}

export interface LaunchOptions {
  readonly account: Account | null;
  /** A free one when it is left out. */
  readonly port?: number | undefined;
  /** `name=value` settings of the server. */
  readonly settings: readonly string[];
}

/**
 * Starts the server in a session of its own, so that Ctrl-C on the terminal reaches only this
 * process, which then stops the server after its last append. Waits until it accepts connections,
 * crash recovery included.
 *
 * @throws EmbeddedPostgresFailed with the tail of its log, DiskFull; `mayRetry` tells a passing reason.
 */
export async function launchPostmaster(
  files: ClusterFiles,
  binaries: Binaries,
  options: LaunchOptions,
): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort());
    const logFrom = await sizeOf(files.log);
    const pid = await spawnServer(files, binaries, { ...options, port });
    const started = await waitUntilReady(files, pid);
    if (started !== null) return started;
    const output = await tail(files.log, logFrom);
    const portTaken = /Address already in use|could not bind/.test(output);
    // The port was free a moment ago; somebody else was faster.
    if (portTaken && options.port === undefined && attempt < PORT_ATTEMPTS_MAX) continue;
    throw failureOf(`数据库服务器未能启动，日志 ${files.log}`, output);
  }
}

/** Whether the same start may succeed in a moment: another start, or orphans of a killed server. */
export function mayRetry(error: unknown): boolean {
  return /pre-existing shared memory|lock file ".*" already exists/.test(String(error));
}

/**
 * Fast shutdown: sessions end, a checkpoint is written. One that does not end in time is made an
 * immediate one, after which the next start recovers from the log; acknowledged is durable either
 * way.
 */
export async function stopPostmaster(files: ClusterFiles, pid: number): Promise<void> {
  for (const how of ['SIGINT', 'SIGQUIT'] as const) {
    const deadline = performance.now() + STOP_MAX_MS;
    if (await isPostmasterOf(pid, files.cluster)) signal(pid, how);
    while (performance.now() < deadline) {
      if (!(await isPostmasterOf(pid, files.cluster))) return;
      await pause(POLL_MS);
    }
  }
  throw new EmbeddedPostgresFailed(`数据库服务器（进程号 ${pid}）未能停止`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function spawnServer(
  files: ClusterFiles,
  binaries: Binaries,
  options: LaunchOptions & { readonly port: number },
): Promise<number> {
  const log = await open(files.log, 'a', 0o600);
  try {
    const { account } = options;
    // Started as root today, by the owner himself tomorrow.
    if (account !== null) await log.chown(account.uid, account.gid);
    const settings = [`port=${options.port}`, ...options.settings];
    const child = spawn(
      binaries.postgres,
      ['-D', files.cluster, ...settings.flatMap((setting) => ['-c', setting])],
      {
        ...runAs(account),
        cwd: files.directory,
        env: serverEnvironment(),
        detached: true,
        // A file, not a pipe: the server must be able to write after this process was killed.
        stdio: ['ignore', log.fd, log.fd],
      },
    );
    await new Promise<void>((done, failed) => {
      child.once('spawn', done);
      child.once('error', failed);
    });
    child.unref();
    return child.pid ?? 0;
  } finally {
    await log.close();
  }
}

/** Null when the process ended before it was ready. */
async function waitUntilReady(files: ClusterFiles, pid: number): Promise<Postmaster | null> {
  const deadline = performance.now() + START_MAX_MS;
  while (isAlive(pid)) {
    const found = await findPostmaster(files);
    if (found?.pid === pid && found.status === 'ready') return found;
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresFailed(`数据库服务器（进程号 ${pid}）迟迟未就绪`);
    }
    await pause(POLL_MS);
  }
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', done);
  });
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function pidFile(files: ClusterFiles): string {
  return join(files.cluster, 'postmaster.pid');
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function tail(path: string, from: number): Promise<string> {
  const text = await readFile(path).catch(() => Buffer.alloc(0));
  return text.subarray(Math.max(from, text.length - LOG_TAIL_BYTES)).toString('utf8');
}
