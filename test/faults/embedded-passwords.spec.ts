import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '@fundflow/embedded-postgres/embedded-postgres';
import { chmod, chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startLastingPostgres } from '@fundflow/embedded-postgres/lasting-postgres';
import pg from 'pg';

const POLL_MS = 10;

describe('the embedded server', () => {
  let parent: string;
  let dataDir: string;
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'fundflow-passwords-'));
    await chmod(parent, 0o711);
    dataDir = join(parent, 'data');
    server = await startEmbeddedPostgres({ dataDir });
  });
  afterAll(async () => {
    await server.stop();
    await rm(parent, { recursive: true, force: true });
  });

  async function ask(connectionString: string): Promise<number | undefined> {
    const client = new pg.Client({ connectionString });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<{ one: number }>('SELECT 1 AS one')).rows[0]?.one;
    } finally {
      await client.end();
    }
  }

  it('changes both its passwords at each start, and those of before open nothing', async () => {
    const before = [server.connectionString, server.applicationConnectionString];
    await server.stop();
    const { port } = new URL(server.connectionString);
    server = await startEmbeddedPostgres({ dataDir });
    for (const url of before) {
      const now = url.replace(`:${port}/`, `:${new URL(server.connectionString).port}/`);
      await expect(ask(now)).rejects.toMatchObject({ code: '28P01' });
    }
    expect(await ask(server.applicationConnectionString)).toBe(1);
  });

  it.each([
    ['before the server has the next password', 'password.next'],
    ['before the file has the password of the server', 'password'],
  ])('starts after a crash %s', async (_, stale) => {
    await server.stop();
    const { uid, gid } = await stat(dataDir);
    // What was kept or is to come and is not the server's, and the server's in the other of the two files.
    const own = await readFile(join(dataDir, 'password'));
    for (const name of ['password', 'password.next']) {
      const path = join(dataDir, name);
      await writeFile(path, name === stale ? 'not-the-one\n' : own, { mode: 0o600 });
      await chown(path, uid, gid);
    }
    server = await startEmbeddedPostgres({ dataDir });
    const { password } = new URL(server.connectionString);
    expect((await readFile(join(dataDir, 'password'), 'utf8')).trim()).toBe(password);
    await expect(stat(join(dataDir, 'password.next'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await ask(server.connectionString)).toBe(1);
  });

  it('keeps both where it died and is started again for pools that reconnect', async () => {
    await server.stop();
    const lasting = await startLastingPostgres({ dataDir });
    server = lasting;
    const { pid } = lasting;
    process.kill(pid, 'SIGKILL');
    while (lasting.pid === pid) await pause(POLL_MS);
    expect(await ask(lasting.connectionString)).toBe(1);
    expect(await ask(lasting.applicationConnectionString)).toBe(1);
  });
});
