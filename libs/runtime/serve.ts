import type { DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Configuration } from '@fundflow/nest-edge/configuration';
import { createApplication, listen, shutDown } from '@fundflow/nest-edge/fastify-application';
import { JsonLogger } from '@fundflow/nest-edge/json-logger';
import { serveOpenApi } from '@fundflow/nest-edge/open-api';
import type { LedgerProcess } from './open-process.js';

/** Lines go to standard error: what a command prints for people or programs goes to standard output. */
export const processLogger = (configuration: Configuration): JsonLogger =>
  new JsonLogger({
    level: configuration.logLevel,
    write: (line) => process.stderr.write(line),
    now: () => Date.now(),
  });

export interface Serving {
  readonly app: NestFastifyApplication;
  /** Where it is reached. */
  readonly url: string;
  /** Lets requests under way finish, then closes everything in the order it was opened. */
  stop(): Promise<void>;
}

export const OPEN_API = {
  title: 'Fundflow',
  description:
    'Event-sourced audit ledger for public poverty-relief money. Amounts are whole fen as decimal strings.',
  version: '1',
} as const;

/**
 * Serves a root module over HTTP.
 *
 * @param prepare runs when the application exists and before it listens: first accounts, tokens
 */
export async function serve(
  ledger: LedgerProcess,
  root: DynamicModule,
  prepare: (app: NestFastifyApplication) => Promise<void> = async () => undefined,
): Promise<Serving> {
  const { configuration, logger } = ledger;
  const { uploadBytesMax, bodyTimeoutMs, publicOrigin, port, host } = configuration;
  const manners = { uploadBytesMax, bodyTimeoutMs, publicOrigin };
  const app = await createApplication(root, { logger, ...manners });
  serveOpenApi(app, OPEN_API);
  try {
    await app.init();
    await prepare(app);
    const url = await listen(app, { port, host });
    return {
      app,
      url,
      stop: async () => {
        await shutDown(app);
        await ledger.close();
      },
    };
  } catch (error) {
    await app.close().catch(() => undefined);
    await ledger.close();
    throw error;
  }
}

/** Stops once on SIGTERM or SIGINT; a second signal ends the process at once. */
export function stopOnSignal(serving: Pick<Serving, 'stop'>, after: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    void serving
      .stop()
      .then(after)
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
