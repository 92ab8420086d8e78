import type { Socket } from 'node:net';
import { PROBLEM_CONTENT_TYPE, problemDocument, problemOfStatus } from './problem.js';

const STATUS_BY_CODE: ReadonlyMap<string, readonly [status: number, reason: string]> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout']],
  ['HPE_HEADER_OVERFLOW', [431, 'Request Header Fields Too Large']],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', [413, 'Payload Too Large']],
]);

/**
 * Answers what is no HTTP request (or came too slowly) as everything else is answered, and cuts the connection: Node
 * stops it before any request exists, so no hook and no filter sees it. Where the connection has carried an answer before,
 * it is ended without a word.
 */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  // A second answer to one request would be taken for the first to the next: its body broke after it was answered.
  if ((socket.bytesWritten ?? 0) > 0) {
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
