import type { ClientBase } from 'pg';

/** The login of the application: owns nothing, and can do only what its roles can once it acts in one. */
export const APPLICATION = 'fundflow_app';

const RIGHTS = 'LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';

/** Makes the login where it is missing; its password is then this one, and its rights these, whatever they were. */
export async function ensureApplicationLogin(
  superuser: ClientBase,
  password: string,
): Promise<void> {
  const found = await superuser.query('SELECT FROM pg_roles WHERE rolname = $1', [APPLICATION]);
  if (found.rowCount === 0) await superuser.query(`CREATE ROLE ${APPLICATION}`);
  const { rows } = await superuser.query<{ statement: string }>(
    `SELECT format('ALTER ROLE ${APPLICATION} ${RIGHTS} PASSWORD %L', $1::text) AS statement`,
    [password],
  );
  await superuser.query(rows[0]?.statement ?? '');
}
