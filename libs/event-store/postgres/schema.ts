import pg from 'pg';
import { APPEND_FUNCTION, JUDGE_FUNCTION } from './append-function.js';

/** The lock that lets several processes create or lift the schema at the same moment. */
const SCHEMA_LOCK = 7_812_317_201_811n;

/**
 * Version n stands at index n - 1. A step that was ever released is never edited; a change is a
 * new step.
 */
const STEPS: readonly string[] = [
  `
-- A counter row, not a sequence: a rollback leaves no gap.
CREATE TABLE event_store.es_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  position bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO event_store.es_head (position) VALUES (0);

-- The version of a stream is that of its last event: a table of versions beside this one would cost
-- a quarter of every append and could contradict it. json keeps the text it was given;
-- jsonb would rewrite the bytes that the proof hashes.
CREATE TABLE event_store.es_events (
  position bigint PRIMARY KEY,
  stream_id text COLLATE "C" NOT NULL,
  version int NOT NULL,
  event_id uuid NOT NULL UNIQUE,
  type text COLLATE "C" NOT NULL,
  recorded_at timestamptz NOT NULL,
  record json NOT NULL,
  UNIQUE (stream_id, version)
);

CREATE FUNCTION event_store.es_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE '% of %.% is refused: the log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER es_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_store.es_events
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.es_refuse();
CREATE TRIGGER es_append_only BEFORE DELETE OR TRUNCATE ON event_store.es_head
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.es_refuse();
CREATE TRIGGER es_only_up BEFORE UPDATE ON event_store.es_head
  FOR EACH ROW WHEN (NEW.position <= OLD.position)
  EXECUTE FUNCTION event_store.es_refuse();
${JUDGE_FUNCTION}
${APPEND_FUNCTION}
REVOKE ALL ON ALL TABLES IN SCHEMA event_store FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA event_store FROM PUBLIC;
`,
];

/** The version of the schema this code reads and writes. */
export const SCHEMA_VERSION = STEPS.length;

/** The schema in the database was made by a newer program, or is missing. */
export class EventStoreSchemaMismatch extends Error {
  override readonly name = 'EventStoreSchemaMismatch';
  constructor(found: number) {
    super(
      `事件库结构版本为 ${found}，本程序需要版本 ${SCHEMA_VERSION}：` +
        (found > SCHEMA_VERSION ? '请使用更新的程序。' : '请先以数据库所有者身份初始化或升级。'),
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
