import Fastify, { type FastifyInstance } from 'fastify';
import type { WitnessDesk } from './witness-desk.js';

/** Bytes of a request: 63 proof lines and a note of a hundred signatures. */
const BODY_BYTES_MAX = 600_000;
const REQUEST_MS_MAX = 15_000;
const TEXT = 'text/plain; charset=utf-8';

export interface WitnessServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves a witness: `POST /add-checkpoint` as C2SP tlog-witness says, whatever the content type; `GET /health/live`; and
 * nothing else.
 *
 * @param onFailure told of what could not be kept; the client gets a 500 without it
 */
export async function serveWitness(
  desk: WitnessDesk,
  at: { readonly host: string; readonly port: number },
  onFailure: (error: unknown) => void,
): Promise<WitnessServer> {
  const server: FastifyInstance = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    forceCloseConnections: 'idle',
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  server.get('/health/live', () => ({ live: true }));
  server.post('/add-checkpoint', async (request, reply) => {
    const body = utf8Of(request.body);
    if (body === null) return reply.code(400).type(TEXT).send('the request is not UTF-8\n');
    const { answer } = await desk.add(body);
    return reply.code(answer.status).header('content-type', answer.contentType).send(answer.body);
  });
  server.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) onFailure(error);
    return reply.code(status).type(TEXT).send(`${status}\n`);
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).type(TEXT).send('404\n'));
  const url = await server.listen(at);
  return { url, stop: () => server.close() };
}

function utf8Of(body: unknown): string | null {
  if (!Buffer.isBuffer(body)) return '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}
