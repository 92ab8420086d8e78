import pg from 'pg';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';

/** Made once for each server of the tests: migrated, with the demo users, each of them signed in. */
const TEMPLATE = 'e2e_template';

export interface SignedIn {
  readonly login: string;
  readonly cookie: string;
}

/**
 * A new database as it is after the first start of the application: a copy of one that was started, because hashing the
 * passwords of eight users and every migration would cost each spec file some seconds.
 *
 * @param firstStart starts the application on an empty database, signs the users in and stops it again
 */
export async function databaseAfterFirstStart(
  firstStart: (databaseUrl: string) => Promise<readonly SignedIn[]>,
): Promise<{ readonly databaseUrl: string; readonly sessions: ReadonlyMap<string, string> }> {
  const server = await startTestDatabase();
  await ensureTemplate(server.connectionString, firstStart);
  const databaseUrl = await copyDatabase(server.connectionString, TEMPLATE);
  const rows = await query<SignedIn>(databaseUrl, 'SELECT login, cookie FROM template.signed_in');
  return { databaseUrl, sessions: new Map(rows.map(({ login, cookie }) => [login, cookie])) };
}

async function ensureTemplate(
  connectionString: string,
  firstStart: (databaseUrl: string) => Promise<readonly SignedIn[]>,
): Promise<void> {
  const known = await query(connectionString, 'SELECT FROM pg_database WHERE datname = $1', [
    TEMPLATE,
  ]);
  if (known.length > 0) return;
  const building = `${TEMPLATE}_new`;
  await query(connectionString, `DROP DATABASE IF EXISTS ${building}`);
  await query(connectionString, `CREATE DATABASE ${building}`);
  const url = withDatabase(connectionString, building);
  const sessions = await firstStart(url);
  await query(url, 'CREATE SCHEMA template CREATE TABLE signed_in (login text, cookie text)');
  await query(
    url,
    'INSERT INTO template.signed_in SELECT * FROM json_populate_recordset(null::template.signed_in, $1)',
    [JSON.stringify(sessions)],
  );
  await query(connectionString, `ALTER DATABASE ${building} RENAME TO ${TEMPLATE}`);
}

let copies = 0;

async function copyDatabase(connectionString: string, template: string): Promise<string> {
  copies += 1;
  const name = `e2e_${Date.now().toString(36)}_${copies}`;
  await query(connectionString, `CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  return withDatabase(connectionString, name);
}

function withDatabase(connectionString: string, name: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}

/** One statement on a connection of its own. */
export async function query<Row extends object>(
  connectionString: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<Row>(sql, [...values]);
    return rows;
  } finally {
    await client.end();
  }
}
