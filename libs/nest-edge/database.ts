import { setTimeout as pause } from 'node:timers/promises';
import { types } from 'node:util';
import { DataSource, type DataSourceOptions, type EntitySchema } from 'typeorm';
import type { Logger, MigrationInterface } from 'typeorm';

/** Any number; every process of the ledger must ask for the same one. */
const MIGRATION_LOCK = 12317_0001;
/** Which migrations have run on a database. */
export const MIGRATION_TABLE = 'fundflow_migrations';
const POOL_SIZE_DEFAULT = 10;
/** The one that holds the lock and the one that migrates. */
const POOL_SIZE_MIN = 2;
const WAIT_MS_DEFAULT = 30_000;
const RETRY_MS = 200;

/** The server is not there yet, starts, stops or is full: what a moment may mend. */
const PASSING_FAILURES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE'],
  ...['57P01', '57P02', '57P03', '53300'],
]);

export interface DatabaseSettings {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Command-line options of each session, such as `-c role=…`. */
  readonly sessionOptions?: string | undefined;
  readonly entities: readonly EntitySchema[];
  /** None: they have run, and this connection may not run any. */
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Connections of this process, at least 2, default 10. */
  readonly poolSizeMax?: number;
  /** How long to wait for a server that does not accept connections yet, default 30 s. */
  readonly waitMs?: number;
}

/** Why a server refuses (zh-CN), by the code of the system or of the database. */
const WHY: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', '该地址没有数据库在运行'],
  ['ENOTFOUND', '找不到这台主机'],
  ['EAI_AGAIN', '找不到这台主机'],
  ['ETIMEDOUT', '没有应答'],
  ['28P01', '用户名或密码不对'],
  ['28000', '该用户不得这样登录'],
  ['3D000', '没有这个数据库'],
  ['53300', '连接数已满'],
  ['57P03', '数据库正在启动或停止'],
]);

/** The database could not be opened; the message (zh-CN) names the host and the reason, never the password. */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
}

function failureCode(error: unknown): string {
  if (!types.isNativeError(error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** TypeORM prints failed migrations to the console by default; they are thrown, and the caller logs them. */
const SILENT: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

function options(settings: DatabaseSettings): DataSourceOptions {
  return {
    type: 'postgres',
    url: settings.url,
    applicationName: settings.applicationName,
    entities: [...settings.entities],
    migrations: [...settings.migrations],
    migrationsTableName: MIGRATION_TABLE,
    migrationsTransactionMode: 'each',
    poolSize: Math.max(settings.poolSizeMax ?? POOL_SIZE_DEFAULT, POOL_SIZE_MIN),
    connectTimeoutMS: 10_000,
    installExtensions: false,
    synchronize: false,
    logger: SILENT,
    ...(settings.sessionOptions === undefined
      ? {}
      : { extra: { options: settings.sessionOptions } }),
  };
}

async function connect(settings: DatabaseSettings): Promise<DataSource> {
  const deadline = performance.now() + (settings.waitMs ?? WAIT_MS_DEFAULT);
  for (;;) {
    const database = new DataSource(options(settings));
    try {
      return await database.initialize();
    } catch (error) {
      const code = failureCode(error);
      if (!PASSING_FAILURES.has(code) || performance.now() + RETRY_MS > deadline) {
        const where = new URL(settings.url).host;
        const why = WHY.get(code);
        const said = `无法连接数据库 ${where}：${why === undefined ? code : `${why}（${code}）`}`;
        throw new DatabaseUnavailable(said, { cause: error });
      }
      await pause(RETRY_MS);
    }
  }
}

/**
 * Runs what has not run yet. The lock makes processes that start together take turns; the later ones find nothing to
 * do. It is a session lock on a connection of its own, since every migration is a transaction of its own.
 */
async function migrate(database: DataSource): Promise<void> {
  const guard = database.createQueryRunner();
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await database.runMigrations({ transaction: 'each' });
  } finally {
    await guard.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await guard.release();
  }
}

/**
 * A connected TypeORM data source with its migrations run. The caller closes it with `destroy()`, after the HTTP server.
 *
 * @throws DatabaseUnavailable when the server does not accept connections in time, or refuses them for good
 */
export async function openDatabase(settings: DatabaseSettings): Promise<DataSource> {
  const database = await connect(settings);
  try {
    if (settings.migrations.length > 0) await migrate(database);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return database;
}
