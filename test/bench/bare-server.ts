import 'reflect-metadata';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';

@Controller()
class BareController {
  @Post('bare')
  answer(@Body() body: { readonly rows: readonly unknown[] | string }): { readonly rows: number } {
    return { rows: body.rows.length };
  }
}

@Module({ controllers: [BareController] })
class BareModule {}

/** The other side of the ratio: a Nest-Fastify POST that parses JSON and answers. */
const app = await NestFactory.create<NestFastifyApplication>(BareModule, new FastifyAdapter(), {
  logger: false,
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${await app.getUrl()}\n`);
process.on('SIGTERM', () => process.exit(0));
