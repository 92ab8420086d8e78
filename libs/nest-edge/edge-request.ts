import type { Denial } from './problem.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Who is asking, as far as the edge cares: the pseudonymous id that events, logs and keys name. */
export interface RequestActor {
  readonly actorId: string;
}

/** A request as it passes the edge. What identity knows more of the actor is read through identity. */
export interface EdgeRequest extends FastifyRequest {
  /** Null until identity has recognised a session or a token; stays null for strangers. */
  principal: RequestActor | null;
  /** The code of the problem it was answered with, for the request log. */
  problemCode: string | null;
  /** What was turned away, for those who watch over access. */
  denied: Denial | null;
  /** The JSON body as it came in, kept only when the request carries an Idempotency-Key. */
  rawBody: Buffer | null;
}

export type EdgeReply = FastifyReply;
export type EdgeServer = FastifyInstance;

/** Declares our properties once, so that every request object has the same shape. */
export function decorateRequests(server: EdgeServer): void {
  server.decorateRequest('principal', null);
  server.decorateRequest('problemCode', null);
  server.decorateRequest('denied', null);
  server.decorateRequest('rawBody', null);
}

/** POST, PUT, PATCH, DELETE: a method that may change something (RFC 9110 §9.2.1). */
export function isUnsafe(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}
