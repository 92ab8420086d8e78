import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../database.js';
import { edgeModule } from '../edge.module.js';
import { createApplication, listen, shutDown } from '../fastify-application.js';
import { JsonLogger } from '../json-logger.js';
import { edgeEntities, edgeMigrations } from '../tables.js';
import { HealthRegistry, Unhealthy } from './health-registry.js';

const lines: string[] = [];
const logger = new JsonLogger({ level: 'error', write: (line) => lines.push(line), now: Date.now });
let app: NestFastifyApplication;
let database: DataSource;
let url: string;
let tablesFollow = true;

beforeAll(async () => {
  database = await openDatabase({
    url: await (await startTestDatabase({ durable: false })).createDatabase(),
    applicationName: 'fundflow-test',
    entities: edgeEntities,
    migrations: edgeMigrations,
  });
  @Module({ imports: [edgeModule({ database, logger })] })
  class AppModule {}
  app = await createApplication(AppModule, { logger });
  app.get(HealthRegistry).add('tables', async () => {
    if (!tablesFollow) throw new Error('the tables are 12345 events behind');
  });
  url = await listen(app, { port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await shutDown(app);
  if (database.isInitialized) await database.destroy();
});

async function ask(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url + path);
  return { status: response.status, body: await response.json() };
}

describe('health', () => {
  it('lives as long as the process answers', async () => {
    expect(await ask('/health/live')).toEqual({ status: 200, body: { live: true } });
  });

  it('is ready when every check passes', async () => {
    expect(await ask('/health/ready')).toEqual({
      status: 200,
      body: {
        ready: true,
        checks: [
          { name: 'database', ok: true },
          { name: 'tables', ok: true },
        ],
      },
    });
  });

  it('is not ready while one fails; which one and since when is told, why is logged once', async () => {
    tablesFollow = false;
    const { status, body } = await ask('/health/ready');
    const again = await ask('/health/ready');
    tablesFollow = true;
    expect(status).toBe(503);
    expect(body).toMatchObject({
      code: 'not-ready',
      detail: expect.stringMatching(/^tables：原因见日志（health-check-failed）（自 20\S+Z 起）$/),
      checks: [
        { name: 'database', ok: true },
        {
          ...{ name: 'tables', ok: false, since: expect.stringMatching(/^20\S+Z$/) },
          message: '原因见日志（health-check-failed）',
        },
      ],
    });
    expect(again.body).toEqual(body);
    expect(JSON.stringify(body)).not.toContain('behind');
    expect(lines).toEqual([expect.stringContaining('events behind')]);
    expect((await ask('/health/ready')).status).toBe(200);
  });

  it('says what a check has words for; what lies behind them is logged', async () => {
    const words: string[] = [];
    const registry = new HealthRegistry(
      (name, error) => words.push(`${name} ${String((error as Error).cause)}`),
      () => new Date('2020-01-01T00:00:00Z'),
    );
    registry.add('tables', async () => {
      throw new Unhealthy('停在第 7 条记录之前', { cause: 'schema 99 of 韦建国' });
    });
    const failing = { ...{ name: 'tables', ok: false }, message: '停在第 7 条记录之前' };
    expect(await registry.report()).toEqual({
      ...{ ready: false, checks: [{ ...failing, since: '2020-01-01T00:00:00.000Z' }] },
    });
    expect(words).toEqual(['tables schema 99 of 韦建国']);
  });

  it('has one check of a name', () => {
    const registry = app.get(HealthRegistry);
    expect(() => registry.add('tables', async () => undefined)).toThrow('registered twice');
  });

  it('lives, and is not ready, without its database', async () => {
    await database.destroy();
    expect((await ask('/health/live')).status).toBe(200);
    expect(await ask('/health/ready')).toMatchObject({
      status: 503,
      body: {
        checks: expect.arrayContaining([
          { name: 'database', ok: false, since: expect.any(String), message: '数据库没有答复' },
        ]),
      },
    });
  });
});
