import { chmod, rename, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Account, serverAccount } from './account.js';
import { APPLICATION, ensureApplicationLogin } from './application-login.js';
import { type Binaries, findBinaries } from './binaries.js';
import {
  type ClusterFiles,
  SUPERUSER,
  clusterFiles,
  newPassword,
  prepareCluster,
  prepareDirectory,
} from './cluster.js';
import { DataDirectoryInUse, EmbeddedPostgresFailed } from './errors.js';
import { assertNotOwned, releaseOwnership, takeOwnership } from './owner.js';
import {
  type LaunchOptions,
  type Postmaster,
  findPostmaster,
  launchPostmaster,
  mayRetry,
  removeStalePidFile,
  stopPostmaster,
} from './postmaster.js';
import { ownWithPassword, renewPassword } from './owner-password.js';
import { connectionUrl, serverSettings } from './settings.js';

const DATABASE = 'fundflow';
const MAINTENANCE = 'postgres';
const RETRY_MS = 50;
const RETRY_MAX_MS = 60_000;
const LOG_BYTES_MAX = 16_777_216;

export interface EmbeddedPostgresOptions {
  /** Created when missing; holds the cluster, the password, the log of the server. */
  readonly dataDir: string;
  /** On 127.0.0.1; a free one when left out. */
  readonly port?: number;
  /** What this process started before, and lost: the passwords stay, since its pools reconnect with them. */
  readonly again?: Pick<EmbeddedPostgres, 'applicationConnectionString'>;
  /** Told, in Chinese, what is going on. */
  readonly log?: (message: string) => void;
  /**
   * Told once when this process has lost the server for good: it was killed, or another process
   * took it over. Nothing that was acknowledged is lost; the process should end and start again.
   */
  readonly onLost?: (reason: Error) => void;
}

export interface EmbeddedPostgres {
  /** Of the superuser, who owns the database `fundflow`. */
  readonly connectionString: string;
  /** Of the application's login, which owns nothing. */
  readonly applicationConnectionString: string;
  readonly pid: number;
  /** The server was running already: its last process was killed and left it behind. */
  readonly adopted: boolean;
  /**
   * Fast shutdown; sessions that are still open end. Stops this server and no other. After a loss
   * it gives the directory back, so that the server can be started again.
   */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL from npm on a data directory of its own, or adopts the one a killed
 * process left running there. Listens on 127.0.0.1 only, with random passwords made anew at each start; the owner's is
 * kept in the data directory (mode 0600). Durable: fsync and synchronous commit are on, whatever the cluster says.
 *
 * As root it runs as the owner of the cluster, else as the system user `postgres`, created when
 * missing, because PostgreSQL refuses to run as root.
 *
 * @throws DataDirectoryInUse when another living process has the directory
 * @throws DataDirectoryUnreachable when the server's user cannot reach it
 * @throws DataDirectoryVersion when another major version wrote it
 * @throws DiskFull, EmbeddedPostgresFailed with what the server said; NodeJS.ErrnoException with the path that cannot be made
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const files = clusterFiles(options.dataDir);
  await assertNotOwned(files);
  const account = await serverAccount(files.cluster);
  await prepareDirectory(files, account);
  const binaries = await findBinaries(account, files.programs);
  await prepareCluster(files, binaries, { account, durable: true });
  await turnLog(files);

  const launch = { account, port: options.port, settings: serverSettings({ durable: true }) };
  const { server, adopted } = await runningServer(files, binaries, launch);
  const { again } = options;
  const { session, password, applicationPassword } = await ownedSession(files, server, adopted, {
    account,
    applicationPassword: again ? passwordIn(again.applicationConnectionString) : null,
  });
  const urlOf = (database: string): string =>
    connectionUrl({ user: SUPERUSER, password, port: server.port, database });
  log(`数据库${adopted ? '已在运行，现已接管' : '已启动'}（进程号 ${server.pid}）`);

  let stopping: Promise<void> | null = null;
  const guard = guardOwnership(session, {
    retake: () => takeOwnership(files, urlOf(MAINTENANCE)),
    serverLives: async () => (await findPostmaster(files))?.pid === server.pid,
    onLost: options.onLost ?? (() => undefined),
  });
  const stop = async (): Promise<void> => {
    await guard.end();
    await stopPostmaster(files, server.pid);
    await releaseOwnership(files);
    log('数据库已停止');
  };
  return {
    connectionString: urlOf(DATABASE),
    applicationConnectionString: connectionUrl({
      ...{ user: APPLICATION, password: applicationPassword },
      ...{ port: server.port, database: DATABASE },
    }),
    pid: server.pid,
    adopted,
    stop: () => (stopping ??= stop()),
  };
}

interface OwnedSession {
  readonly session: pg.Client;
  readonly password: string;
  readonly applicationPassword: string;
}

const passwordIn = (url: string): string => decodeURIComponent(new URL(url).password);

const maintenanceUrl =
  (port: number) =>
  (password: string): string =>
    connectionUrl({ user: SUPERUSER, password, port, database: MAINTENANCE });

/** The living server of the cluster, or a new one; waits out what passes by itself. */
async function runningServer(
  files: ClusterFiles,
  binaries: Binaries,
  launch: LaunchOptions,
): Promise<{ server: Postmaster; adopted: boolean }> {
  const deadline = performance.now() + RETRY_MAX_MS;
  for (;;) {
    const found = await findPostmaster(files);
    if (found?.status === 'ready') {
      if (launch.port === undefined || launch.port === found.port) {
        return { server: found, adopted: true };
      }
      // Not before it is ours: it may just have been started by another process.
      const { session } = await ownWithPassword(files, maintenanceUrl(found.port));
      await stopPostmaster(files, found.pid);
      await session.end().catch(() => undefined);
      // The start on the other port may fail: then the directory is nobody's again.
      await releaseOwnership(files);
    } else if (found === null) {
      await removeStalePidFile(files);
      try {
        return { server: await launchPostmaster(files, binaries, launch), adopted: false };
      } catch (error) {
        // Processes of a killed server still end, or another process starts at this moment.
        if (!mayRetry(error) || performance.now() > deadline) throw error;
      }
    } else if (performance.now() > deadline) {
      throw new EmbeddedPostgresFailed(`数据库（进程号 ${found.pid}）迟迟未就绪：${found.status}`);
    }
    await pause(RETRY_MS);
  }
}

/** A server that was started here and cannot be owned must not stay behind. */
async function ownedSession(
  files: ClusterFiles,
  server: Postmaster,
  adopted: boolean,
  {
    account,
    applicationPassword: known,
  }: { readonly account: Account | null; readonly applicationPassword: string | null },
): Promise<OwnedSession> {
  try {
    const { session, password } = await ownWithPassword(files, maintenanceUrl(server.port));
    await createDatabase(session);
    const applicationPassword = known ?? newPassword();
    await ensureApplicationLogin(session, applicationPassword);
    const own = known === null ? await renewPassword(session, files, account) : password;
    return { session, password: own, applicationPassword };
  } catch (error) {
    // Another process that adopted it in this moment goes on with it.
    if (!adopted && !(error instanceof DataDirectoryInUse)) await stopPostmaster(files, server.pid);
    await releaseOwnership(files);
    throw error;
  }
}

async function createDatabase(session: pg.Client): Promise<void> {
  const found = await session.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
  if (found.rowCount === 0) await session.query(`CREATE DATABASE ${DATABASE}`);
}

/**
 * Keeps the ownership while the server lives: a crash of one of its sessions ends all of them, the
 * lock among them, and the server goes on.
 */
function guardOwnership(
  session: pg.Client,
  ways: {
    retake(): Promise<pg.Client>;
    serverLives(): Promise<boolean>;
    onLost(reason: Error): void;
  },
): { end(): Promise<void> } {
  let current = session;
  let ended = false;
  let retaking: Promise<void> = Promise.resolve();
  const retake = async (): Promise<void> => {
    const deadline = performance.now() + RETRY_MAX_MS;
    while (!ended) {
      try {
        current = await ways.retake();
        current.once('end', lost);
        return;
      } catch (error) {
        const passing = !(error instanceof DataDirectoryInUse) && performance.now() < deadline;
        if (!passing || !(await ways.serverLives())) return ways.onLost(error as Error);
      }
      await pause(RETRY_MS);
    }
  };
  const lost = (): void => {
    if (!ended) retaking = retake();
  };
  session.once('end', lost);
  return {
    end: async () => {
      // First back on its feet: PostgreSQL 18 told to stop while it recovers from the crash of a
      // session has been seen to wait for ever.
      await retaking;
      ended = true;
      await current.end();
    },
  };
}

/** The log of the server is kept, but not for ever. */
async function turnLog(files: ClusterFiles): Promise<void> {
  const found = await stat(files.log).catch(() => null);
  if (found === null) return;
  if (found.size > LOG_BYTES_MAX) await rename(files.log, `${files.log}.1`);
  else await chmod(files.log, 0o600);
}
