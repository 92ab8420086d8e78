import type { EdgeReply, EdgeRequest } from './edge-request.js';
import { PROBLEM_CONTENT_TYPE, type ProblemDetails, problemDocument } from './problem.js';

/** Writes the document; a response that has begun cannot become a problem, so its connection is cut. */
export function sendProblem(reply: EdgeReply, details: ProblemDetails): void {
  if (reply.sent || reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  (reply.request as EdgeRequest).problemCode = details.code;
  void reply
    .code(details.status)
    .headers({ ...details.headers })
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(problemDocument(details)));
}
