import 'reflect-metadata';
import { Body, Controller, HttpCode, Module, Param, Post, Req } from '@nestjs/common';
import { CertificationBody, HandInBody } from '../../apps/ledger/submissions/requests.js';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { createApplication, listen } from '@fundflow/nest-edge/fastify-application';
import { JsonLogger } from '@fundflow/nest-edge/json-logger';
import { UUID_PART, validateFields } from '@fundflow/nest-edge/validation';

const ID = '0191d3c4-1111-7222-8333-444455556666';
/** As long as the answer to a submission. */
const ANSWER = {
  ...{ id: ID, status: 'posted', kind: 'payments', fileName: null, rows: 1, acceptedRows: 1 },
  ...{ alreadyPostedRows: 0, errors: 0, warnings: 0, report: `/api/v1/submissions/${ID}/report` },
  ...{ progress: { phase: 'done', percent: 100 }, refusal: null, maker: ID, checker: ID },
  ...{ makerUnit: '示范县财政局', createdAt: '2026-01-01T00:00:00.000Z', certifiedAt: null },
  ...{ handedInSha256: 'ab'.repeat(32), postedRows: 1, firstPosition: 12345, lastPosition: 12346 },
  receipt: `/api/v1/submissions/${ID}/receipt`,
};

@Controller('submissions')
class EdgeController {
  @Post()
  async handIn(@Req() request: EdgeRequest): Promise<typeof ANSWER> {
    await validateFields(HandInBody, request.body);
    return { ...ANSWER };
  }

  @Post(':id/certification')
  @HttpCode(200)
  certify(@Param('id', UUID_PART) id: string, @Body() body: CertificationBody): typeof ANSWER {
    return { ...ANSWER, id, status: body.rows };
  }
}

@Module({ controllers: [EdgeController] })
class EdgeOnlyModule {}

/** The two POSTs of a posting with nothing behind them: heads, bodies and answers as ours, nobody asked who he is. */
const logger = new JsonLogger({ level: 'warn', write: () => undefined, now: () => 0 });
const app = await createApplication(EdgeOnlyModule, { logger });
process.stdout.write(`${await listen(app, { port: 0, host: '127.0.0.1' })}\n`);
process.on('SIGTERM', () => process.exit(0));
