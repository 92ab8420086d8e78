import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { Body, Controller, Get, HttpException, Module, Param, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Type } from 'class-transformer';
import { IsArray, IsInt, IsOptional, IsString, Matches, ValidateNested } from 'class-validator';
import { createApplication, listen, shutDown } from './fastify-application.js';
import { JsonLogger } from './json-logger.js';
import { openApiDocument, serveOpenApi } from './open-api.js';
import { Problem } from './problem.js';

class Line {
  @IsInt()
  quantity: number;
}

class Order {
  @IsString()
  id: string;

  @IsOptional()
  @Matches(/^\d+$/, { message: '须为整数分' })
  amountFen?: string;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines?: Line[];
}

let entered: () => void = () => undefined;
let mayLeave: Promise<void> = Promise.resolve();

@Controller('desk')
class DeskController {
  @Post('orders')
  order(@Body() body: Order): { id: string; kind: string } {
    return { id: body.id, kind: body.constructor.name };
  }

  @Post('anything')
  anything(@Body() body: Record<string, unknown>): { keys: string[] } {
    return { keys: Object.keys(body ?? {}) };
  }

  @Get('holdings/:id')
  holding(@Param('id') id: string): never {
    throw new Problem({
      status: 404,
      code: 'no-such-holding',
      title: '没有这个台账编号',
      detail: '请核对编号。',
      extra: { id, status: 200, code: 'forged' },
    });
  }

  @Get('broken/:how')
  broken(@Param('how') how: string): never {
    if (how === 'http') throw new HttpException('the disk of 韦建国 is full', 507);
    if (how === 'teapot') throw new HttpException('short and stout', 418);
    if (how === 'thrown') throw 'a text' as unknown as Error;
    throw new Error('duplicate key (login)=(weijianguo) 452123197001011234');
  }

  @Get('slow')
  async slow(): Promise<{ done: true }> {
    entered();
    await mayLeave;
    return { done: true };
  }
}

@Module({ controllers: [DeskController] })
class DeskModule {}

const lines: string[] = [];
const logger = new JsonLogger({ level: 'info', write: (line) => lines.push(line), now: () => 0 });
let app: NestFastifyApplication;
let url: string;

async function start(): Promise<void> {
  app = await createApplication(DeskModule, {
    logger,
    jsonBytesMax: 2_000,
    jsonDepthMax: 5,
    jsonMembersMax: 20,
  });
  serveOpenApi(app, { title: '资金台账', description: '接口', version: '1' });
  url = await listen(app, { port: 0, host: '127.0.0.1' });
}

beforeAll(start);
afterAll(() => shutDown(app));
beforeEach(() => lines.splice(0));

type Answer = { status: number; type: string | null; body: Record<string, unknown> };

async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, type: response.headers.get('content-type'), body };
}

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

describe('what cannot be answered is a problem with a stable code', () => {
  it.each([
    ['an unknown address', '/nowhere', {}, 404, 'no-such-route'],
    ['an unknown method', '/desk/orders', { method: 'PUT' }, 404, 'no-such-route'],
    ['an address that is no URL', '/desk/%zz', {}, 400, 'bad-request'],
    ['an address with NUL', '/desk/holdings/a%00b', {}, 400, 'bad-request'],
    ['a question with NUL', '/desk/holdings/a?b=%00', {}, 400, 'bad-request'],
    [
      'NUL written twice over, which is a text like any other',
      '/desk/holdings/%2500',
      {},
      404,
      'no-such-holding',
    ],
    ['an over-long id', `/desk/holdings/${'1'.repeat(400)}`, {}, 414, 'address-too-long'],
    ['a problem thrown by a handler', '/desk/holdings/A-1', {}, 404, 'no-such-holding'],
    ['a client error of a library', '/desk/broken/teapot', {}, 418, 'bad-request'],
  ])('%s', async (_case, path, init, status, code) => {
    const answer = await call(path, init);
    expect(answer).toMatchObject({ status, type: PROBLEM_TYPE, body: { status, code } });
    for (const said of ['title', 'detail']) expect(answer.body[said]).toMatch(/\p{Script=Han}/u);
  });

  it('lets no extra member overwrite the standard ones', async () => {
    const { body } = await call('/desk/holdings/A-1');
    expect(body).toEqual({
      type: 'urn:fundflow:problem:no-such-holding',
      title: '没有这个台账编号',
      status: 404,
      code: 'no-such-holding',
      detail: '请核对编号。',
      id: 'A-1',
    });
  });

  it.each([['defect'], ['http'], ['thrown']])(
    'a defect (%s) answers an incident number and nothing of the inside',
    async (how) => {
      const { status, body } = await call(`/desk/broken/${how}`);
      expect({ status, code: body['code'] }).toEqual({ status: 500, code: 'internal' });
      expect(JSON.stringify(body)).not.toMatch(/weijianguo|韦建国|452123|at .*\.ts|stack/);
      const logged = lines.find((line) => line.includes(String(body['incident'])));
      expect(logged).toBeDefined();
      expect(logged).not.toMatch(/weijianguo|452123/);
    },
  );
});

const objectOf = (members: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: members }, (_, n) => [`k${n}`, n])));

describe('bodies', () => {
  it.each([
    ['broken JSON', '{"id": ', 400, 'bad-json'],
    ['a prototype key', '{"__proto__": {"admin": true}}', 400, 'bad-json'],
    ['a constructor key', '{"constructor": {"prototype": {"a": 1}}}', 400, 'bad-json'],
    ['a name twice in an object', '{"a": 1, "b": 2, "\\u0061": 3}', 400, 'bad-json'],
    ['a name twice far inside', '{"a": [{"b": 1}, {"b": 1, "b": 1}]}', 400, 'bad-json'],
    ['the same name in two objects', '{"a": [{"b": 1}, {"b": 1}]}', 201, undefined],
    ['an object with too many members', objectOf(21), 400, 'bad-json'],
    ['as many members as allowed', objectOf(20), 201, undefined],
    ['one level too deep', '{"a":[[[[[1]]]]]}', 400, 'bad-json'],
    ['brackets inside a text', '{"a":"[[[[[[[[","b":"\\"[[[[[["}', 201, undefined],
    ['exactly as deep as allowed', '{"a":[[[[1]]]]}', 201, undefined],
    ['exactly as long as allowed', `"${'a'.repeat(1_998)}"`, 201, undefined],
    ['one byte too long', `"${'a'.repeat(1_999)}"`, 413, 'body-too-large'],
    ['an empty body', '', 201, undefined],
  ])('%s', async (_case, body, status, code) => {
    const answer = await post('/desk/anything', body);
    expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
  });

  it('that are not UTF-8 are refused rather than garbled', async () => {
    const gbk = new Uint8Array([0x22, 0xce, 0xa4, 0xbd, 0xa8, 0x22]);
    const answer = await call('/desk/anything', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: gbk,
    });
    expect(answer.body).toMatchObject({ status: 400, code: 'bad-json' });
  });

  it.each([['text/plain'], ['application/x-www-form-urlencoded'], ['application/xml']])(
    'of type %s, which a foreign page could send, are not read',
    async (type) => {
      const answer = await post('/desk/anything', 'a=1', { 'content-type': type });
      expect(answer.body).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    },
  );

  it('become what the route declares', async () => {
    expect(await post('/desk/orders', '{"id":"A-1"}')).toMatchObject({
      status: 201,
      body: { id: 'A-1', kind: 'Order' },
    });
  });

  it('with bad values are answered field by field, and the values are not repeated', async () => {
    const bad = { amountFen: '12.5', lines: [{ quantity: 1 }, { quantity: '韦建国' }], x: 1 };
    const { status, body } = await post('/desk/orders', JSON.stringify(bad));
    expect({ status, code: body['code'] }).toEqual({ status: 400, code: 'bad-value' });
    expect(body['fields']).toEqual(
      expect.arrayContaining([
        { field: 'id', rule: 'isDefined', message: '必填' },
        { field: 'x', rule: 'whitelistValidation', message: '不认识的字段' },
        { field: 'amountFen', rule: 'matches', message: '须为整数分' },
        { field: 'lines.1.quantity', rule: 'isInt', message: '须为整数' },
      ]),
    );
    expect(JSON.stringify(body)).not.toMatch(/韦建国|12\.5/);
  });
});

/** fetch() guards these headers, as a browser would; a hand-made request may say anything. */
function rawPost(headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/desk/anything`, { method: 'POST', headers }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end('{}');
  });
}

describe('requests of foreign web pages', () => {
  const json = { 'content-type': 'application/json' };
  it.each([
    ['a program that sends neither header', {}, 201],
    ['our own page', { 'sec-fetch-site': 'same-origin' }, 201],
    ['a foreign page', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbouring site', { 'sec-fetch-site': 'same-site' }, 403],
    ['an old browser on a foreign page', { origin: 'https://evil.example' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
  ])('%s', async (_case, headers, status) => {
    const answer = await rawPost({ ...json, ...headers });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body).toContain('"code":"cross-origin"');
  });

  it('our own page in an old browser', async () => {
    expect((await rawPost({ ...json, origin: url })).status).toBe(201);
  });
});

describe('headers', () => {
  it('are strict on every answer, also on what was not found', async () => {
    const nothing =
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    for (const path of ['/desk/slow', '/nowhere', '/desk/%zz', '/desk/broken/defect']) {
      const { headers } = await fetch(url + path);
      const get = (name: string) => headers.get(name);
      expect(headers.get('content-security-policy')).toBe(nothing);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      // Over plain HTTP it would be a promise we cannot keep.
      expect([get('strict-transport-security'), get('x-powered-by')]).toEqual([null, null]);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect([get('x-frame-options'), get('referrer-policy')]).toEqual(['DENY', 'no-referrer']);
    }
  });
});

describe('the request log', () => {
  it('has the pattern of the route and neither address, query nor body', async () => {
    await call('/desk/holdings/452123197001011234?name=weijianguo');
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged).toEqual([
      {
        time: '1970-01-01T00:00:00.000Z',
        level: 'info',
        event: 'request',
        method: 'GET',
        route: '/desk/holdings/:id',
        status: 404,
        durationMs: expect.any(Number),
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        code: 'no-such-holding',
      },
    ]);
  });
});

describe('the OpenAPI document', () => {
  it('is served as JSON and describes the routes and their problems', async () => {
    const { status, body } = await call('/api/v1/openapi.json');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      openapi: expect.stringMatching(/^3\./),
      info: { title: '资金台账' },
      paths: {
        '/desk/orders': {
          post: {
            operationId: 'desk_order',
            responses: { 400: { content: { 'application/problem+json': {} } } },
          },
        },
      },
      components: { schemas: { Problem: { required: expect.arrayContaining(['code']) } } },
    });
  });

  it('is built anew only when asked for another application', () => {
    const settings = { title: 'a', description: 'b', version: '2' };
    expect(openApiDocument(app, settings).info.version).toBe('2');
  });
});

describe('shutting down', () => {
  it('finishes what is under way and refuses what comes then', async () => {
    let leave: () => void = () => undefined;
    mayLeave = new Promise((resolve) => (leave = resolve));
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const { hostname, port } = new URL(url);
    const idle = connect(Number(port), hostname);
    await new Promise((resolve) => idle.once('connect', resolve));
    const underWay = call('/desk/slow');
    await inside;
    const down = shutDown(app);
    // A request on a connection that was open before is still heard.
    const heard = new Promise<string>((resolve) => idle.once('data', (b) => resolve(b.toString())));
    idle.write('GET /desk/slow HTTP/1.1\r\nhost: x\r\n\r\n');
    const late = await Promise.race([
      heard,
      new Promise<string>((resolve) => idle.once('close', () => resolve('closed'))),
    ]);
    expect(late).toMatch(/^closed$|503 .*[\s\S]*shutting-down/);
    leave();
    expect(await underWay).toMatchObject({ status: 200, body: { done: true } });
    await down;
    idle.destroy();
    await expect(call('/desk/slow')).rejects.toThrow();
    await start();
  });
});
