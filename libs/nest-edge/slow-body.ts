import type { EdgeServer } from './edge-request.js';
import { problemOfStatus } from './problem.js';
import { sendProblem } from './send-problem.js';

const hasBody = (headers: Readonly<Record<string, unknown>>): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

const isUpload = (contentType: string | undefined): boolean =>
  contentType?.trimStart().toLowerCase().startsWith('multipart/') ?? false;

/**
 * Answers 408 `request-timeout` and ends the connection where a body has not arrived whole within `limitMs` of its head:
 * bodies are read before anybody is asked who they are, so strangers could hold connections and memory with them.
 * Multipart forms are not meant: who may upload is known before they are read, and a large file takes its time.
 */
export function refuseSlowBodies(server: EdgeServer, limitMs: number): void {
  server.addHook('preParsing', (request, reply, payload, done) => {
    const { headers } = request;
    if (hasBody(headers) && !isUpload(headers['content-type'])) {
      const late = setTimeout(() => {
        if (reply.sent || request.raw.complete) return;
        void reply.header('connection', 'close');
        sendProblem(reply, problemOfStatus(408).details);
      }, limitMs);
      // Of the message: it has come whole, or its connection has gone.
      request.raw.once('close', () => clearTimeout(late));
    }
    done(null, payload);
  });
}
