import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { Body, Controller, Module, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { EdgeRequest } from './edge-request.js';
import { createApplication, listen, shutDown } from './fastify-application.js';
import { JsonLogger } from './json-logger.js';
import { receiveUpload } from './upload.js';

@Controller('desk')
class DeskController {
  @Post('orders')
  order(@Body() body: Record<string, unknown>): { keys: string[] } {
    return { keys: Object.keys(body) };
  }

  @Post('files')
  async file(@Req() request: EdgeRequest): Promise<{ bytes: number }> {
    const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
    const { file } = await receiveUpload(request, nowhere);
    return { bytes: file.bytes };
  }
}

@Module({ controllers: [DeskController] })
class DeskModule {}

const lines: string[] = [];
const logger = new JsonLogger({ level: 'info', write: (line) => lines.push(line), now: () => 0 });
let app: NestFastifyApplication;
let url: URL;
beforeAll(async () => {
  app = await createApplication(DeskModule, { logger, bodyTimeoutMs: 200 });
  url = new URL(await listen(app, { port: 0, host: '127.0.0.1' }));
});
afterAll(() => shutDown(app));
beforeEach(() => lines.splice(0));

async function connected(): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(Number(url.port), url.hostname);
  let heard = '';
  socket.on('data', (bytes) => (heard += bytes.toString()));
  await once(socket, 'connect');
  return { socket, heard: () => heard };
}

const head = (path: string, ...more: string[]) =>
  [`POST ${path} HTTP/1.1`, 'host: x', ...more, '', ''].join('\r\n');
const JSON_HEAD = ['content-type: application/json', 'content-length: 100'];

describe('a body of JSON that does not come', () => {
  it.each([
    ['at all', head('/desk/orders', ...JSON_HEAD)],
    ['to its end', `${head('/desk/orders', ...JSON_HEAD)}{"a":1,`],
    [
      'to its end in chunks',
      `${head('/desk/orders', 'content-type: application/json', 'transfer-encoding: chunked')}1\r\n{\r\n`,
    ],
    ['for an address that there is not', `${head('/nowhere', ...JSON_HEAD)}{`],
  ])('%s is answered 408 and its connection ends', async (_case, sent) => {
    const { socket, heard } = await connected();
    socket.write(sent);
    await once(socket, 'close');
    expect(heard()).toMatch(/^HTTP\/1\.1 408 /);
    expect(heard()).toContain('"code":"request-timeout"');
    expect(heard().toLowerCase()).toContain('connection: close');
    expect(heard().match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(lines.join('')).toContain('request-timeout');
    expect(lines.join('')).not.toContain('incident');
  });
});

describe('what takes its time with good reason', () => {
  it('is a file: it may come long after a body of JSON would have been refused', async () => {
    const slow = await connected();
    const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nab';
    const end = '\r\n--b--\r\n';
    slow.socket.write(
      head(
        '/desk/files',
        ...['content-type: multipart/form-data; boundary=b', 'connection: close'],
        `content-length: ${part.length + end.length}`,
      ) + part,
    );
    // A body of JSON that began after it is given up first.
    const other = await connected();
    other.socket.write(head('/desk/orders', ...JSON_HEAD));
    await once(other.socket, 'close');
    expect(slow.heard()).toBe('');
    slow.socket.write(end);
    await once(slow.socket, 'close');
    expect(slow.heard()).toContain('"bytes":2');
  });

  it('is the answer to a body that came whole, on a connection that stays', async () => {
    const { socket, heard } = await connected();
    const whole = `${head('/desk/orders', 'content-type: application/json', 'content-length: 7')}{"a":1}`;
    socket.write(whole);
    await once(socket, 'data');
    const other = await connected();
    other.socket.write(head('/desk/orders', ...JSON_HEAD));
    await once(other.socket, 'close');
    socket.write(whole);
    await once(socket, 'data');
    expect(heard().match(/HTTP\/1\.1 201 /g)).toHaveLength(2);
    socket.destroy();
  });
});
