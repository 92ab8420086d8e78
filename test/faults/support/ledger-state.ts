import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { alertChecksum } from '@fundflow/projections/alerts/checksum';
import { verifyProjections } from '@fundflow/projections/rebuild/rebuild';
import { LOOK_AGAIN_MS } from './office.js';

/** How far log, tables and alerts of a running ledger are, as its database says. */
export interface Progress {
  readonly head: number;
  readonly tables: number;
  readonly alerts: number;
}

const PROGRESS = `SELECT (SELECT position FROM event_store.es_head) AS head,
  (SELECT position FROM read_side.checkpoint) AS tables,
  (SELECT position FROM alert_side.alert_checkpoint) AS alerts`;

export const databaseUrl = async (dataDirectory: string): Promise<string> =>
  (await readFile(join(dataDirectory, 'database-url'), 'utf8')).trim();

/** Looks at the database itself, beside the program. */
export async function watching<T>(
  dataDirectory: string,
  look: (progress: () => Promise<Progress>) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: await databaseUrl(dataDirectory) });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await look(async () => {
      const { rows } = await client.query<Record<keyof Progress, string>>(PROGRESS);
      const { head, tables, alerts } = rows[0] as Record<keyof Progress, string>;
      return { head: Number(head), tables: Number(tables), alerts: Number(alerts) };
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

export interface Log {
  /** Ids of the rows posted, in the order of the log. */
  readonly ids: readonly string[];
  /** Whether positions are 1, 2, 3 … without a gap. */
  readonly dense: boolean;
  /** Tables that differ from a replay of the log. */
  readonly differences: readonly string[] | null;
  /** Whether the alerts are those that a first evaluation of everything finds. */
  readonly alertsAsNew: boolean;
}

/** The whole log of a running ledger, the tables beside its replay, the alerts beside their evaluation from nothing. */
export async function inspectedLog(dataDirectory: string): Promise<Log> {
  const connectionString = await databaseUrl(dataDirectory);
  const pool = new pg.Pool({ connectionString, max: 4 });
  const store = await openPostgresEventStore({ connectionString });
  try {
    const { rows } = await pool.query<{ position: string; id: string | null }>(
      `SELECT position, record->'data'->'row'->>'id' AS id FROM event_store.es_events
       ORDER BY position`,
    );
    const dense = rows.every(({ position }, index) => Number(position) === index + 1);
    const ids = rows.flatMap(({ id }) => (id === null ? [] : [id]));
    const { differences } = await verifyProjections({ store, pool });
    return { ids, dense, differences, alertsAsNew: await alertsAsNew(pool) };
  } finally {
    await store.close();
    await pool.end();
  }
}

/**
 * Makes the running ledger forget how far its alerts are, and looks at what it makes of the facts again. What it still
 * posts by itself, a submission that was under way, moves both: they are compared at one position.
 */
async function alertsAsNew(pool: pg.Pool): Promise<boolean> {
  for (;;) {
    const before = await alertsAtHead(pool);
    await pool.query('UPDATE alert_side.alert_checkpoint SET generation = NULL, position = 0');
    const after = await alertsAtHead(pool);
    if (before.position !== after.position) continue;
    return before.rows === after.rows && before.hash === after.hash;
  }
}

async function alertsAtHead(pool: pg.Pool): ReturnType<typeof alertChecksum> {
  for (;;) {
    const { rows } = await pool.query<{ head: string }>(
      `SELECT position::text AS head FROM event_store.es_head
       WHERE EXISTS (SELECT 1 FROM alert_side.alert_checkpoint WHERE generation IS NOT NULL)`,
    );
    const found = await alertChecksum(pool);
    if (rows[0] && found.position === BigInt(rows[0].head)) return found;
    await pause(LOOK_AGAIN_MS);
  }
}
