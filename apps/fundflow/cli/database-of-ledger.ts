import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '@fundflow/embedded-postgres/embedded-postgres';
import { DataDirectoryInUse } from '@fundflow/embedded-postgres/errors';
import {
  openPostgresEventStore,
  type PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { readConfiguration } from '@fundflow/nest-edge/configuration';
import { openDatabase } from '@fundflow/nest-edge/database';
import { assertSameRelease } from '@fundflow/runtime/release';
import { readDatabaseFile } from '../database-file.js';
import { CommandFailed } from './command-failed.js';

/**
 * As the owner of the tables: the configured server, else the database of the running ledger, else the stopped one, started
 * for as long as it takes. None is made: whoever mistyped a directory would verify, or back up, an empty ledger.
 *
 * @throws CommandFailed `no-ledger`; DatabaseUnavailable
 */
export async function databaseOfLedger(): Promise<{ url: string; release: () => Promise<void> }> {
  const { databaseUrl, ownerDatabaseUrl, dataDirectory } = readConfiguration(process.env);
  const url = ownerDatabaseUrl ?? databaseUrl;
  if (url !== null) {
    const once = { applicationName: 'fundflow-command', entities: [], migrations: [], waitMs: 0 };
    await (await openDatabase({ url, ...once })).destroy();
    return { url, release: async () => undefined };
  }
  const dataDir = join(dataDirectory, 'postgres');
  if (!existsSync(dataDir)) {
    const message = `${dataDirectory} 中没有账本：请在账本所在目录运行，或以 FUNDFLOW_DATA 指定数据目录。`;
    throw new CommandFailed('no-ledger', message);
  }
  try {
    const server = await startEmbeddedPostgres({ dataDir });
    return { url: server.connectionString, release: () => server.stop() };
  } catch (error) {
    const running = error instanceof DataDirectoryInUse && (await readDatabaseFile(dataDirectory));
    if (running) return { url: running, release: async () => undefined };
    throw error;
  }
}

/** The ledger as a command works on it. */
export interface OpenedLedger {
  readonly pool: pg.Pool;
  readonly store: PostgresEventStore;
}

const CONNECTIONS_MAX = 4;

/**
 * Works on the ledger, running or stopped, and lets go of it again.
 *
 * @throws CommandFailed `no-ledger`; DatabaseUnavailable, DatabaseNotPrepared, ReleaseMismatch
 */
export const onLedger = <T>(work: (ledger: OpenedLedger) => Promise<T>): Promise<T> =>
  opened(work, { assertUsable: assertSameRelease, readingOnly: false });

/**
 * The same for work that reads nothing but the records, which are as they are in every release: whichever made the tables.
 *
 * @throws CommandFailed `no-ledger`; DatabaseUnavailable; EventStoreSchemaMismatch where there is no record yet
 */
export const onLog = <T>(work: (ledger: OpenedLedger) => Promise<T>): Promise<T> =>
  opened(work, { assertUsable: async () => undefined, readingOnly: true });

async function opened<T>(
  work: (ledger: OpenedLedger) => Promise<T>,
  ways: { readonly assertUsable: (pool: pg.Pool) => Promise<void>; readonly readingOnly: boolean },
): Promise<T> {
  const { url, release } = await databaseOfLedger();
  try {
    const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS_MAX });
    // An idle connection that breaks, as when the server stops right behind us, is no failure of the work.
    pool.on('error', () => undefined);
    try {
      await ways.assertUsable(pool);
      const { readingOnly } = ways;
      const store = await openPostgresEventStore({ connectionString: url, readingOnly });
      return await work({ pool, store }).finally(() => store.close());
    } finally {
      await pool.end();
    }
  } finally {
    await release();
  }
}
