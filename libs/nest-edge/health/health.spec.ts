import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../database.js';
import { edgeModule } from '../edge.module.js';
import { createApplication, listen, shutDown } from '../fastify-application.js';
import { JsonLogger } from '../json-logger.js';
import { edgeEntities, edgeMigrations } from '../tables.js';
import { HealthRegistry } from './health-registry.js';

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

  it('is not ready while one fails; which one is told, why is logged once', async () => {
    tablesFollow = false;
    const { status, body } = await ask('/health/ready');
    await ask('/health/ready');
    tablesFollow = true;
    expect(status).toBe(503);
    expect(body).toMatchObject({
      code: 'not-ready',
      checks: [
        { name: 'database', ok: true },
        { name: 'tables', ok: false },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('behind');
    expect(lines).toEqual([expect.stringContaining('events behind')]);
    expect((await ask('/health/ready')).status).toBe(200);
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
      body: { checks: expect.arrayContaining([{ name: 'database', ok: false }]) },
    });
  });
});
