import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { serverAccount } from './account.js';
import { findBinaries } from './binaries.js';
import {
  type ClusterFiles,
  SUPERUSER,
  clusterFiles,
  prepareCluster,
  prepareDirectory,
} from './cluster.js';
import { findPostmaster, launchPostmaster } from './postmaster.js';
import { startMark } from './process-mark.js';
import { connectionUrl, serverSettings } from './settings.js';

export interface TestDatabase {
  /** Of the superuser, to the maintenance database. */
  readonly connectionString: string;
  /** URL (superuser) of a new, empty database with a name of its own. */
  createDatabase(): Promise<string>;
}

/**
 * The embedded PostgreSQL of the tests: real, one a process. Under Jest that is one a worker,
 * shared by all its spec files; a spec asks for databases of its own and need not clean up:
 *
 * ```ts
 * let url: string;
 * beforeAll(async () => {
 *   url = await (await startTestDatabase()).createDatabase();
 * });
 * ```
 *
 * The server and its files go away when this process ends, however it ends: a shell waits for the
 * end of a pipe that only this process holds open. Close your own pools in `afterAll`.
 *
 * @param options.durable false = fsync off: for specs with very many commits that do not test
 * durability. Such a server is another one beside the durable one.
 */
export async function startTestDatabase(
  options: { durable?: boolean } = {},
): Promise<TestDatabase> {
  const durable = options.durable ?? true;
  const name = `fundflow-test-${process.pid}-${startMark(process.pid)}-${durable ? 'd' : 'v'}`;
  const directory = join(tmpdir(), name);
  const running = (starting[directory] ??= sharedServer(directory, durable));
  const connectionString = await running;
  return { connectionString, createDatabase: () => createDatabase(connectionString) };
}

const starting: Record<string, Promise<string>> = {};
const STATE = 'connection-string';

/** Spec files of one worker share no memory, only the process: the URL is handed on in a file. */
async function sharedServer(directory: string, durable: boolean): Promise<string> {
  const files = clusterFiles(directory);
  const state = join(directory, STATE);
  const known = await readFile(state, 'utf8').catch(() => null);
  if (known !== null && (await findPostmaster(files)) !== null) return known;
  const connectionString = await launch(files, durable);
  await writeFile(`${state}.new`, connectionString, { mode: 0o600 });
  await rename(`${state}.new`, state);
  return connectionString;
}

async function launch(files: ClusterFiles, durable: boolean): Promise<string> {
  await mkdir(files.directory, { recursive: true });
  stopWithThisProcess(files);
  const account = await serverAccount(files.cluster);
  await prepareDirectory(files, account);
  const binaries = await findBinaries(account, files.programs);
  // The temporary directory outlives no crash of the machine, so initdb need not sync.
  const password = await prepareCluster(files, binaries, { account, durable: false });
  const settings = serverSettings({ durable });
  const { port } = await launchPostmaster(files, binaries, { account, settings });
  return connectionUrl({ user: SUPERUSER, password, port, database: 'postgres' });
}

// `cat` ends when the last writer of the pipe is gone, by whatever signal it died.
const WATCHDOG = `
cat >/dev/null
pid=$(head -n 1 "$1/cluster/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  case "$(readlink "/proc/$pid/cwd" 2>/dev/null || ps -p "$pid" -o command= 2>/dev/null)" in
    *"$1"*) kill -QUIT "$pid" ;;
  esac
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$1"
`;

function stopWithThisProcess(files: ClusterFiles): void {
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', files.directory], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Neither the shell nor the pipe to it may keep this process from ending.
  child.unref();
  (child.stdin as unknown as Socket).unref();
}

async function createDatabase(connectionString: string): Promise<string> {
  const name = `t_${randomBytes(8).toString('hex')}`;
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}
