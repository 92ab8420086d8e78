import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { RegionTable } from '@fundflow/domain/region';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import {
  openPostgresEventStore,
  type PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { SecretBox } from '@fundflow/identity/secret-box';
import { identityEntities, identityMigrations } from '@fundflow/identity/tables';
import type { Configuration } from '@fundflow/nest-edge/configuration';
import { useCursorKey } from '@fundflow/nest-edge/cursor';
import { openDatabase } from '@fundflow/nest-edge/database';
import type { JsonLogger } from '@fundflow/nest-edge/json-logger';
import { sharedSecret } from '@fundflow/nest-edge/shared-secret';
import { edgeEntities, edgeMigrations } from '@fundflow/nest-edge/tables';
import { alertEntities } from '@fundflow/projections/alerts/table';
import { alertMigrations } from '@fundflow/projections/alerts/migrations';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import { oversightMigrations, PostgresReasons } from '@fundflow/oversight/postgres/reasons';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { projectionEntities, projectionMigrations } from '@fundflow/projections/read-model';
import { submissionMigrations } from '@fundflow/submissions/postgres/schema';
import { openPostgresVault, type PostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { vaultKeySource } from './vault-parts.js';

/** What every process of the ledger stands on. Opened in this order, closed in the other. */
export interface LedgerProcess {
  readonly configuration: Configuration;
  readonly logger: JsonLogger;
  /** For whoever needs connections of its own. */
  readonly databaseUrl: string;
  /** For TypeORM: identity, the edge, read queries. */
  readonly database: DataSource;
  /** For raw statements: staging, projections, bulk reads. */
  readonly pool: pg.Pool;
  readonly store: PostgresEventStore;
  /** Who looked, who was turned away: awaited before personal data is shown. */
  readonly oversight: OversightLog;
  /** Secrets of second factors, under the key that is not in the database. */
  readonly secrets: SecretBox;
  readonly vault: PostgresVault;
  readonly regions: RegionTable;
  /** Files being posted by this process. */
  readonly filesUnderWay: { count: number };
  close(): Promise<void>;
}

const POOL_MAX = 12;

/**
 * Opens database (migrations run), event store, vault and region tables for one process.
 *
 * @param databaseUrl the embedded server's, or the configured one
 * @throws DatabaseUnavailable, EventStoreSchemaMismatch, EventStoreNotDurable, VaultKeyMissing, VaultKeyWrong: each with
 * a message (zh-CN) for whoever starts the process
 */
export async function openLedgerProcess(
  name: string,
  databaseUrl: string,
  configuration: Configuration,
  logger: JsonLogger,
): Promise<LedgerProcess> {
  await mkdir(configuration.dataDirectory, { recursive: true });
  const applicationName = `fundflow-${name}`;
  const database = await openDatabase({
    url: databaseUrl,
    applicationName,
    entities: [...identityEntities, ...edgeEntities, ...projectionEntities, ...alertEntities],
    migrations: [
      ...edgeMigrations,
      ...projectionMigrations,
      ...alertMigrations,
      ...identityMigrations,
      ...submissionMigrations,
      ...oversightMigrations,
    ],
  });
  useCursorKey(await sharedSecret(database, 'cursor'));
  const connection = { connectionString: databaseUrl, application_name: applicationName };
  const pool = new pg.Pool({ ...connection, max: POOL_MAX });
  // A broken idle connection leaves the pool by itself; without a listener it would end the process.
  pool.on('error', (error) => logger.failure('database-connection-lost', error));
  // Nor does the pool listen to one that is lent out: between two statements of a transaction nobody would. Its next
  // statement fails, which whoever borrowed it deals with.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  await createEventStoreSchema(connection);
  await createTlogSchema(pool);
  const store = await openPostgresEventStore(connection);
  const oversight = new OversightLog(store, new PostgresReasons(pool));
  const keySource = await vaultKeySource(pool, configuration);
  const vault = await openPostgresVault(pool, keySource);
  const secrets = new SecretBox(() => keySource.read());
  const { regionsFile } = configuration;
  const regions = loadDivisions(regionsFile === null ? {} : { extraFiles: [regionsFile] });
  return {
    ...{ configuration, logger, database, pool, store, oversight, secrets, vault, regions },
    databaseUrl,
    filesUnderWay: { count: 0 },
    close: async () => {
      await store.close();
      await pool.end();
      await database.destroy();
    },
  };
}

/** Papers beside records, for good: back them up with the database. */
export const attachmentDirectoryOf = ({ dataDirectory }: Configuration): string =>
  join(dataDirectory, 'attachments');

/** Uploads wait here until they are read. */
export const uploadDirectoryOf = ({ dataDirectory }: Configuration): string =>
  join(dataDirectory, 'uploads');
