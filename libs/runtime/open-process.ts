import { join } from 'node:path';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { RegionTable } from '@fundflow/domain/region';
import { makeDirectory } from '@fundflow/directories/make-directory';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import {
  openPostgresEventStore,
  type PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { RecordClock } from '@fundflow/event-store/record-clock';
import type { Scope } from '@fundflow/identity/scope';
import { SecretBox } from '@fundflow/identity/sign-in/secret-box';
import { identityEntities } from '@fundflow/identity/tables';
import type { Configuration } from '@fundflow/nest-edge/configuration';
import { useCursorKey } from '@fundflow/nest-edge/cursor';
import { openDatabase } from '@fundflow/nest-edge/database';
import type { JsonLogger } from '@fundflow/nest-edge/json-logger';
import { sharedSecret } from '@fundflow/nest-edge/shared-secret';
import { edgeEntities } from '@fundflow/nest-edge/tables';
import { alertEntities } from '@fundflow/projections/alerts/table';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import { PostgresReasons } from '@fundflow/oversight/postgres/reasons';
import { projectionEntities } from '@fundflow/projections/read-model';
import { NOTHING, oversightScopeOf, readScopeOf } from '@fundflow/row-security/read-scope';
import { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { actingAs, type Connection, READER_ROLE, WORK_ROLE } from '@fundflow/row-security/roles';
import { BY_KEY } from '@fundflow/submissions/postgres/by-key';
import { openPostgresVault, type PostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { type DatabaseAddresses, prepareDatabase } from './prepare-database.js';
import { SealingThread } from './seal-apart.js';
import { vaultKeySource } from './vault-parts.js';

/** What every process of the ledger stands on. Opened in this order, closed in the other. */
export interface LedgerProcess {
  readonly configuration: Configuration;
  readonly logger: JsonLogger;
  /** For whoever needs connections of its own for the program's own work. */
  readonly connection: Connection;
  /** For TypeORM: identity, the edge. */
  readonly database: DataSource;
  /** For raw statements of the program's own work: staging, projections, bulk reads. */
  readonly pool: pg.Pool;
  /** For statements that find every row by a key: planned once, and never to read a table whole. */
  readonly keyedPool: pg.Pool;
  /** For answers: sees the rows of the scope of a transaction, and none without one. */
  readonly answering: pg.Pool;
  /** The tables as a scope may see them; with a person, also what that person handed in. */
  readonly within: (scope: Scope, person?: string) => ScopedReads;
  /** The log of those who look, as a scope may see it. */
  readonly overseeing: (scope: Scope) => ScopedReads;
  readonly store: PostgresEventStore;
  /** Moments of everything this process records. */
  readonly clock: RecordClock;
  /** Who looked, who was turned away: awaited before personal data is shown. */
  readonly oversight: OversightLog;
  /** Secrets of second factors, under the key that is not in the database. */
  readonly secrets: SecretBox;
  readonly vault: PostgresVault;
  /** Seals people beside what the process does; null where no thread runs (sources). */
  readonly sealing: SealingThread | null;
  readonly regions: RegionTable;
  /** Files being posted by this process. */
  readonly filesUnderWay: { count: number };
  /** Files being read by this process. */
  readonly filesBeingRead: { count: number };
  close(): Promise<void>;
}

const POOL_MAX = 12;
const ANSWERING_MAX = 10;

/** The application's role can do more than it should, and the configuration does not allow that. */
class ApplicationRoleTooStrong extends Error {
  override readonly name = 'ApplicationRoleTooStrong';
}

/**
 * Opens database (migrations run as the owner), event store, vault and region tables for one process.
 *
 * @param addresses of the embedded server, or the configured ones
 * @throws DatabaseUnavailable, DatabaseNotPrepared, ApplicationRoleTooStrong, EventStoreSchemaMismatch,
 * EventStoreNotDurable, VaultKeyMissing, VaultKeyWrong: each with a message (zh-CN) for whoever starts the process
 */
export async function openLedgerProcess(
  name: string,
  addresses: DatabaseAddresses,
  configuration: Configuration,
  logger: JsonLogger,
): Promise<LedgerProcess> {
  await makeDirectory(configuration.dataDirectory);
  const applicationName = `fundflow-${name}`;
  const prepared = await prepareDatabase(addresses, applicationName);
  sayFaults(prepared.faults, configuration, logger);
  const url = addresses.application;
  const opened = await openConnections(url, applicationName, prepared.protected, logger);
  try {
    return await standOn(opened, configuration, logger);
  } catch (error) {
    // Whoever started this stops the server next: what it cuts would be logged above what it is about.
    await opened.close();
    throw error;
  }
}

type Opened = Pick<
  LedgerProcess,
  'connection' | 'database' | 'pool' | 'keyedPool' | 'answering' | 'close'
>;

async function openConnections(
  url: string,
  applicationName: string,
  isProtected: boolean,
  logger: JsonLogger,
): Promise<Opened> {
  const connection = {
    ...actingAs(isProtected ? WORK_ROLE : null, url),
    application_name: applicationName,
  };
  const database = await openDatabase({
    ...{ url, applicationName, sessionOptions: connection.options, migrations: [] },
    entities: [...identityEntities, ...edgeEntities, ...projectionEntities, ...alertEntities],
  });
  const pool = poolOf({ ...connection, max: POOL_MAX }, logger);
  const options = `${connection.options ?? ''} ${BY_KEY}`;
  const keyedPool = poolOf({ ...connection, options, max: POOL_MAX }, logger);
  const answering = poolOf(
    {
      ...actingAs(isProtected ? READER_ROLE : null, url),
      ...{ application_name: `${applicationName}-answers`, max: ANSWERING_MAX },
    },
    logger,
  );
  return {
    ...{ connection, database, pool, keyedPool, answering },
    close: async () => {
      await pool.end();
      await Promise.all([keyedPool.end(), answering.end()]);
      await database.destroy();
    },
  };
}

async function standOn(
  opened: Opened,
  configuration: Configuration,
  logger: JsonLogger,
): Promise<LedgerProcess> {
  const { connection, database, pool, answering } = opened;
  useCursorKey(await sharedSecret(database, 'cursor'));
  const keySource = await vaultKeySource(pool, configuration);
  const sealing = sealingThread(logger);
  const apart = sealing && sealing.reseal.bind(sealing);
  const vault = await openPostgresVault(pool, keySource, apart);
  const secrets = new SecretBox(() => keySource.read());
  const { regionsFile } = configuration;
  const regions = loadDivisions(regionsFile === null ? {} : { extraFiles: [regionsFile] });
  const store = await openPostgresEventStore(connection);
  const clock = await RecordClock.atHeadOf(store).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const now = (): Date => new Date(clock.moment());
  const oversight = new OversightLog(store, new PostgresReasons(pool), now);
  return {
    ...opened,
    ...{ configuration, logger, store, clock, oversight, secrets, vault, sealing, regions },
    within: ({ regions: places, strictlyBelow }, person = '') => {
      const scope = strictlyBelow ? NOTHING : readScopeOf(places, regions);
      return new ScopedReads(answering, { ...scope, person });
    },
    overseeing: ({ regions: places, strictlyBelow }) =>
      new ScopedReads(answering, oversightScopeOf(places, regions, strictlyBelow)),
    filesUnderWay: { count: 0 },
    filesBeingRead: { count: 0 },
    close: async () => {
      await store.close();
      await opened.close();
    },
  };
}

/** Threads run what was built; sources run through a loader (tests) stay in one thread. */
const IS_BUILT = import.meta.url.endsWith('.js');

function sealingThread(logger: JsonLogger): SealingThread | null {
  if (!IS_BUILT) return null;
  return new SealingThread({
    onFailure: (error, people) => logger.failure('sealing-thread-failed', error, { people }),
  });
}

function poolOf(config: pg.PoolConfig, logger: JsonLogger): pg.Pool {
  const pool = new pg.Pool(config);
  // A broken idle connection leaves the pool by itself; without a listener it would end the process. Those of a pool that
  // ends are closed behind its end, and break where the server is stopped then.
  pool.on('error', (error) => {
    if (!pool.ending) logger.failure('database-connection-lost', error);
  });
  // Nor does the pool listen to one that is lent out: between two statements of a transaction nobody would. Its next
  // statement fails, which whoever borrowed it deals with.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

function sayFaults(
  faults: readonly string[],
  { strictDatabaseRole }: Configuration,
  logger: JsonLogger,
): void {
  if (faults.length === 0) return;
  const message = `应用的数据库角色权限过大：${faults.join('；')}。请另设所有者（FUNDFLOW_OWNER_DATABASE_URL），见 docs/operations.md。`;
  if (strictDatabaseRole) throw new ApplicationRoleTooStrong(message);
  logger.failure('database-role-too-strong', new ApplicationRoleTooStrong(message));
}

/** Papers beside records, for good: back them up with the database. */
export const attachmentDirectoryOf = ({ dataDirectory }: Configuration): string =>
  join(dataDirectory, 'attachments');

/** Uploads wait here until they are read. */
export const uploadDirectoryOf = ({ dataDirectory }: Configuration): string =>
  join(dataDirectory, 'uploads');
