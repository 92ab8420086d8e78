import { type DynamicModule, Module } from '@nestjs/common';
import { ConfigurationError, readConfiguration } from '@fundflow/nest-edge/configuration';
import { type LedgerProcess, openLedgerProcess } from './open-process.js';
import { saidOf } from './said-of.js';
import { processLogger, serve, stopOnSignal } from './serve.js';

@Module({})
class ServiceModule {}

/** zh-CN. */
export const NEEDS_SERVER = '单独运行服务时须以 FUNDFLOW_DATABASE_URL 指定 PostgreSQL 服务器';

/**
 * Runs one service as a process of its own: configuration from the environment, a PostgreSQL server, its modules over
 * HTTP, until a signal. What prevents it is said in zh-CN with its code
 * ({@link saidOf}) and ends the process with 1.
 */
export async function runService(
  name: string,
  modules: (ledger: LedgerProcess) => readonly DynamicModule[],
): Promise<void> {
  try {
    const configuration = readConfiguration(process.env);
    if (configuration.databaseUrl === null) {
      throw new ConfigurationError([NEEDS_SERVER]);
    }
    const logger = processLogger(configuration);
    const { databaseUrl: application, ownerDatabaseUrl: owner } = configuration;
    const ledger = await openLedgerProcess(name, { application, owner }, configuration, logger);
    const root = { module: ServiceModule, imports: [...modules(ledger)] };
    const serving = await serve(ledger, root);
    stopOnSignal(serving, async () => undefined);
    process.stdout.write(`${name} ${serving.url}\n`);
  } catch (error) {
    process.stderr.write(`${saidOf(error)}\n`);
    process.exit(1);
  }
}
