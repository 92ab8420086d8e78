import Fastify from 'fastify';
import { failureOf } from '../log/failure-of.js';
import type { LogState } from '../log/open-notaries.js';

export interface StatusServer {
  readonly url: string;
  keep(state: LogState): void;
  failure(): string | null;
  stop(): Promise<void>;
}

/** How the signer stands, for whoever watches its machine: `GET /health/live`, `/health/ready` (503 when it does not follow). */
export async function serveStatus(at: {
  readonly host: string;
  readonly port: number;
}): Promise<StatusServer> {
  const states = new Map<string, LogState>();
  const failure = (): string | null => failureOf([...states.values()]);
  const server = Fastify({ forceCloseConnections: 'idle', bodyLimit: 1_024 });
  server.get('/health/live', () => ({ live: true }));
  server.get('/health/ready', (_request, reply) => {
    const ready = failure() === null;
    return reply.code(ready ? 200 : 503).send({ ready, logs: [...states.values()] });
  });
  const url = await server.listen(at);
  return {
    url,
    failure,
    keep: (state) => void states.set(state.log, state),
    stop: () => server.close(),
  };
}
