import { randomBytes } from 'node:crypto';
import { APPLICATION, ensureApplicationLogin } from '@fundflow/embedded-postgres/application-login';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { CatchUp } from '@fundflow/projections/follow/catch-up';
import { PAGE_SIZE_MAX } from '@fundflow/projections/follow/page-reader';
import { projections } from '@fundflow/projections/read-model';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import { actingAs, type Connection, WORK_ROLE } from '@fundflow/row-security/roles';
import { prepareDatabase } from '@fundflow/runtime/prepare-database';
import pg from 'pg';
import { ledgerLog, LOG_SIZE } from './ledger-log.js';
import { loadLog } from './load-log.js';

/** Events a second; a ratio of 1 = as fast as only reading and parsing the log. */
export interface ProjectionsBench {
  readonly events: number;
  /** Pages of 5,000 of the same table as node-postgres gives them, every record parsed. */
  readonly bareRead: number;
  /** Reading, folding and writing every read table with its indexes. */
  readonly catchUp: number;
  readonly ratio: number;
}

const TURNS = 5;

/**
 * Makes every table and protects its rows, as a first start does.
 *
 * @param owner URL of an empty database, as its owner
 * @returns how the program connects for its own work: in its role, under row-level security
 */
async function prepareLedger(owner: string): Promise<Connection> {
  const password = randomBytes(16).toString('hex');
  const client = new pg.Client({ connectionString: owner });
  await client.connect();
  await ensureApplicationLogin(client, password);
  await client.end();
  const application = new URL(owner);
  application.username = APPLICATION;
  application.password = password;
  await prepareDatabase({ owner, application: application.href }, 'bench');
  return actingAs(WORK_ROLE, application.href);
}

/**
 * Measures how fast the read model catches up with a log of payments, beside the bare paged read of the same log, in
 * turns, so that a passing load on the machine meets both; both in the role of the program's own work.
 *
 * @param url of an empty database, as its owner
 */
export async function benchProjections(
  url: string,
  options: { payments?: number } = {},
): Promise<ProjectionsBench> {
  const payments = options.payments ?? 200_000;
  const connection = await prepareLedger(url);
  const head = await loadLog(url, ledgerLog({ ...LOG_SIZE, payments }));
  const store = await openPostgresEventStore({ ...connection, acceptVolatile: true });
  const pool = new pg.Pool({ ...connection, max: 4 });
  const spent = { bareRead: 0, catchUp: 0 };
  try {
    const catchUp = new CatchUp({ store, pool, schema: READ_SCHEMA, projections });
    let position = 0n;
    for (let turn = 1n; turn <= BigInt(TURNS); turn += 1n) {
      const upTo = (head * turn) / BigInt(TURNS);
      const after = position;
      spent.bareRead += await timed(() => bareRead(pool, after, upTo));
      spent.catchUp += await timed(async () => {
        while (position < upTo) position = await stepOf(catchUp, position, upTo);
      });
    }
  } finally {
    await pool.end();
    await store.close();
  }
  const events = Number(head);
  const rate = (ms: number): number => Math.round((events * 1000) / ms);
  const [read, caughtUp] = [rate(spent.bareRead), rate(spent.catchUp)];
  const ratio = Math.round((caughtUp * 100) / read) / 100;
  return { events, bareRead: read, catchUp: caughtUp, ratio };
}

async function stepOf(catchUp: CatchUp, position: bigint, upTo: bigint): Promise<bigint> {
  const step = await catchUp.step(position, upTo);
  if (step.outcome !== 'written') throw new Error(`${step.outcome}: ${step.failure?.message}`);
  return step.position;
}

async function bareRead(pool: pg.Pool, from: bigint, upTo: bigint): Promise<void> {
  for (let after = from; after < upTo;) {
    const { rows } = await pool.query<{ position: string; record: string }>({
      name: 'bare_read',
      text: `SELECT position, stream_id, version, event_id, type, recorded_at::text, record::text
        FROM event_store.es_events WHERE position > $1 ORDER BY position LIMIT $2`,
      values: [after, PAGE_SIZE_MAX],
    });
    for (const { record } of rows) JSON.parse(record);
    const last = rows.at(-1);
    if (!last) return;
    after = BigInt(last.position);
  }
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
