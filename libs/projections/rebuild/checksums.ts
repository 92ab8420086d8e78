import type { ClientBase } from 'pg';
import { readCheckpoint } from '../follow/page-writer.js';
import type { ReadTable } from '../read-table.js';

/** What a table says, in two numbers that do not depend on the order of its rows or on where pages ended. */
export interface TableChecksum {
  readonly table: string;
  readonly rows: string;
  /** Sum of the 64-bit hashes of its rows. */
  readonly hash: string;
}

export interface Checksums {
  /** The position they hold for. */
  readonly position: bigint;
  readonly tables: readonly TableChecksum[];
}

/**
 * Checksums of one copy of the tables, all from one snapshot, while others go on writing. Two copies on one server that
 * reflect the same position must have the same.
 *
 * @param client not in a transaction
 */
export async function checksumsOf(
  client: ClientBase,
  schema: string,
  tables: readonly ReadTable[],
): Promise<Checksums> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    await client.query(`SET LOCAL search_path TO ${schema}`);
    const { position } = await readCheckpoint(client, schema);
    const found: TableChecksum[] = [];
    for (const { name, content } of tables) {
      const { rows } = await client.query<{ rows: string; hash: string }>(`
        SELECT count(*)::text AS rows, coalesce(sum(hash_record_extended(c, 0)), 0)::text AS hash
        FROM (${content}) AS c`);
      found.push({ table: name, ...(rows[0] as { rows: string; hash: string }) });
    }
    return { position, tables: found };
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Tables of two copies that say different things. */
export function differences(one: Checksums, other: Checksums): string[] {
  const known = new Map(other.tables.map((checksum) => [checksum.table, checksum]));
  return one.tables
    .filter(({ table, rows, hash }) => {
      const twin = known.get(table);
      return !twin || twin.rows !== rows || twin.hash !== hash;
    })
    .map(({ table }) => table);
}
