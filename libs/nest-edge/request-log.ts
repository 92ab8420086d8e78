import type { EdgeRequest, EdgeServer } from './edge-request.js';
import type { JsonLogger } from './json-logger.js';

/**
 * One line a request: method, route pattern (never the address, whose parameters and query may name a person), status,
 * duration, the number the answer carries as `x-request-id`, the pseudonymous id of the asker, and the code of a problem.
 */
export function logRequests(server: EdgeServer, logger: JsonLogger): void {
  server.addHook('onResponse', (request, reply, done) => {
    const { principal, problemCode, is404 } = request as EdgeRequest;
    logger.event('info', 'request', {
      method: request.method,
      route: is404 ? '(none)' : (request.routeOptions.url ?? '(none)'),
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 1000) / 1000,
      requestId: request.id,
      ...(principal === null ? {} : { actor: principal.actorId }),
      ...(problemCode === null ? {} : { code: problemCode }),
    });
    done();
  });
}
