import type { ClientBase, Pool, QueryResult } from 'pg';
import type { FoldedPage } from './fold-page.js';

/**
 * Writes a folded page and moves the checkpoint, both or neither. The checkpoint is moved first: its row is the lock
 * under which one of several writers works while the others wait and then find themselves overtaken.
 *
 * Not durable at once: after a crash of the server the tables and their checkpoint may lie a moment back, together, and
 * the page is folded again.
 *
 * @param schema the copy of the tables
 * @returns false when somebody else moved the checkpoint, or this copy was taken out of service: nothing was written.
 * @throws CannotFold, and whatever the database says; nothing was written.
 */
export async function writePage(
  client: ClientBase,
  schema: string,
  { page, folds }: Pick<FoldedPage, 'page' | 'folds'>,
): Promise<boolean> {
  if (!page) return true;
  try {
    const begun = (await client.query(`
      BEGIN;
      SET LOCAL search_path TO ${schema};
      SET LOCAL synchronous_commit TO off;
      UPDATE checkpoint SET position = ${page.upTo}
      WHERE name = 'read-model' AND position = ${page.after} AND NOT retired`)) as unknown;
    const moved = (begun as readonly QueryResult[]).at(-1)?.rowCount === 1;
    if (moved) for (const fold of folds) await fold.write(page, client);
    await client.query(moved ? 'COMMIT' : 'ROLLBACK');
    return moved;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** How far a copy of the tables reflects the log, and which copy it is. */
export interface Checkpoint {
  readonly position: bigint;
  readonly generation: string;
}

export async function readCheckpoint(
  client: Pick<Pool | ClientBase, 'query'>,
  schema: string,
): Promise<Checkpoint> {
  const { rows } = await client.query<{ position: string; generation: string }>(
    `SELECT position, generation FROM ${schema}.checkpoint WHERE name = 'read-model'`,
  );
  const row = rows[0];
  if (!row) throw new Error(`${schema} has no checkpoint`);
  return { position: BigInt(row.position), generation: row.generation };
}
