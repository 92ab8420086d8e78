import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';
import { DatabaseUnavailable, openDatabase } from './database.js';
import { sharedSecret } from './shared-secret.js';
import { edgeEntities, edgeMigrations } from './tables.js';

const opened: DataSource[] = [];
let url: string;

const settings = (more: { url?: string; waitMs?: number } = {}) => ({
  url,
  applicationName: 'fundflow-test',
  entities: edgeEntities,
  migrations: edgeMigrations,
  poolSizeMax: 2,
  ...more,
});

async function open(more: Parameters<typeof settings>[0] = {}): Promise<DataSource> {
  const database = await openDatabase(settings(more));
  opened.push(database);
  return database;
}

beforeEach(async () => {
  url = await (await startTestDatabase({ durable: false })).createDatabase();
});
afterEach(() => Promise.all(opened.splice(0).map((database) => database.destroy())));

describe('opening the database', () => {
  it('from several processes at once runs every migration once', async () => {
    const databases = await Promise.all([open(), open(), open(), open()]);
    const rows = await databases[0]?.query('SELECT name FROM fundflow_migrations');
    expect(rows).toEqual([{ name: 'EdgeTables1750000000100' }]);
  });

  it('again finds nothing to do', async () => {
    await open();
    await expect(open()).resolves.toBeDefined();
  });

  it('leaves nothing of a migration that fails, and says so', async () => {
    class Halfway1750000000200 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query('CREATE TABLE half_done (x int)');
        await runner.query('SELECT 1/0');
      }
      async down(): Promise<void> {}
    }
    const both = { ...settings(), migrations: [...edgeMigrations, Halfway1750000000200] };
    await expect(openDatabase(both)).rejects.toThrow('division by zero');
    const database = await open();
    const [found] = await database.query(`SELECT to_regclass('half_done') AS table`);
    expect(found).toEqual({ table: null });
  });

  it('waits for a server that does not accept connections yet', async () => {
    const target = new URL(url);
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const later = new URL(url);
    later.port = String(port);
    const opening = open({ url: later.href });
    const proxy = await forwardTo(Number(target.port), port);
    await expect(opening).resolves.toBeDefined();
    await Promise.all(opened.splice(0).map((database) => database.destroy()));
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('gives up in time and names the host, never the password', async () => {
    const nowhere = 'postgres://fundflow:geheim@127.0.0.1:1/fundflow';
    const failed = await open({ url: nowhere, waitMs: 0 }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(DatabaseUnavailable);
    expect((failed as Error).message).toBe(
      '无法连接数据库 127.0.0.1:1：该地址没有数据库在运行（ECONNREFUSED）',
    );
  });

  it('does not wait where waiting is no use', async () => {
    const wrong = new URL(url);
    wrong.password = 'geheim';
    const failed = await open({ url: wrong.href }).catch((error: unknown) => error);
    expect((failed as Error).message).toMatch(/：用户名或密码不对（28P01）$/);
  });
});

/** A server that appears on `port` and passes everything on to PostgreSQL. */
async function forwardTo(target: number, port: number): Promise<Server> {
  const proxy = createServer((client) => {
    const server = connect(target, '127.0.0.1');
    client.pipe(server).pipe(client);
    client.on('close', () => server.destroy());
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
  return proxy;
}

describe('a shared secret', () => {
  it('is the same for whoever asks, however many ask first', async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const secrets = await Promise.all(
      [one, other, one, other].map((database) => sharedSecret(database as DataSource, 'cursor')),
    );
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(1);
    expect(secrets[0]).toHaveLength(32);
  });

  it('of another name is another one', async () => {
    const database = await open();
    const [a, b] = [await sharedSecret(database, 'a'), await sharedSecret(database, 'b')];
    expect(a.equals(b)).toBe(false);
  });
});
