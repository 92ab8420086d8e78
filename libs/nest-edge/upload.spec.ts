import { once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { Controller, Inject, Module, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { DataSource } from 'typeorm';
import { openDatabase } from './database.js';
import { edgeModule } from './edge.module.js';
import type { EdgeRequest, EdgeServer } from './edge-request.js';
import { createApplication, listen, shutDown } from './fastify-application.js';
import { Idempotency } from './idempotency/idempotency.js';
import { JsonLogger } from './json-logger.js';
import { edgeEntities, edgeMigrations } from './tables.js';
import { receiveUpload, type Upload } from './upload.js';

const receive = (request: EdgeRequest): Promise<Upload> =>
  receiveUpload(request, () => new Writable({ write: (_chunk, _encoding, done) => done() }));

/** How many uploads were really taken in. */
let taken = 0;

let entered: () => void = () => undefined;
let whatCameLate: (came: Promise<string>) => void = () => undefined;

@Controller('files')
class FileController {
  constructor(@Inject(Idempotency) private readonly idempotency: Idempotency) {}

  @Post()
  async take(@Req() request: EdgeRequest): Promise<Record<string, unknown>> {
    const { file, fields, digest } = await receive(request);
    await this.idempotency.claimUpload(request, digest);
    taken += 1;
    return { ...file, fields: Object.fromEntries(fields) };
  }

  /** Begins to read when nobody is there any more. */
  @Post('late')
  async late(@Req() request: EdgeRequest): Promise<void> {
    const closed = once(request.raw, 'close');
    entered();
    await closed.catch(() => undefined);
    whatCameLate(
      receive(request).then(
        () => 'a file',
        (error: Error) => error.message,
      ),
    );
  }

  @Post('forgetful')
  async forget(@Req() request: EdgeRequest): Promise<object> {
    return (await receive(request)).file;
  }
}

const lines: string[] = [];
const logger = new JsonLogger({ level: 'error', write: (line) => lines.push(line), now: Date.now });
let database: DataSource;
let app: NestFastifyApplication;
let url: string;

beforeAll(async () => {
  database = await openDatabase({
    url: await (await startTestDatabase({ durable: false })).createDatabase(),
    applicationName: 'fundflow-test',
    entities: edgeEntities,
    migrations: edgeMigrations,
  });
  @Module({ imports: [edgeModule({ database, logger })], controllers: [FileController] })
  class AppModule {}
  app = await createApplication(AppModule, { logger, uploadBytesMax: 10_000, jsonBytesMax: 1_000 });
  const server: EdgeServer = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', (request, _reply, done) => {
    (request as EdgeRequest).principal = { actorId: 'a' };
    done();
  });
  url = await listen(app, { port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await shutDown(app);
  await database.destroy();
});

function form(...files: [name: string, content: string][]): FormData {
  const data = new FormData();
  data.set('kind', 'payments');
  for (const [name, content] of files) data.append('file', new Blob([content]), name);
  return data;
}

interface Answer {
  readonly status: number;
  readonly replayed: boolean;
  readonly body: Record<string, unknown>;
}

async function send(body: FormData | null, key?: string, path = '/files'): Promise<Answer> {
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
  const response = await fetch(url + path, { method: 'POST', headers, body });
  return {
    status: response.status,
    replayed: response.headers.has('idempotency-replayed'),
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe('an upload', () => {
  it('streams to the handler with its size, digest and fields', async () => {
    expect((await send(form(['支付.csv', 'abc']))).body).toEqual({
      fileName: '支付.csv',
      mediaType: 'application/octet-stream',
      bytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      fields: { kind: 'payments' },
    });
  });

  it.each([
    ['exactly as large as allowed', form(['a', 'x'.repeat(10_000)]), 201, undefined],
    ['one byte too large', form(['a', 'x'.repeat(10_001)]), 413, 'file-too-large'],
    ['with two files', form(['a', 'x'], ['b', 'y']), 413, 'body-too-large'],
    ['without a file', form(), 400, 'file-missing'],
    ['that is none', null, 415, 'unsupported-media-type'],
  ])('%s', async (_case, body, status, code) => {
    const answer = await send(body);
    expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code });
  });

  const KIND = 'content-disposition: form-data; name="kind"';
  const PART = 'content-disposition: form-data; name="file"; filename="a"';
  it.each([
    ['ends inside the file', `--b\r\n${PART}\r\n\r\nabc`],
    ['ends inside the head of a part', `--b\r\n${PART}`],
    ['has nothing in it', ''],
    [
      'has NUL in the name of its file',
      `--b\r\n${PART.replace('"a"', '"a\0"')}\r\n\r\nabc\r\n--b--\r\n`,
    ],
    ['has NUL in a field', `--b\r\n${KIND}\r\n\r\n\0\r\n--b\r\n${PART}\r\n\r\nabc\r\n--b--\r\n`],
    ['has a part without a name', '--b\r\ncontent-disposition: form-data\r\n\r\nabc\r\n--b--\r\n'],
  ])('whose form %s is the mistake of the sender and no defect', async (_case, body) => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const response = await fetch(`${url}/files`, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(lines.join()).not.toContain('"event":"incident"');
  });

  it('whose connection broke before it was read ends all the same', async () => {
    const came = new Promise<string>((resolve) => (whatCameLate = resolve));
    const { hostname, port } = new URL(url);
    const type = 'content-type: multipart/form-data; boundary=b';
    const head = `POST /files/late HTTP/1.1\r\nhost: x\r\n${type}\r\ncontent-length: 999\r\n\r\n`;
    const socket = connect(Number(port), hostname);
    entered = () => socket.destroy();
    socket.write(`${head}--b\r\n${PART}\r\n\r\nabc`);
    expect(await came).toBe('上传中断。');
  });

  it('with a repeated field is ambiguous', async () => {
    const body = form(['a', 'x']);
    body.append('kind', 'returns');
    expect((await send(body)).body).toMatchObject({ status: 400, code: 'field-repeated' });
  });
});

describe('an upload with an Idempotency-Key', () => {
  it('is the same request when its content is, whatever the boundary', async () => {
    const before = taken;
    const first = await send(form(['a', 'abc']), 'same');
    expect(await send(form(['a', 'abc']), 'same')).toEqual({ ...first, replayed: true });
    expect(taken).toBe(before + 1);
  });

  it.each([
    ['content', form(['a', 'abd'])],
    ['name', form(['b', 'abc'])],
  ])('of another %s is another request', async (what, other) => {
    await send(form(['a', 'abc']), what);
    expect((await send(other, what)).body).toMatchObject({ code: 'idempotency-key-reused' });
  });

  it('whose route forgot to claim its key is reported loudly', async () => {
    await send(form(['a', 'abc']), 'forgotten', '/files/forgetful');
    expect(lines.join()).toContain('"event":"idempotency-unclaimed","route":"/files/forgetful"');
  });
});
