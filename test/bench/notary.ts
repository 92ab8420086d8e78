import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  openPostgresEventStore,
  type PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { generateSigningKey } from '@fundflow/proof/ed25519';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { ED25519 } from '@fundflow/proof/note-key';
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
import { LAG_RATE, type Lag, type Lags, measureLags, openWitnesses } from './notary-lag.js';
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
  /** Events a second, beside which three witnesses cosign, two of whom are enough. */
  readonly lagRate: number;
  readonly signedLag: Lag;
  readonly witnessedLag: Lag;
  /** The third witness takes requests and does not answer. */
  readonly oneSilentLag: Lag;
}

interface LagParts {
  readonly logKey: string;
  readonly directory: string;
  readonly start: Start;
}

const PAGE = 5_000;
const GROUP = 2_000;
const CALLERS = 64;
const TURNS = 3;
/** One reading takes less than a second, and one alone tells little. */
const READING_TURNS = 9;
const APPENDS_EACH = 40;
const LOOK_MS = 20;
const ORIGIN = 'bench.example.org/tlog/fund-plan';

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
    const logKey = generateSigningKey(ORIGIN, ED25519);
    const start = (policy: string) => {
      const settings: NotarySettings = {
        ...{ directory, origin: ORIGIN, originIsGiven: true, key: logKey, policy, sm3: false },
      };
      return startNotaryThread({ connection: { connectionString }, settings }, () => undefined);
    };
    const appending = await measureAppending(store, () => start(POLICY_OF_NOBODY));
    const lag = await measureLag(pool, store, { logKey, directory, start });
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

type Thread = Awaited<ReturnType<typeof startNotaryThread>>;
type Start = (policy: string) => Promise<Thread>;

async function measureAppending(store: PostgresEventStore, start: () => Promise<Thread>) {
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

async function caughtUp(thread: Thread, store: PostgresEventStore) {
  const head = Number(await store.head());
  for (let waits = 0; waits < 3_000; waits += 1) {
    if ((thread.states()[0]?.signedSize ?? 0) >= head) return;
    await pause(LOOK_MS);
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

/** The lag with three witnesses that answer, and with one of them that does not. */
async function measureLag(pool: pg.Pool, store: PostgresEventStore, of: LagParts) {
  const lags: Lags[] = [];
  for (const isOneSilent of [false, true]) {
    const directory = join(of.directory, isOneSilent ? 'silent' : 'answering');
    const witnesses = await openWitnesses({ logKey: of.logKey, directory, isOneSilent });
    const thread = await of.start(witnesses.policy);
    try {
      await caughtUp(thread, store);
      lags.push(await measureLags(pool, store));
    } finally {
      await thread.stop();
      await witnesses.stop();
    }
  }
  const [{ signed: signedLag, witnessed: witnessedLag }, { witnessed: oneSilentLag }] = lags as [
    Lags,
    Lags,
  ];
  return { lagRate: LAG_RATE, signedLag, witnessedLag, oneSilentLag };
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round((count * 1_000) / (performance.now() - start));
}
