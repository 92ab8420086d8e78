import { Module } from '@nestjs/common';
import { createApplication, listen, shutDown } from './fastify-application.js';
import { JsonLogger } from './json-logger.js';

@Module({})
class EmptyModule {}

const logger = new JsonLogger({ level: 'error', write: () => undefined, now: () => 0 });

describe('where browsers reach us over TLS', () => {
  it('every answer promises it for a year, for every name below', async () => {
    const settings = { logger, publicOrigin: 'https://fund.example.gov.cn' };
    const overTls = await createApplication(EmptyModule, settings);
    const address = await listen(overTls, { port: 0, host: '127.0.0.1' });
    const { headers } = await fetch(`${address}/nowhere`);
    await shutDown(overTls);
    expect(headers.get('strict-transport-security')).toMatch(
      /^max-age=(3153\d{4}|[4-9]\d{7}); includeSubDomains$/,
    );
  });
});
