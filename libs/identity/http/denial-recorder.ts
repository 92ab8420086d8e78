import type { OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { EdgeReply, EdgeRequest, EdgeServer } from '@fundflow/nest-edge/edge-request';
import type { JsonLogger } from '@fundflow/nest-edge/json-logger';
import type { OversightLog } from '@fundflow/oversight/oversight-log';
import { officerOf, type Principal } from '../principal.js';

/**
 * Records every attempt of a known person that is turned away, before the refusal is answered: 403 whatever its reason,
 * and what is answered as unknown because it lies outside the jurisdiction. Strangers are the business of the request log
 * and of the login throttle.
 */
export class DenialRecorder implements OnModuleInit {
  constructor(
    private readonly oversight: Pick<OversightLog, 'record'>,
    private readonly logger: JsonLogger,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<EdgeServer>();
    server.addHook('onSend', (plain, reply, payload, done) => {
      const request = plain as EdgeRequest;
      if (request.denied === null && reply.statusCode !== 403) return done(null, payload);
      // A refusal stands whether or not it could be recorded; that it could not is a line in the process's log.
      this.#record(request, reply).then(
        () => done(null, payload),
        (error: unknown) => {
          this.logger.failure('denial-not-recorded', error);
          done(null, payload);
        },
      );
    });
  }

  async #record(request: EdgeRequest, reply: EdgeReply): Promise<void> {
    if (request.principal === null) return;
    const { denied, problemCode, method } = request;
    const code = denied?.code ?? problemCode;
    if (code === null) return;
    const question = `${method} ${reply.request.routeOptions.url ?? '(none)'}`;
    await this.oversight.record(officerOf(request.principal as Principal), {
      type: 'AccessDenied',
      data: { question, code, about: denied?.about ?? null, times: 1 },
    });
  }
}
