import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '@fundflow/embedded-postgres/embedded-postgres';
import {
  DataDirectoryInUse,
  DataDirectoryUnreachable,
  DataDirectoryVersion,
  EmbeddedPostgresFailed,
} from '@fundflow/embedded-postgres/errors';
import { isAlive } from '@fundflow/embedded-postgres/process-mark';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type ScriptProcess, runScript } from './server-process.js';

interface Started {
  readonly connectionString: string;
  readonly pid: number;
  readonly adopted: boolean;
}

const POLL_MS = 10;
const PORT_MAX = 65_535;
const PORTS_TRIED_MAX = 10;

let parent: string;
let dataDir: string;
const children: ScriptProcess[] = [];
/** Whatever a failing test leaves behind is ended with the file. */
const directories = new Set<string>();

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'fundflow-server-'));
  await chmod(parent, 0o711);
  dataDir = join(parent, 'data');
});
afterAll(async () => {
  for (const child of children) await child.kill();
  for (const directory of [dataDir, ...directories]) await killServer(directory);
  await rm(parent, { recursive: true, force: true });
});

function holder(directory = dataDir, options: { uid?: number; gid?: number } = {}): ScriptProcess {
  directories.add(directory);
  const child = runScript('server-holder.ts', [directory], options);
  children.push(child);
  return child;
}

async function ask<T>(connectionString: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.map((row) => row[0] as T);
  } finally {
    await client.end();
  }
}

async function serverPid(directory: string): Promise<number | null> {
  const text = await readFile(join(directory, 'cluster/postmaster.pid'), 'utf8').catch(() => '');
  return text === '' ? null : Number(text.split('\n')[0]);
}

/** A port is nobody's until it is bound: one that another program took meanwhile is not tried twice. */
async function startedOnPortAfter(
  taken: number,
): Promise<{ readonly server: EmbeddedPostgres; readonly port: number }> {
  for (let tried = 1; ; tried += 1) {
    // Stays among the ports of programs, whatever the first one was.
    const port = taken + tried <= PORT_MAX ? taken + tried : taken - tried;
    try {
      return { server: await startEmbeddedPostgres({ dataDir, port }), port };
    } catch (error) {
      const other = /Address already in use|could not bind/.test(String(error));
      if (!other || tried === PORTS_TRIED_MAX) throw error;
    }
  }
}

async function killServer(directory: string): Promise<void> {
  const pid = await serverPid(directory);
  // One of the tests writes the number of this process there.
  if (pid === null || pid === process.pid || !isAlive(pid)) return;
  process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await pause(POLL_MS);
}

describe('the embedded server', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ dataDir });
  });
  afterAll(() => server.stop());

  it('is durable, speaks to this machine alone, and asks for a password nobody chose', async () => {
    const { connectionString } = server;
    for (const [setting, value] of [
      ['fsync', 'on'],
      ['synchronous_commit', 'on'],
      ['full_page_writes', 'on'],
      ['listen_addresses', '127.0.0.1'],
      ['unix_socket_directories', ''],
      ['server_encoding', 'UTF8'],
      ['data_checksums', 'on'],
    ]) {
      expect([setting, ...(await ask(connectionString, `SHOW ${setting}`))]).toEqual([
        setting,
        value,
      ]);
    }
    const methods = await ask(
      connectionString,
      'SELECT DISTINCT auth_method FROM pg_hba_file_rules',
    );
    expect(methods).toEqual(['scram-sha-256']);
    const guess = new URL(connectionString);
    guess.password = 'postgres';
    await expect(ask(guess.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('writes nothing of a statement into its log, not even of one that fails', async () => {
    const { connectionString } = server;
    await ask(connectionString, 'CREATE TABLE once (name text PRIMARY KEY)');
    const twice = `INSERT INTO once VALUES ('韦建国的名字'), ('韦建国的名字')`;
    await expect(ask(connectionString, twice)).rejects.toThrow('duplicate key');
    const log = await readFile(join(dataDir, 'server.log'), 'utf8');
    expect(log).toContain('duplicate key value violates unique constraint');
    expect(log).not.toMatch(/韦建国|INSERT/);
  });

  it('keeps the password to the owner of the directory', async () => {
    const { password } = new URL(server.connectionString);
    expect((await readFile(join(dataDir, 'password'), 'utf8')).trim()).toBe(password);
    expect(password.length).toBeGreaterThan(40);
    for (const [path, mode] of [
      ['password', 0o600],
      ['', 0o700],
      ['server.log', 0o600],
      ['cluster', 0o700],
    ] as const) {
      expect([path, (await stat(join(dataDir, path))).mode & 0o777]).toEqual([path, mode]);
    }
  });

  it('is refused to a second process, which is told who has it, and to this one again', async () => {
    const told = await holder().next<{ error: string; message: string }>();
    expect(told.error).toBe('DataDirectoryInUse');
    expect(told.message).toContain(`进程号 ${process.pid}`);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(DataDirectoryInUse);
    expect(await ask(server.connectionString, 'SELECT 1')).toEqual([1]);
  });

  it('is refused even when the file that names its owner is gone', async () => {
    await rm(join(dataDir, 'owner.json'));
    const told = await holder().next<{ error: string; message: string }>();
    expect(told.error).toBe('DataDirectoryInUse');
    expect(told.message).toContain(`进程号 ${process.pid}`);
  });

  it('is still ours after a crash of one of its sessions ended all of them', async () => {
    const client = new pg.Client({ connectionString: server.connectionString });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]?.pid ?? 0, 'SIGKILL');
    await client.query('SELECT 1').catch(() => undefined);
    const maintenance = new URL(server.connectionString);
    maintenance.pathname = '/postgres';
    const locks = `SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND granted`;
    while ((await ask(maintenance.href, locks).catch(() => [0]))[0] !== 1) await pause(POLL_MS);
    await rm(join(dataDir, 'owner.json'), { force: true });
    const told = await holder().next<{ error: string }>();
    expect(told.error).toBe('DataDirectoryInUse');
  });

  it('starts again where it stopped, on another port if asked', async () => {
    await ask(server.connectionString, 'CREATE TABLE kept AS SELECT 42 AS x');
    await server.stop();
    await server.stop();
    expect(await serverPid(dataDir)).toBeNull();
    server = await startEmbeddedPostgres({ dataDir });
    expect(server.adopted).toBe(false);
    expect(await ask(server.connectionString, 'SELECT x FROM kept')).toEqual([42]);
  });
});

describe('a server whose process was killed', () => {
  it('goes on, is adopted by the next one, and stopped by it', async () => {
    const first = holder();
    const started = await first.next<Started>();
    expect(started.adopted).toBe(false);
    await ask(started.connectionString, 'CREATE TABLE survived AS SELECT 1 AS x');
    await first.kill();
    const server = await startEmbeddedPostgres({ dataDir });
    expect(server).toMatchObject({ adopted: true, pid: started.pid });
    expect(await ask(server.connectionString, 'SELECT x FROM survived')).toEqual([1]);
    await server.stop();
    expect(isAlive(started.pid)).toBe(false);
  });

  it('moves when another port is asked for', async () => {
    const first = holder();
    const { pid, connectionString } = await first.next<Started>();
    await first.kill();
    const { server, port } = await startedOnPortAfter(Number(new URL(connectionString).port));
    expect(server.adopted).toBe(false);
    expect(isAlive(pid)).toBe(false);
    expect(new URL(server.connectionString).port).toBe(String(port));
    await server.stop();
  });

  it('gives the directory back when the port asked for is taken', async () => {
    const first = holder();
    await first.next<Started>();
    await first.kill();
    const occupied = createServer().listen(0, '127.0.0.1');
    await once(occupied, 'listening');
    const { port } = occupied.address() as AddressInfo;
    await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toThrow(EmbeddedPostgresFailed);
    occupied.close();
    const server = await startEmbeddedPostgres({ dataDir });
    expect(server.adopted).toBe(false);
    await server.stop();
  });
});

describe('a server that was itself killed', () => {
  it('recovers with everything it had acknowledged, and its process hears of the loss', async () => {
    const first = holder();
    const { connectionString } = await first.next<Started>();
    await ask(connectionString, 'CREATE TABLE written AS SELECT 7 AS x');
    await killServer(dataDir);
    expect(await first.next()).toHaveProperty('lost');
    // It believes the directory to be its own until it ends.
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(DataDirectoryInUse);
    await first.kill();
    const server = await startEmbeddedPostgres({ dataDir });
    expect(server.adopted).toBe(false);
    expect(await ask(server.connectionString, 'SELECT x FROM written')).toEqual([7]);
    await server.stop();
  });

  it('together with its process starts again, whoever has its number now', async () => {
    const first = holder();
    const { pid } = await first.next<Started>();
    await first.kill();
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await pause(POLL_MS);
    const pidFile = join(dataDir, 'cluster/postmaster.pid');
    const stale = await readFile(pidFile, 'utf8');
    // The number went to another program in the meantime: this one.
    await writeFile(pidFile, stale.replace(/^\d+/, String(process.pid)));
    const server = await startEmbeddedPostgres({ dataDir });
    expect(server.adopted).toBe(false);
    await server.stop();
  });
});

describe('several processes that start on one directory at the same moment', () => {
  it('leave exactly one with the server', async () => {
    const directory = join(parent, 'race');
    const racers = [1, 2, 3].map(() => holder(directory));
    const said = await Promise.all(
      racers.map((racer) => racer.next<Started | { error: string }>()),
    );
    const [winner, ...others] = said.filter((line) => 'pid' in line);
    expect(others).toEqual([]);
    const losers = said.filter((line) => 'error' in line);
    expect(losers.map((line) => line.error)).toEqual(['DataDirectoryInUse', 'DataDirectoryInUse']);
    expect(await ask(winner?.connectionString ?? '', 'SELECT 1')).toEqual([1]);
    for (const racer of racers) racer.tell('stop');
    await Promise.all(racers.map((racer) => racer.ended()));
    expect(await serverPid(directory)).toBeNull();
  });
});

describe('a data directory that cannot be used', () => {
  it('of another version of PostgreSQL is left as it is', async () => {
    const version = join(dataDir, 'cluster/PG_VERSION');
    const own = await readFile(version, 'utf8');
    await writeFile(version, '17\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(DataDirectoryVersion);
    await writeFile(version, own);
  });

  it('without its password is not given a new one', async () => {
    const path = join(dataDir, 'password');
    const password = await readFile(path);
    await rm(path);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(EmbeddedPostgresFailed);
    await writeFile(path, password, { mode: 0o600 });
    const { uid, gid } = await stat(dataDir);
    await chown(path, uid, gid);
  });

  it('whose settings are broken says what the server said', async () => {
    const settings = join(dataDir, 'cluster/postgresql.conf');
    const own = await readFile(settings, 'utf8');
    await writeFile(settings, `${own}\nno_such_setting = 1\n`);
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow('no_such_setting');
    await writeFile(settings, own);
  });
});

// Only root can start a server as somebody else.
const whenRoot = process.getuid?.() === 0 ? describe : () => undefined;

whenRoot('started as root', () => {
  it('names the directory that the user of the server cannot enter', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'fundflow-closed-'));
    await expect(startEmbeddedPostgres({ dataDir: join(closed, 'a/data') })).rejects.toThrow(
      DataDirectoryUnreachable,
    );
    await expect(startEmbeddedPostgres({ dataDir: join(closed, 'a/data') })).rejects.toThrow(
      `chmod o+x ${closed}`,
    );
    await rm(closed, { recursive: true });
  });

  it('runs the server of an ordinary user as that user, who can go on with it', async () => {
    const home = await mkdtemp(join(tmpdir(), 'fundflow-home-'));
    const { uid, gid } = await stat(join(dataDir, 'cluster'));
    await chown(home, uid, gid);
    const directory = join(home, 'data');
    const before = holder(directory, { uid, gid });
    const { connectionString } = await before.next<Started>();
    await ask(connectionString, 'CREATE TABLE mine AS SELECT 1 AS x');
    before.tell('stop');
    await before.ended();
    const root = await startEmbeddedPostgres({ dataDir: directory });
    expect((await stat(join('/proc', String(root.pid)))).uid).toBe(uid);
    await root.stop();
    const after = holder(directory, { uid, gid });
    expect(await ask((await after.next<Started>()).connectionString, 'SELECT x FROM mine')).toEqual(
      [1],
    );
    after.tell('stop');
    await after.ended();
    await rm(home, { recursive: true });
  });
});
