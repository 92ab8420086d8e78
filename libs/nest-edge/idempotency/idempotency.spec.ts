import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  Module,
  Post,
  Req,
  UnauthorizedException,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { IsOptional, IsString } from 'class-validator';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../database.js';
import { edgeModule } from '../edge.module.js';
import type { EdgeRequest, EdgeServer } from '../edge-request.js';
import { createApplication, listen, shutDown } from '../fastify-application.js';
import { JsonLogger } from '../json-logger.js';
import { Problem } from '../problem.js';
import { edgeEntities, edgeMigrations } from '../tables.js';
import { purgeAnswers } from './claims.js';
import { Idempotency } from './idempotency.js';

class Posting {
  @IsString()
  id: string;

  @IsOptional()
  @IsString()
  outcome?: string;
}

/** How often the work behind a route was really done. */
let done = 0;
let entered: () => void = () => undefined;
let gate: Promise<void> = Promise.resolve();

const refusal = (status: number, code: string) =>
  new Problem({ status, code, title: '拒绝', detail: '请改正' });
@Controller('postings')
class PostingController {
  constructor(@Inject(Idempotency) private readonly idempotency: Idempotency) {}

  @Post()
  async post(@Body() body: Posting): Promise<{ id: string; number: number }> {
    done += 1;
    entered();
    await gate;
    if (body.outcome === 'refused') throw refusal(422, 'exceeds-available');
    if (body.outcome === 'defect') throw new Error('broken');
    if (body.outcome === 'busy') throw refusal(429, 'busy');
    return { id: body.id, number: done };
  }

  @Post('nothing')
  @HttpCode(204)
  nothing(): void {
    done += 1;
  }

  @Post('secret')
  secret(@Req() request: EdgeRequest): { token: string } {
    done += 1;
    this.idempotency.doNotKeepAnswer(request);
    return { token: 'only once' };
  }

  @Post('long')
  long(): { text: string } {
    done += 1;
    return { text: 'x'.repeat(2_000) };
  }

  @Post('guarded')
  guarded(): never {
    done += 1;
    throw new UnauthorizedException();
  }

  @Get()
  read(): { number: number } {
    done += 1;
    return { number: done };
  }
}

interface Running {
  readonly app: NestFastifyApplication;
  readonly url: string;
}

const logger = new JsonLogger({ level: 'error', write: () => undefined, now: Date.now });
const LEASE_MS = 60_000;
let databaseUrl: string;
let database: DataSource;
let ledger: Running;

/** One process of the ledger; the header x-actor stands for identity. */
async function start(): Promise<Running> {
  @Module({
    imports: [
      edgeModule({ database, logger, idempotency: { leaseMs: LEASE_MS, bodyLengthMax: 1_000 } }),
    ],
    controllers: [PostingController],
    providers: [{ provide: APP_GUARD, useValue: { canActivate: () => true } }],
  })
  class LedgerModule {}
  const app = await createApplication(LedgerModule, { logger });
  const server: EdgeServer = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (request, _reply, next) => {
    const actor = request.headers['x-actor'];
    if (typeof actor === 'string') (request as EdgeRequest).principal = { actorId: actor };
    next();
  });
  return { app, url: await listen(app, { port: 0, host: '127.0.0.1' }) };
}

beforeAll(async () => {
  databaseUrl = await (await startTestDatabase({ durable: false })).createDatabase();
  database = await openDatabase({
    url: databaseUrl,
    applicationName: 'fundflow-test',
    entities: edgeEntities,
    migrations: edgeMigrations,
  });
  ledger = await start();
});
afterAll(async () => {
  await shutDown(ledger.app);
  await database.destroy();
});
beforeEach(async () => {
  done = 0;
  gate = Promise.resolve();
  await database.query('TRUNCATE edge_idempotency');
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly replayed: string | null;
  readonly retryAfter: string | null;
  readonly text: string;
}

async function send(path: string, init: RequestInit, running = ledger): Promise<Answer> {
  const response = await fetch(running.url + path, init);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    replayed: response.headers.get('idempotency-replayed'),
    retryAfter: response.headers.get('retry-after'),
    text: await response.text(),
  };
}

type Sender = { key?: string; actor?: string | null; running?: Running };

function post(path: string, body: object, { key = 'k-1', actor = 'a', running }: Sender = {}) {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (key !== '') headers['idempotency-key'] = key;
  if (actor !== null) headers['x-actor'] = actor;
  return send(path, { method: 'POST', headers, body: JSON.stringify(body) }, running);
}

const codeOf = (answer: Answer) => (JSON.parse(answer.text) as { code?: string }).code;

describe('the same request with the same key', () => {
  it('is done once and answered twice, byte for byte', async () => {
    const first = await post('/postings', { id: 'A-1' });
    const second = await post('/postings', { id: 'A-1' });
    expect(first).toMatchObject({ status: 201, replayed: null, text: '{"id":"A-1","number":1}' });
    expect(second).toEqual({ ...first, replayed: 'true' });
    expect(done).toBe(1);
  });

  it.each([
    ['a refusal', '/postings', { id: 'A-1', outcome: 'refused' }, 422],
    ['a body that was no good', '/postings', { outcome: 'refused' }, 400],
    ['an empty answer', '/postings/nothing', {}, 204],
  ])('repeats %s', async (_case, path, body, status) => {
    const first = await post(path, body);
    expect(first.status).toBe(status);
    expect(await post(path, body)).toEqual({ ...first, replayed: 'true' });
    expect(done).toBeLessThanOrEqual(1);
  });

  it.each([
    ['a defect', '/postings', { id: 'A-1', outcome: 'defect' }],
    ['too many requests', '/postings', { id: 'A-1', outcome: 'busy' }],
    ['a missing right', '/postings/guarded', {}],
  ])('is done again after %s', async (_case, path, body) => {
    await post(path, body);
    expect((await post(path, body)).replayed).toBeNull();
    expect(done).toBe(2);
  });

  it('is known after a restart', async () => {
    const first = await post('/postings', { id: 'A-1' });
    const restarted = await start();
    const second = await post('/postings', { id: 'A-1' }, { running: restarted });
    await shutDown(restarted.app);
    expect(second).toEqual({ ...first, replayed: 'true' });
    expect(done).toBe(1);
  });

  it('sent by many at once is done once', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const all = Array.from({ length: 20 }, () => post('/postings', { id: 'A-1' }));
    await inside;
    const others = Promise.all(all).then((answers) => answers.filter((a) => a.status === 409));
    const waiting = await post('/postings', { id: 'A-1' });
    expect({ status: waiting.status, code: codeOf(waiting) }).toEqual({
      status: 409,
      code: 'idempotency-in-progress',
    });
    expect(Number(waiting.retryAfter)).toBeGreaterThanOrEqual(1);
    open();
    await others;
    expect(done).toBe(1);
    expect((await post('/postings', { id: 'A-1' })).replayed).toBe('true');
  });
});

describe('another request with the same key is refused', () => {
  it.each([
    ['with another body', '/postings', { id: 'A-2' }],
    ['at another address', '/postings/nothing', { id: 'A-1' }],
    ['with another query', '/postings?x=1', { id: 'A-1' }],
  ])('%s', async (_case, path, body) => {
    await post('/postings', { id: 'A-1' });
    const answer = await post(path, body);
    expect({ status: answer.status, code: codeOf(answer) }).toEqual({
      status: 422,
      code: 'idempotency-key-reused',
    });
    expect(done).toBe(1);
  });
});

describe('a key', () => {
  it('belongs to its sender', async () => {
    await post('/postings', { id: 'A-1' }, { actor: 'a' });
    expect((await post('/postings', { id: 'A-2' }, { actor: 'b' })).status).toBe(201);
  });

  it('of a stranger is ignored, since strangers have nothing that tells them apart', async () => {
    await post('/postings', { id: 'A-1' }, { actor: null });
    expect((await post('/postings', { id: 'A-1' }, { actor: null })).replayed).toBeNull();
  });

  it('is not needed', async () => {
    for (const key of ['', '']) await post('/postings', { id: 'A-1' }, { key });
    expect(done).toBe(2);
  });

  it('means nothing to a question', async () => {
    const init = { headers: { 'x-actor': 'a', 'idempotency-key': 'k' } };
    await send('/postings', init);
    expect((await send('/postings', init)).replayed).toBeNull();
  });

  it.each([
    ['x'.repeat(255), 201],
    ['x'.repeat(256), 400],
    ['"8e03978e-40d5-43e8-bc93-6894a57f9324"', 201],
    ['é', 400],
  ])('%s answers %d', async (key, status) => {
    expect((await post('/postings', { id: 'A-1' }, { key })).status).toBe(status);
  });

  it('is free again when its answer has been kept long enough', async () => {
    await post('/postings', { id: 'A-1' });
    await database.query(`UPDATE edge_idempotency SET expires_at = now() - interval '1 s'`);
    expect((await post('/postings', { id: 'A-2' })).status).toBe(201);
    await database.query(`UPDATE edge_idempotency SET expires_at = now() - interval '1 s'`);
    await purgeAnswers(database);
    expect(await database.query('SELECT 1 FROM edge_idempotency')).toEqual([]);
  });

  it('keeps its answer for at least a day', async () => {
    await post('/postings', { id: 'A-1' });
    const [row] = await database.query(
      `SELECT expires_at >= now() + interval '24 h' AS kept FROM edge_idempotency`,
    );
    expect(row).toEqual({ kept: true });
  });
});

describe('a process that died while it worked', () => {
  const die = (digestOf: 'same' | 'other') =>
    database.query(
      `UPDATE edge_idempotency SET status = NULL, content_type = NULL, body = NULL,
         digest = CASE WHEN $1 = 'same' THEN digest ELSE 'other' END`,
      [digestOf],
    );
  const lapse = () =>
    database.query(`UPDATE edge_idempotency SET leased_until = now() - interval '1 ms'`);

  it('blocks its key while its lease runs, and not for ever', async () => {
    await post('/postings', { id: 'A-1' });
    await die('same');
    expect((await post('/postings', { id: 'A-1' })).status).toBe(409);
    await lapse();
    expect((await post('/postings', { id: 'A-1' })).status).toBe(201);
    expect(done).toBe(2);
  });

  it('leaves the key to its own request alone', async () => {
    await post('/postings', { id: 'A-1' });
    await die('other');
    await lapse();
    expect((await post('/postings', { id: 'A-1' })).status).toBe(422);
  });

  it('and comes back to life does not overwrite its successor', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const slow = post('/postings', { id: 'A-1' });
    await inside;
    await lapse();
    gate = Promise.resolve();
    const successor = await post('/postings', { id: 'A-1' });
    open();
    await slow;
    const repeated = await post('/postings', { id: 'A-1' });
    expect(repeated).toEqual({ ...successor, replayed: 'true' });
  });
});

describe('answers that are not kept', () => {
  it.each([['secret'], ['long']])('%s: nothing is done twice, nothing is told', async (which) => {
    expect((await post(`/postings/${which}`, {})).status).toBe(201);
    const again = await post(`/postings/${which}`, {});
    expect({ status: again.status, code: codeOf(again), replayed: again.replayed }).toEqual({
      status: 409,
      code: 'idempotency-answer-not-kept',
      replayed: 'true',
    });
    expect(done).toBe(1);
    const [row] = await database.query('SELECT body FROM edge_idempotency');
    expect(row).toEqual({ body: null });
  });
});
