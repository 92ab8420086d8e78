import type { ClientBase } from 'pg';
import { CannotFold } from './projection.js';

/** A fact about a row of an earlier page: which row, and its date, moment and position. */
export interface Completion {
  readonly id: string;
  readonly fact: Fact;
}

export interface Fact {
  readonly on: string;
  readonly at: string;
  readonly position: bigint;
}

/**
 * Fills `<prefix>_on`, `<prefix>_at` and, where the table keeps it, `<prefix>_position` of existing rows.
 *
 * @throws CannotFold at the first fact whose row is missing or has it already: the log contradicts the tables.
 */
export async function completeRows(
  client: ClientBase,
  { table, prefix, withPosition }: { table: string; prefix: string; withPosition: boolean },
  completions: readonly Completion[],
): Promise<void> {
  if (completions.length === 0) return;
  const ids = completions.map(({ id }) => id);
  const { rows } = await client.query<{ id: string }>({
    name: `complete ${table} ${prefix}`,
    text: `UPDATE ${table} AS t
     SET ${prefix}_on = u.fact_on, ${prefix}_at = u.fact_at
         ${withPosition ? `, ${prefix}_position = u.fact_position` : ''}
     FROM unnest($1::text[], $2::date[], $3::timestamptz[], $4::bigint[])
          AS u(id, fact_on, fact_at, fact_position)
     WHERE t.id = u.id AND t.${prefix}_on IS NULL
     RETURNING t.id`,
    values: [
      ids,
      completions.map(({ fact }) => fact.on),
      completions.map(({ fact }) => fact.at),
      completions.map(({ fact }) => String(fact.position)),
    ],
  });
  if (rows.length === completions.length) return;
  const done = new Set(rows.map(({ id }) => id));
  const seen = new Set<string>();
  for (const { id, fact } of completions) {
    if (!done.has(id) || seen.has(id)) {
      throw new CannotFold(fact.position, `${table} has no ${id} that is not ${prefix} yet`);
    }
    seen.add(id);
  }
}
