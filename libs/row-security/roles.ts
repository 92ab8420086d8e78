import pg, { type ClientBase } from 'pg';

/** Everything the program does by itself: posting, projecting, signing, accounts. Sees all rows, changes no table. */
export const WORK_ROLE = 'fundflow_work';
/** Answers of the read side: reads the tables that answers are made from, and of them the rows of its scope. */
export const READER_ROLE = 'fundflow_reader';
export type ActingRole = typeof WORK_ROLE | typeof READER_ROLE;

/** How a connection is opened: `options` names the role it acts in from its first statement on. */
export interface Connection {
  readonly connectionString: string;
  readonly options?: string;
}

/** The same connection in one of the two roles; as it is where the database has no such roles. */
export function actingAs(role: ActingRole | null, connectionString: string): Connection {
  return role === null ? { connectionString } : { connectionString, options: `-c role=${role}` };
}

/** The connection of a process that only works: in its role, where this database has been prepared for it. */
export async function workConnection(connectionString: string): Promise<Connection> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ there: boolean }>(
      `SELECT to_regrole('${WORK_ROLE}') IS NOT NULL
         AND to_regclass('public.fundflow_protection') IS NOT NULL AS there`,
    );
    return actingAs(rows[0]?.there ? WORK_ROLE : null, connectionString);
  } finally {
    await client.end();
  }
}

/** A role that another process made in the same moment is as good as one made here. */
const CREATE = (role: string): string => `
  DO $$ BEGIN
    CREATE ROLE ${role} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`;

const MISSING = `
  SELECT one AS role FROM unnest($1::text[]) AS one
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = one)`;

const MAY_CREATE = `
  SELECT rolsuper OR rolcreaterole AS allowed FROM pg_roles WHERE rolname = current_user`;

const NOT_GRANTED = `
  SELECT one AS role, pg_has_role(one, 'MEMBER WITH ADMIN OPTION') AS allowed
  FROM unnest($1::text[]) AS one WHERE NOT pg_has_role($2, one, 'MEMBER')`;

/**
 * Makes the two roles where they are missing, and the application's login a member of them: it can act in them, and gets
 * nothing else. They belong to the whole server, as roles do.
 *
 * @param owner a connection of the tables' owner
 * @returns false where something is missing that the owner may not make or grant
 */
export async function ensureRoles(owner: ClientBase, applicationUser: string): Promise<boolean> {
  const roles = [WORK_ROLE, READER_ROLE];
  const missing = (await owner.query<{ role: string }>(MISSING, [roles])).rows;
  if (missing.length > 0) {
    const [rights] = (await owner.query<{ allowed: boolean }>(MAY_CREATE)).rows;
    if (!rights?.allowed) return false;
    for (const { role } of missing) await owner.query(CREATE(role));
  }
  type Grant = { readonly role: string; readonly allowed: boolean };
  const wanted = (await owner.query<Grant>(NOT_GRANTED, [roles, applicationUser])).rows;
  if (wanted.some(({ allowed }) => !allowed)) return false;
  const user = owner.escapeIdentifier(applicationUser);
  for (const { role } of wanted) await owner.query(`GRANT ${role} TO ${user}`);
  return true;
}

const FAULTS = `
  SELECT r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
    r.rolcreaterole OR r.rolcreatedb AS creates,
    (SELECT pg_has_role(r.oid, w.oid, 'USAGE') FROM pg_roles w WHERE w.rolname = '${WORK_ROLE}')
      AS inherits,
    (SELECT count(*)::int FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relowner = r.oid AND n.nspname NOT LIKE 'pg\\_%') AS owned,
    has_database_privilege(r.oid, current_database(), 'CREATE') AS "createsSchemas"
  FROM pg_roles r WHERE r.rolname = session_user`;

interface Faults {
  readonly superuser: boolean;
  readonly bypasses: boolean;
  readonly creates: boolean;
  readonly inherits: boolean | null;
  readonly owned: number;
  readonly createsSchemas: boolean;
}

/**
 * What the role of an application's connection can do beyond what it should (zh-CN, for whoever runs the server); empty
 * where it is superuser of nothing, owner of nothing and bypasses nothing.
 */
export async function faultsOfApplicationRole(application: ClientBase): Promise<string[]> {
  const row = (await application.query<Faults>(FAULTS)).rows[0];
  if (!row) throw new Error('the session has no role');
  // A superuser passes every other check as well.
  if (row.superuser) return ['是超级用户'];
  return [
    row.bypasses ? '可绕过行级安全（BYPASSRLS）' : null,
    row.creates ? '可创建角色或数据库' : null,
    row.owned > 0 ? `拥有 ${row.owned} 个表或索引` : null,
    row.createsSchemas ? '可在库中创建模式' : null,
    row.inherits === true ? `未设 NOINHERIT，直接具有 ${WORK_ROLE} 的权限` : null,
  ].filter((fault) => fault !== null);
}
