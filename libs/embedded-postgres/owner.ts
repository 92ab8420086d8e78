import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { ClusterFiles } from './cluster.js';
import { DataDirectoryInUse, EmbeddedPostgresFailed } from './errors.js';
import { isAlive, startMark } from './process-mark.js';

/** A lock of the maintenance database, held by a session of the process that owns the server. */
const OWNER_LOCK = 7_812_317_201_812n;
const OWNER_NAME = 'fundflow-owner';
const POLL_MS = 20;
/** How long the session of a process that was killed may take to notice. */
const ORPHAN_MAX_MS = 10_000;

/**
 * Refuses when the process that the owner file names lives: also when its server is gone, because
 * it still believes the directory to be its own.
 *
 * @throws DataDirectoryInUse
 */
export async function assertNotOwned(files: ClusterFiles): Promise<void> {
  const text = await readFile(files.owner, 'utf8').catch(() => '{}');
  const { pid, started } = parsed(text);
  // The start tells the process from a later one with the same number.
  if (pid !== undefined && isAlive(pid) && startMark(pid) === started) {
    throw new DataDirectoryInUse(files.directory, pid);
  }
}

/**
 * Takes the server for this process, for as long as the returned session lives. Of processes that
 * start together on one directory, exactly one gets here.
 *
 * @param maintenanceUrl of the database `postgres`
 * @throws DataDirectoryInUse naming the process that has it.
 */
export async function takeOwnership(
  files: ClusterFiles,
  maintenanceUrl: string,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: maintenanceUrl,
    application_name: `${OWNER_NAME} ${process.pid}`,
    keepAlive: true,
  });
  // Whoever wants to know about the loss listens for `end`.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await acquire(client, files);
    await writeOwner(files);
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}

/** Gives the directory back, unless another process has it by now; the server must be gone. */
export async function releaseOwnership(files: ClusterFiles): Promise<void> {
  const { pid } = parsed(await readFile(files.owner, 'utf8').catch(() => '{}'));
  if (pid === process.pid) await rm(files.owner, { force: true });
}

async function acquire(client: pg.Client, files: ClusterFiles): Promise<void> {
  const deadline = performance.now() + ORPHAN_MAX_MS;
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS mine',
      [OWNER_LOCK],
    );
    if (rows[0]?.mine === true) return;
    const holder = await holderOf(client);
    // A holder that is dead has a session that is about to end.
    if (holder !== null && isAlive(holder)) throw new DataDirectoryInUse(files.directory, holder);
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresFailed(`数据目录 ${files.directory} 的占用锁迟迟未释放`);
    }
    await pause(POLL_MS);
  }
}

async function holderOf(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.application_name AS name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted
       AND (l.classid::bigint << 32) + l.objid::bigint = $1`,
    [OWNER_LOCK],
  );
  const pid = Number(rows[0]?.name.replace(`${OWNER_NAME} `, ''));
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

async function writeOwner(files: ClusterFiles): Promise<void> {
  const owner = { pid: process.pid, started: startMark(process.pid) };
  const half = `${files.owner}.${process.pid}`;
  await writeFile(half, JSON.stringify(owner), { mode: 0o600 });
  await rename(half, files.owner);
}

function parsed(text: string): { pid?: number; started?: string } {
  try {
    const owner = JSON.parse(text) as { pid?: unknown; started?: unknown };
    if (typeof owner.pid !== 'number' || typeof owner.started !== 'string') return {};
    return { pid: owner.pid, started: owner.started };
  } catch {
    // Cut short by a crash of the machine: nobody who wrote it lives.
    return {};
  }
}
