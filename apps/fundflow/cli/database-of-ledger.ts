import { join } from 'node:path';
import { startEmbeddedPostgres } from '@fundflow/embedded-postgres/embedded-postgres';
import { DataDirectoryInUse } from '@fundflow/embedded-postgres/errors';
import { readConfiguration } from '@fundflow/nest-edge/configuration';
import { readDatabaseFile } from '../database-file.js';

/** As the owner of the tables: the configured server, else the database of the running ledger, else the stopped one, started for as long as it takes. */
export async function databaseOfLedger(): Promise<{ url: string; release: () => Promise<void> }> {
  const { databaseUrl, ownerDatabaseUrl, dataDirectory } = readConfiguration(process.env);
  const url = ownerDatabaseUrl ?? databaseUrl;
  if (url !== null) return { url, release: async () => undefined };
  try {
    const server = await startEmbeddedPostgres({ dataDir: join(dataDirectory, 'postgres') });
    return { url: server.connectionString, release: () => server.stop() };
  } catch (error) {
    const running = error instanceof DataDirectoryInUse && (await readDatabaseFile(dataDirectory));
    if (running) return { url: running, release: async () => undefined };
    throw error;
  }
}
