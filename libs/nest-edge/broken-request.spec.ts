import { connect } from 'node:net';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication, listen, shutDown } from './fastify-application.js';
import { JsonLogger } from './json-logger.js';

@Module({})
class EmptyModule {}

const logger = new JsonLogger({ level: 'error', write: () => undefined, now: () => 0 });
let app: NestFastifyApplication;
let url: string;
beforeAll(async () => {
  app = await createApplication(EmptyModule, { logger, headersTimeoutMs: 1_000 });
  url = await listen(app, { port: 0, host: '127.0.0.1' });
});
afterAll(() => shutDown(app));

/** Everything a connection answers to what is sent, until it is closed. */
function rawAnswer(sent: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(Number(port), hostname, () => socket.write(sent));
    socket.on('data', (bytes) => (heard += bytes.toString()));
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

describe('TRACE', () => {
  it('is not answered with what was sent', async () => {
    const head = 'TRACE / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-secret: mirrored\r\n\r\n';
    const answer = await rawAnswer(head);
    expect(answer).toMatch(/^HTTP\/1\.1 (404|405|501) /);
    expect(answer).not.toContain('mirrored');
  });
});

describe('what is no request, or comes too slowly, is a problem too and ends the connection', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'bad-request'],
    [
      'two lengths',
      `${'POST / HTTP/1.1\r\nhost: x\r\n'}content-length: 1\r\ncontent-length: 2\r\n\r\n`,
      400,
      'bad-request',
    ],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
      'bad-request',
    ],
    [
      'a head of 20 KiB',
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'bad-request'],
    [
      'an expectation nobody can meet',
      'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: a-wonder\r\n\r\n',
      417,
      'expectation-failed',
    ],
    ['a head that never ends', 'GET / HTTP/1.1\r\nhost: x\r\n', 408, 'request-timeout'],
  ])('%s', async (_case, sent, status, code) => {
    const answer = await rawAnswer(sent);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
    expect(answer).toContain('content-type: application/problem+json');
  });
});

describe('a request whose address was refused before its body broke', () => {
  it.each([
    ['with a chunk that is none', 'transfer-encoding: chunked\r\n\r\n-1\r\n'],
    ['with a request behind it that must not be', 'connection: close\r\n\r\nGET / HTTP/1.1\r\n'],
  ])('%s has one answer', async (_case, rest) => {
    const answer = await rawAnswer(`POST /%zz HTTP/1.1\r\nhost: x\r\n${rest}`);
    expect(answer.split('HTTP/1.1 ')).toHaveLength(2);
  });
});

describe('a head that is too large on a connection that was used before', () => {
  it('has its answer as on a new one', async () => {
    const second = `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`;
    const { hostname, port } = new URL(url);
    const heard = await new Promise<string>((resolve) => {
      let all = '';
      const socket = connect(Number(port), hostname, () =>
        socket.write('GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n'),
      );
      socket.once('data', () => socket.write(second));
      socket.on('data', (bytes) => (all += bytes.toString()));
      socket.on('close', () => resolve(all));
    });
    expect(heard).toMatch(/^HTTP\/1\.1 404 .*HTTP\/1\.1 431 /s);
  });
});

describe('over TLS', () => {
  it('browsers are told to stay there', async () => {
    const publicOrigin = 'https://fund.example.gov.cn';
    const behind = await createApplication(EmptyModule, { logger, publicOrigin });
    const at = await listen(behind, { port: 0, host: '127.0.0.1' });
    const { headers } = await fetch(`${at}/nowhere`);
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d{8}/);
    await shutDown(behind);
  });
});
