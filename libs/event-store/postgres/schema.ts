import pg from 'pg';
import { APPEND_FUNCTION } from './append-function.js';
import { FIRST_STEP } from './first-schema.js';

/** The lock that lets several processes create or lift the schema at the same moment. */
const SCHEMA_LOCK = 7_812_317_201_811n;

/**
 * Version n stands at index n - 1. A step that was ever released is never edited; a change is a
 * new step.
 */
const STEPS: readonly string[] = [FIRST_STEP, APPEND_FUNCTION];

/** The version of the schema this code reads and writes. */
export const SCHEMA_VERSION = STEPS.length;

/** The schema in the database was made by a newer program, or is missing. */
export class EventStoreSchemaMismatch extends Error {
  override readonly name = 'EventStoreSchemaMismatch';
  constructor(found: number) {
    super(
      `事件库结构版本为 ${found}，本程序需要版本 ${SCHEMA_VERSION}：` +
        (found > SCHEMA_VERSION
          ? '请使用更新的程序。'
          : '请以本程序启动一次账本（外部服务器须设 FUNDFLOW_OWNER_DATABASE_URL）。'),
    );
  }
}

/**
 * Creates the schema `event_store`, or lifts it to this version; harmless when it is there, also
 * from several processes at once. To be run by the owner of the tables.
 *
 * @param options.appRole an existing role that shall append through `es_append` and read, and
 * nothing else: it cannot insert, update, delete or truncate
 * @throws EventStoreSchemaMismatch when a newer program made it.
 */
export async function createEventStoreSchema(
  config: pg.ClientConfig,
  options: { appRole?: string } = {},
): Promise<void> {
  const client = new pg.Client(config);
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    const found = await schemaVersion(client);
    if (found > SCHEMA_VERSION) throw new EventStoreSchemaMismatch(found);
    if (found === 0) {
      await client.query('CREATE SCHEMA event_store');
      await client.query('CREATE TABLE event_store.es_schema (version int NOT NULL)');
      await client.query('INSERT INTO event_store.es_schema VALUES (0)');
    }
    for (const step of STEPS.slice(found)) await client.query(step);
    await client.query('UPDATE event_store.es_schema SET version = $1 WHERE version <> $1', [
      SCHEMA_VERSION,
    ]);
    if (options.appRole !== undefined) await grant(client, options.appRole);
    await client.query('COMMIT');
  } finally {
    // Ends an open transaction as well.
    await client.end();
  }
}

/** 0 when there is none. */
export async function schemaVersion(client: pg.ClientBase | pg.Pool): Promise<number> {
  const there = await client.query<{ there: boolean }>(
    `SELECT to_regclass('event_store.es_schema') IS NOT NULL AS there`,
  );
  if (there.rows[0]?.there !== true) return 0;
  const found = await client.query<{ version: number }>(
    'SELECT version FROM event_store.es_schema',
  );
  return found.rows[0]?.version ?? 0;
}

async function grant(client: pg.Client, appRole: string): Promise<void> {
  const role = client.escapeIdentifier(appRole);
  await client.query(`
    REVOKE ALL ON ALL TABLES IN SCHEMA event_store FROM ${role};
    GRANT USAGE ON SCHEMA event_store TO ${role};
    GRANT SELECT ON ALL TABLES IN SCHEMA event_store TO ${role};
    GRANT EXECUTE ON FUNCTION event_store.es_append TO ${role};
  `);
}
