import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { GRANTS } from './grants.js';

/** Any number; the same in every process: two that start at once protect in turns. */
const PROTECT_LOCK = 12317_0005;

/** One thing to be done to the database so that it is protected; may be done again. */
export type Statement = string;

/** What stands in the schemas: a table made since must be protected too. */
const CONTENT = `
  SELECT string_agg(c.oid::regclass::text, ',' ORDER BY c.oid::regclass::text COLLATE "C") AS content
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('public', 'event_store', 'tlog', 'read_side', 'alert_side')
    AND c.relkind IN ('r', 'v')`;

/**
 * Grants every role what it may do and runs the policies, as the owner, in one transaction; touches nothing where that was
 * done already for these tables and these statements, because a policy waits for whoever reads its table.
 */
export async function protectDatabase(
  owner: ClientBase,
  policies: readonly Statement[],
): Promise<void> {
  await owner.query('BEGIN');
  try {
    await owner.query('SELECT pg_advisory_xact_lock($1)', [PROTECT_LOCK]);
    await owner.query('CREATE TABLE IF NOT EXISTS public.fundflow_protection (digest text)');
    const statements = [...GRANTS, ...policies];
    const content = (await owner.query<{ content: string }>(CONTENT)).rows[0]?.content;
    const digest = createHash('sha256')
      .update(JSON.stringify([statements, content]))
      .digest('hex');
    const done = await owner.query<{ digest: string }>(
      'SELECT digest FROM public.fundflow_protection',
    );
    if (done.rows[0]?.digest !== digest) {
      for (const statement of statements) await owner.query(statement);
      await owner.query('DELETE FROM public.fundflow_protection');
      await owner.query('INSERT INTO public.fundflow_protection VALUES ($1)', [digest]);
    }
    await owner.query('COMMIT');
  } catch (error) {
    await owner.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
