import type { ClientBase } from 'pg';

/** The schemas of the ledger: nothing else of a database is touched. */
const SCHEMAS = ['public', 'event_store', 'tlog', 'read_side', 'alert_side'] as const;

/** Tables of the ledger, also of a read side that a rebuild set aside; others in `public` are somebody else's. */
const STRANGERS = `
  SELECT format('ALTER %s %I.%I OWNER TO CURRENT_USER',
           CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, n.nspname, c.relname) AS statement
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE (n.nspname = ANY ($1::text[]) OR n.nspname LIKE 'read\\_side%')
    AND c.relkind IN ('r', 'v') AND c.relowner <> current_user::regrole
    AND (n.nspname <> 'public' OR c.relname ~ $2)
  UNION ALL
  SELECT format('ALTER FUNCTION %s OWNER TO CURRENT_USER', p.oid::regprocedure)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE p.proowner <> current_user::regrole
    AND (n.nspname = 'event_store' OR n.nspname = 'public' AND p.proname ~ $2)
  UNION ALL
  SELECT format('ALTER SCHEMA %I OWNER TO CURRENT_USER', n.nspname)
  FROM pg_namespace n
  WHERE (n.nspname = ANY ($1::text[]) AND n.nspname <> 'public' OR n.nspname LIKE 'read\\_side%')
    AND n.nspowner <> current_user::regrole`;

/** What the tables of the ledger in `public` are called. */
const OURS = '^(fundflow|identity|edge|submission|oversight|vault|attachment|public_totals)';

/**
 * Gives to the owner what an earlier program made in another role: a ledger that ran with one role for everything. Does
 * nothing where everything is the owner's.
 *
 * @returns how many things changed hands
 * @throws what PostgreSQL says where the owner is neither superuser nor a member of the earlier role
 */
export async function takeOver(owner: ClientBase): Promise<number> {
  const { rows } = await owner.query<{ statement: string }>(STRANGERS, [SCHEMAS, OURS]);
  for (const { statement } of rows) await owner.query(statement);
  return rows.length;
}
