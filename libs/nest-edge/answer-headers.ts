import type { FastifyRequest } from 'fastify';
import type { EdgeReply, EdgeServer } from './edge-request.js';

/** Data is no page: nothing may be loaded, framed or sent from it, wherever a browser opens it. */
const NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGE = /^text\/html\b/;

function head(request: FastifyRequest, reply: EdgeReply): void {
  reply.header('x-request-id', request.id);
  if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  const type = reply.getHeader('content-type');
  if (typeof type !== 'string' || !PAGE.test(type)) {
    reply.header('content-security-policy', NOTHING);
  }
}

/**
 * On every answer: `x-request-id`, which is also in its log line; no copy kept by anybody (`no-store`) unless the route
 * said otherwise; and a policy that allows nothing unless it is a page.
 */
export function headAnswers(server: EdgeServer): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    head(request, reply);
    done(null, payload);
  });
}

/** The same for an answer the router gives by itself, which passes no hook. */
export function headRefusal(request: FastifyRequest, reply: EdgeReply): void {
  head(request, reply);
  reply.header('x-content-type-options', 'nosniff').header('x-frame-options', 'DENY');
}
