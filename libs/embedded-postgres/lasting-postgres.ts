import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.js';
import { DataDirectoryInUse, EmbeddedPostgresFailed } from './errors.js';

/** A server that dies more often has a reason that starting it again does not mend: a full disk, no memory. */
const RESTARTS_MAX = 3;
const RESTARTS_WITHIN_MS = 600_000;

/**
 * The embedded server, started again on the same port and with the same passwords when it dies, so that pools reconnect by themselves: at most three
 * times in ten minutes.
 *
 * @param options.onLost told once, when it died again and again, does not start any more, or another process took the
 * directory. Nothing that was acknowledged is lost; the process should end and say so.
 * @throws as `startEmbeddedPostgres`
 */
export async function startLastingPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { log = () => undefined, onLost = () => undefined } = options;
  const restarts: number[] = [];
  let stopping = false;
  let restarting: Promise<void> = Promise.resolve();
  const start = (again?: EmbeddedPostgres): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({
      ...options,
      ...(again && { again, port: Number(new URL(again.connectionString).port) }),
      // Gives nothing back: who tells of the loss would wait for a restart that waits for him.
      onLost: (reason) => {
        restarting = restart(reason).catch(onLost);
      },
    });
  const restart = async (reason: Error): Promise<void> => {
    if (stopping) return;
    if (reason instanceof DataDirectoryInUse) throw reason;
    while ((restarts[0] ?? Infinity) < performance.now() - RESTARTS_WITHIN_MS) restarts.shift();
    if (restarts.length === RESTARTS_MAX) throw diedTooOften();
    restarts.push(performance.now());
    log(`数据库（进程号 ${server.pid}）意外终止，正在重新启动…`);
    // Gives the directory back, which this process takes again at once.
    await server.stop();
    server = await start(server);
  };
  let server = await start();
  return {
    connectionString: server.connectionString,
    applicationConnectionString: server.applicationConnectionString,
    get pid() {
      return server.pid;
    },
    adopted: server.adopted,
    stop: async () => {
      stopping = true;
      await restarting;
      await server.stop();
    },
  };
}

const diedTooOften = (): EmbeddedPostgresFailed =>
  new EmbeddedPostgresFailed(
    `数据库在 ${RESTARTS_WITHIN_MS / 60_000} 分钟内第 ${RESTARTS_MAX + 1} 次意外终止，不再重新启动`,
  );
