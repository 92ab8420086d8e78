import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EdgeReply, EdgeRequest, EdgeServer } from './edge-request.js';
import { PROBLEM_CONTENT_TYPE, problemDocument, problemOfStatus } from './problem.js';

const STATUS_BY_CODE: ReadonlyMap<string, readonly [status: number, reason: string]> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout']],
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large']],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', [413, 'Payload Too Large']],
]);

interface Exchange {
  readonly request: EdgeRequest['raw'];
  readonly response: EdgeReply['raw'];
}
const latest = new WeakMap<Duplex, Exchange>();

/** Lets `answerBrokenRequest` know what a connection is busy with. */
export function rememberExchanges({ server }: EdgeServer): void {
  server.prependListener('request', (request, response) => {
    latest.set(request.socket, { request, response });
  });
}

/**
 * Whether what broke belongs to a request that has its answer, or stands behind the last one of a connection: a second
 * answer would be taken for that of the next.
 */
function isAnswered(exchange: Exchange | undefined): boolean {
  if (!exchange?.response.headersSent) return false;
  const { request, response } = exchange;
  return !(request.complete && response.writableFinished && response.shouldKeepAlive);
}

/**
 * Answers what is no HTTP request (or came too slowly) as everything else is answered, and cuts the connection: Node
 * stops it before any request exists, so no hook and no filter sees it. What has its answer is ended without a word.
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  if (isAnswered(latest.get(socket))) {
    socket.destroySoon();
    return;
  }
  const [status, reason] = STATUS_BY_CODE.get(error.code ?? '') ?? [400, 'Bad Request'];
  const body = JSON.stringify(problemDocument(problemOfStatus(status).details));
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
