import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  openPostgresEventStore,
  type PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { parseNote } from '@fundflow/proof/note';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { LOG_NAME, POLICY_OF_NOBODY } from '@fundflow/runtime/public-log';
import pg from 'pg';
import { startNotaryThread } from '../../apps/notary/log/start-thread.js';
import { TileFollower } from '../../apps/notary/log/tile-follower.js';
import type { NotarySettings } from '../../apps/notary/settings.js';
import { LeafHasher } from '../../apps/notary/verify/leaf-hasher.js';
import { verifyLog } from '../../apps/notary/verify/verify-log.js';
import { someRequest } from './event-store.js';
import { median } from './median.js';

/** Records a second unless said otherwise. */
export interface NotaryBench {
  readonly records: number;
  /** Pages of 5,000 of positions and records as node-postgres gives them: what is verified, and nothing else. */
  readonly bareRead: number;
  /** The tiles made from nothing. */
  readonly catchUp: number;
  /** Every record and tile against the signed head. */
  readonly verify: number;
  /** The median of the turns, in each of which the log is read bare and then verified. */
  readonly verifyRatio: number;
  /** Appends of 64 callers without and with the notary beside them, in turns. */
  readonly appendsAlone: number;
  readonly appendsNotarised: number;
  readonly notarisedRatio: number;
  /** From the append to the published checkpoint that has it, at `lagRate` events a second. */
  readonly lagRate: number;
  readonly lagMsP50: number;
  readonly lagMsP99: number;
}

const PAGE = 5_000;
const GROUP = 2_000;
const CALLERS = 64;
const TURNS = 3;
/** One reading takes less than a second, and one alone tells little. */
const READING_TURNS = 9;
const APPENDS_EACH = 40;
const LAG_RATE = 1_000;
const LAG_SECONDS = 10;
const LAG_TICK_MS = 20;

/** Measures the notary beside bare reads and appends of the same records. Needs an empty database. */
export async function benchNotary(
  connectionString: string,
  options: { readonly records?: number } = {},
): Promise<NotaryBench> {
  const records = options.records ?? 50_000;
  await createEventStoreSchema({ connectionString });
  const pool = new pg.Pool({ connectionString, max: 4 });
  await createTlogSchema(pool);
  const store = await openPostgresEventStore({ connectionString, acceptVolatile: true });
  const directory = await mkdtemp(join(tmpdir(), 'fundflow-bench-notary-'));
  try {
    await fill(store, records);
    const reading = await measureReading(pool, store, records);
    await pool.query('TRUNCATE tlog.trees, tlog.tiles');
    const settings: NotarySettings = {
      ...{ directory, origin: 'bench.example.org/tlog/fund-plan', originIsGiven: false, key: null },
      ...{ policy: POLICY_OF_NOBODY, sm3: false },
    };
    const start = () =>
      startNotaryThread({ connection: { connectionString }, settings }, () => undefined);
    const appending = await measureAppending(store, start);
    const lag = await measureLag(pool, store, start);
    return { records, ...reading, ...appending, ...lag };
  } finally {
    await store.close();
    await pool.end();
    await rm(directory, { recursive: true, force: true });
  }
}

async function fill(store: PostgresEventStore, records: number): Promise<void> {
  for (let done = 0; done < records; done += GROUP) {
    await store.append(Array.from({ length: GROUP }, () => someRequest(1)));
  }
}

async function measureReading(pool: pg.Pool, store: PostgresEventStore, records: number) {
  const table = new TileTable(pool, LOG_NAME);
  const [bare, caughtUp, verified]: [number[], number[], number[]] = [[], [], []];
  const hasher = new LeafHasher();
  for (let turn = 0; turn < READING_TURNS; turn += 1) {
    bare.push(await perSecond(records, () => bareRead(pool)));
    await pool.query('TRUNCATE tlog.trees, tlog.tiles');
    await table.begin({ origin: 'bench', vkey: 'bench' });
    const follower = new TileFollower({ log: store, table, tree });
    caughtUp.push(
      await perSecond(records, async () => {
        await follower.load();
        while ((await follower.step()) !== 'caught-up');
      }),
    );
    const { root } = await follower.load();
    const heads = [{ source: 'bench', size: records, root }];
    verified.push(
      await perSecond(records, async () => {
        const { problems } = await verifyLog({ log: store, table, tree, heads, hasher });
        if (problems.length > 0) throw new Error(JSON.stringify(problems));
      }),
    );
  }
  await hasher.close();
  // Of each turn: a load that comes and goes meets both readings of a turn alike.
  const verifyRatio = median(verified.map((rate, turn) => rate / bare[turn]!));
  const catchUp = median(caughtUp);
  return { bareRead: median(bare), catchUp, verify: median(verified), verifyRatio };
}

async function bareRead(pool: pg.Pool): Promise<void> {
  for (let after = '0'; ;) {
    const { rows } = await pool.query<{ position: string }>({
      name: 'bare_read',
      // As text: node-postgres would parse every record.
      text: `SELECT position, record::text
        FROM event_store.es_events WHERE position > $1 ORDER BY position LIMIT $2`,
      values: [after, PAGE],
    });
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}

type Start = () => ReturnType<typeof startNotaryThread>;

async function measureAppending(store: PostgresEventStore, start: Start) {
  const [alone, notarised]: [number[], number[]] = [[], []];
  // In turns, so that a passing load on the machine meets both.
  for (let turn = 0; turn < TURNS; turn += 1) {
    alone.push(await appends(store));
    const thread = await start();
    await caughtUp(thread, store);
    notarised.push(await appends(store));
    await thread.stop();
  }
  const [appendsAlone, appendsNotarised] = [median(alone), median(notarised)];
  return { appendsAlone, appendsNotarised, notarisedRatio: appendsNotarised / appendsAlone };
}

async function caughtUp(thread: Awaited<ReturnType<Start>>, store: PostgresEventStore) {
  const head = Number(await store.head());
  for (let waits = 0; waits < 3_000; waits += 1) {
    if ((thread.states()[0]?.signedSize ?? 0) >= head) return;
    await pause(LAG_TICK_MS);
  }
  throw new Error('the notary does not catch up');
}

function appends(store: PostgresEventStore): Promise<number> {
  return perSecond(CALLERS * APPENDS_EACH, () =>
    Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (let i = 0; i < APPENDS_EACH; i += 1) await store.append([someRequest(1)]);
      }),
    ),
  );
}

/** Appends at a steady rate and notes when each position was acknowledged; reads the published head beside it. */
async function measureLag(pool: pg.Pool, store: PostgresEventStore, start: Start) {
  const thread = await start();
  await caughtUp(thread, store);
  const first = Number(await store.head());
  const total = LAG_RATE * LAG_SECONDS;
  const appendedAt: number[] = [];
  const lags: number[] = [];
  const checkpoints = new CheckpointTable(pool, LOG_NAME);
  const watching = (async () => {
    for (let seen = first; seen < first + total;) {
      const newest = await checkpoints.newest('signed');
      const size = newest ? parseCheckpoint(parseNote(newest.note).text).size : 0;
      const now = performance.now();
      for (; seen < size; seen += 1) lags.push(now - (appendedAt[seen - first] ?? now));
      await pause(LAG_TICK_MS / 2);
    }
  })();
  const startedMs = performance.now();
  for (let done = 0; done < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedMs) * LAG_RATE) / 1_000));
    const count = due - done;
    if (count > 0) {
      await store.append(Array.from({ length: count }, () => someRequest(1)));
      const now = performance.now();
      for (let i = 0; i < count; i += 1) appendedAt.push(now);
      done += count;
    }
    await pause(LAG_TICK_MS);
  }
  await watching;
  await thread.stop();
  const sorted = lags.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { lagRate: LAG_RATE, lagMsP50: at(0.5), lagMsP99: at(0.99) };
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round((count * 1_000) / (performance.now() - start));
}
