import type { ClientBase } from 'pg';
import { ALERT_CHECKPOINT_NAME, ALERT_SCHEMA } from './table.js';

/** What the alerts say, in numbers that do not depend on the order of their rows. */
export interface AlertChecksum {
  /** The position they hold for. */
  readonly position: bigint;
  readonly rows: string;
  /** Sum of the 64-bit hashes of the rows. */
  readonly hash: string;
}

/** From one snapshot; two ledgers with the same log and the alerts at the same position have the same. */
export async function alertChecksum(client: Pick<ClientBase, 'query'>): Promise<AlertChecksum> {
  const { rows } = await client.query<{ position: string; rows: string; hash: string }>(
    `SELECT c.position::text, count(a)::text AS rows,
       coalesce(sum(hash_record_extended(a, 0)), 0)::text AS hash
     FROM ${ALERT_SCHEMA}.alert_checkpoint c LEFT JOIN ${ALERT_SCHEMA}.alerts a ON true
     WHERE c.name = $1 GROUP BY c.position`,
    [ALERT_CHECKPOINT_NAME],
  );
  const row = rows[0];
  if (!row) throw new Error(`${ALERT_SCHEMA} has no checkpoint`);
  return { ...row, position: BigInt(row.position) };
}
