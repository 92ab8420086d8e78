import type { EdgeReply, EdgeServer } from './edge-request.js';
import { problemOfStatus } from './problem.js';
import { sendProblem } from './send-problem.js';

/** A body is given up between so many parts of its limit and one part more. */
const PARTS = 10;

const hasBody = (headers: Readonly<Record<string, unknown>>): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

const isUpload = (contentType: string | undefined): boolean =>
  contentType?.trimStart().toLowerCase().startsWith('multipart/') ?? false;

/**
 * Answers 408 `request-timeout` and ends the connection where a body has not arrived whole within `limitMs` of its head
 * (a tenth more at most): bodies are read before anybody is asked who they are, so strangers could hold connections and
 * memory with them. Multipart forms are not meant: who may upload is known before they are read, and a large file takes
 * its time.
 *
 * One clock for all: a timer of its own, with what clears it, costs a request more than its body.
 */
export function refuseSlowBodies(server: EdgeServer, limitMs: number): void {
  /** With the part it began in, the oldest first. No more than there are connections, and one part's broken ones. */
  const awaited = new Map<EdgeReply, number>();
  let part = 0;
  server.addHook('preParsing', (request, reply, payload, done) => {
    const { headers } = request;
    if (hasBody(headers) && !isUpload(headers['content-type'])) awaited.set(reply, part);
    done(null, payload);
  });
  server.addHook('preValidation', (_request, reply, done) => {
    awaited.delete(reply);
    done();
  });
  const clock = setInterval(() => {
    part += 1;
    for (const [reply, since] of awaited) {
      const { raw } = reply.request;
      const isOver = reply.sent || raw.complete || raw.destroyed;
      if (!isOver && part - since <= PARTS) continue;
      awaited.delete(reply);
      if (!isOver) refuse(reply);
    }
  }, limitMs / PARTS).unref();
  server.addHook('onClose', (_server, done) => {
    clearInterval(clock);
    done();
  });
}

function refuse(reply: EdgeReply): void {
  void reply.header('connection', 'close');
  sendProblem(reply, problemOfStatus(408).details);
}
