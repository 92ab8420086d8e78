import pg from 'pg';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { openDatabase } from '@fundflow/nest-edge/database';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { takeOver } from '@fundflow/row-security/owner';
import { protectDatabase } from '@fundflow/row-security/protect';
import { ensureRoles, faultsOfApplicationRole } from '@fundflow/row-security/roles';
import { createVaultSchema } from '@fundflow/vault/postgres/schema';
import { POLICIES } from './policies.js';
import { assertNotLifted, DatabaseNotPrepared, migrations } from './release.js';

/** Where the database is reached, as whom. */
export interface DatabaseAddresses {
  /** The role that answers and posts. */
  readonly application: string;
  /** The role that owns the tables; null: the application's own, or another process has prepared the tables. */
  readonly owner: string | null;
}

export interface PreparedDatabase {
  /** Rows are protected: connections act in one of the two roles. */
  readonly protected: boolean;
  /** What the application's role can do beyond what it should (zh-CN). */
  readonly faults: readonly string[];
}

const MAY_OWN = `
  SELECT has_database_privilege(current_user, current_database(), 'CREATE')
    AND has_schema_privilege(current_user, 'public', 'CREATE') AS "mayOwn"`;

const MIGRATED = `
  SELECT to_regclass('public.fundflow_protection') IS NOT NULL AS there`;

/**
 * Makes or lifts every table as their owner, takes over what an earlier program made in another role, and protects the
 * rows. With one role for everything that role is the owner; a role that may not make tables finds them made.
 *
 * @throws DatabaseUnavailable, EventStoreSchemaMismatch, DatabaseNotPrepared, ReleaseMismatch (zh-CN)
 */
export async function prepareDatabase(
  { application, owner }: DatabaseAddresses,
  applicationName: string,
): Promise<PreparedDatabase> {
  await waitForDatabase(application, applicationName);
  const mayOwn = owner !== null || (await askedOf(application, MAY_OWN, 'mayOwn'));
  const isProtected = mayOwn
    ? await prepareAsOwner(owner ?? application, userOf(application), applicationName)
    : await alreadyPrepared(application);
  const faults = await withClient(application, faultsOfApplicationRole);
  if (!isProtected) faults.push(NO_ROLES);
  return { protected: isProtected, faults };
}

const NO_ROLES =
  '数据库服务器没有 fundflow_work、fundflow_reader 两个角色，或应用的角色不是其成员，而本角色无权创建、授予：行级安全未启用';

const userOf = (url: string): string => decodeURIComponent(new URL(url).username);

async function alreadyPrepared(application: string): Promise<boolean> {
  if (await askedOf(application, MIGRATED, 'there')) return true;
  throw new DatabaseNotPrepared(
    '数据库尚未初始化，而 FUNDFLOW_DATABASE_URL 的角色无权建表：请以 FUNDFLOW_OWNER_DATABASE_URL 指定表的所有者，启动一次。',
  );
}

async function prepareAsOwner(
  url: string,
  applicationUser: string,
  applicationName: string,
): Promise<boolean> {
  const connection = { connectionString: url, application_name: `${applicationName}-owner` };
  await waitForDatabase(url, applicationName);
  await withClient(url, assertNotLifted);
  await withClient(url, takeOver);
  const database = await openDatabase({ url, applicationName, entities: [], migrations });
  await database.destroy();
  await createEventStoreSchema(connection);
  const pool = new pg.Pool({ ...connection, max: 1 });
  pool.on('error', () => undefined);
  try {
    await createTlogSchema(pool);
    await createVaultSchema(pool, async () => undefined);
  } finally {
    await pool.end();
  }
  return withClient(url, async (client) => {
    if (!(await ensureRoles(client, applicationUser))) return false;
    await protectDatabase(client, POLICIES);
    return true;
  });
}

/**
 * For a server that does not accept connections yet; what follows does not have to.
 *
 * @throws DatabaseUnavailable (zh-CN)
 */
export async function waitForDatabase(url: string, applicationName: string): Promise<void> {
  const first = await openDatabase({ url, applicationName, entities: [], migrations: [] });
  await first.destroy();
}

async function withClient<T>(
  connectionString: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const askedOf = (url: string, sql: string, column: string): Promise<boolean> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<Record<string, boolean>>(sql);
    return rows[0]?.[column] === true;
  });
