import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { createApplication, listen } from './fastify-application.js';
import { JsonLogger } from './json-logger.js';

@Module({})
class NothingModule {}

const logger = new JsonLogger({ level: 'info', write: () => undefined, now: () => 0 });

describe('an address that is taken', () => {
  const holder = createServer();
  beforeAll(() => new Promise<void>((done) => holder.listen(0, '127.0.0.1', done)));
  afterAll(() => new Promise((done) => holder.close(done)));

  it('is said in a sentence, with what to do', async () => {
    const app = await createApplication(NothingModule, { logger });
    const { port } = holder.address() as AddressInfo;
    await expect(listen(app, { port, host: '127.0.0.1' })).rejects.toMatchObject({
      name: 'AddressUnavailable',
      message: `地址 127.0.0.1:${port} 已被占用，可能已有账本在运行；请停止占用者，或另设 FUNDFLOW_PORT、FUNDFLOW_HOST。`,
    });
    await app.close();
  });
});
