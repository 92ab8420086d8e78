import { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { PostingLane } from '@fundflow/command-handling/posting-lane';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import { CENTRE } from '@fundflow/domain/region';
import type { PaymentRow, Row } from '@fundflow/domain/rows';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import pg from 'pg';
import { allocation, day, disbursement, payment } from '../support/rows.js';
import { median } from './median.js';

export interface CommandPathBench {
  /** Parts of 10,000 rows behind each other, as a large file posts them: load, fold, decide, append; events a second. */
  readonly parts: number;
  /** Rows of their own from 1,000 callers. */
  readonly single: number;
  /** One INSERT from one JSON parameter of the same records into the same keys, the better of two batch sizes. */
  readonly bareInsert: number;
  readonly partsRatio: number;
  readonly singleRatio: number;
}

const TURNS = 3;
/** Rows of their own before the first turn that counts, in its rows: theirs is the longest way to be compiled. */
const WARM_UP_TURNS = 4;
const PART = 10_000;
const PARTS = 3;
const SINGLE = 5_000;
const CALLERS = 1_000;
const HOLDINGS = 500;

/**
 * The whole command path on an empty database, beside the bare insert of the very records it wrote.
 *
 * @param connectionString of an empty database, with the rights of its owner
 */
export async function benchCommandPath(connectionString: string): Promise<CommandPathBench> {
  await createEventStoreSchema({ connectionString });
  const store = await openPostgresEventStore({ connectionString });
  const bare = new pg.Client({ connectionString });
  await bare.connect();
  try {
    await bare.query(BARE_TABLE);
    const lane = new PostingLane(store, new LedgerReader(store));
    const context = { jurisdiction: CENTRE, regions: loadDivisions() };
    let jobs = 0;
    const post = async (rows: readonly Row[]): Promise<void> => {
      jobs += 1;
      const result = await lane.post({
        rows,
        context,
        stamp: {
          recordedAt: new Date().toISOString(),
          ...{ actor: 'u-0f0fd30e-7f1b', unit: '自治区财政厅', cause: `submission:${jobs}` },
        },
        stream: { streamId: `submission-${jobs}`, expectedVersion: 0 },
        before: () => [],
        after: () => [],
      });
      if (result.outcome !== 'posted') throw new Error(JSON.stringify(result));
    };
    await post(sources());
    const [parts, singles, inserts]: [number[], number[], number[]] = [[], [], []];
    for (let turn = 0; turn < TURNS + 1; turn += 1) {
      const head = await store.head();
      const rows = payments(turn, PARTS * PART);
      const file = Array.from({ length: PARTS }, (_, at) => rows.slice(at * PART, (at + 1) * PART));
      // One is decided while the one before is appended.
      const part = await rate(PARTS * PART, () => Promise.all(file.map(post)));
      const records = await store.readAll(head, PART);
      const together = await rate(PART, () => bareInsert(bare, records, PART));
      await bare.query('TRUNCATE bench_events');
      const batches = await rate(PART, () => bareInsert(bare, records, 500));
      const alone = payments(turn + 100, turn === 0 ? WARM_UP_TURNS * SINGLE : SINGLE);
      const single = await rate(alone.length, async () => {
        let next = 0;
        const caller = async (): Promise<void> => {
          for (let row = alone[next++]; row; row = alone[next++]) await post([row]);
        };
        await Promise.all(Array.from({ length: CALLERS }, caller));
      });
      if (turn === 0) continue;
      parts.push(part);
      singles.push(single);
      inserts.push(Math.max(together, batches));
    }
    const [partRate, singleRate, insertRate] = [median(parts), median(singles), median(inserts)];
    return {
      ...{ parts: partRate, single: singleRate, bareInsert: insertRate },
      ...{ partsRatio: partRate / insertRate, singleRatio: singleRate / insertRate },
    };
  } finally {
    await store.close();
    await bare.end();
  }
}

function sources(): Row[] {
  const amount = 1_000_000_00n;
  const each = Array.from({ length: HOLDINGS }, (_, index) =>
    disbursement({
      ...{ id: `D-${index}`, allocationId: 'A-1', amount },
      ...{ disbursedOn: day('2018-02-01'), creditedOn: day('2018-02-02') },
    }),
  );
  return [allocation({ id: 'A-1', amount: amount * BigInt(HOLDINGS) }), ...each];
}

function payments(turn: number, count: number): PaymentRow[] {
  return Array.from({ length: count }, (_, index) =>
    payment({
      ...{ id: `P-${turn}-${index}`, sourceId: `D-${index % HOLDINGS}`, amount: 123_45n },
      ...{ paidOn: day(`2018-03-${String(1 + (index % 28)).padStart(2, '0')}`) },
    }),
  );
}

const BARE_TABLE = `CREATE TABLE bench_events (
  position bigint PRIMARY KEY, stream_id text COLLATE "C" NOT NULL, version int NOT NULL,
  event_id uuid NOT NULL UNIQUE, type text COLLATE "C" NOT NULL,
  recorded_at timestamptz NOT NULL, record json NOT NULL, UNIQUE (stream_id, version))`;

const BARE_INSERT = `INSERT INTO bench_events
  SELECT position, stream_id, version, event_id, type, recorded_at, record
  FROM json_to_recordset($1) AS e(position bigint, stream_id text, version int, event_id uuid,
    type text, recorded_at timestamptz, record json)`;

type Stored = Awaited<ReturnType<Awaited<ReturnType<typeof openPostgresEventStore>>['readAll']>>;

async function bareInsert(client: pg.Client, records: Stored, batch: number): Promise<void> {
  for (let at = 0; at < records.length; at += batch) {
    const rows = records
      .slice(at, at + batch)
      .map(
        (event) =>
          `{"position":${event.position},"stream_id":${JSON.stringify(event.streamId)},` +
          `"version":${event.version},"event_id":"${event.eventId}","type":"${event.type}",` +
          `"recorded_at":"${event.recordedAt}","record":${event.record}}`,
      );
    const values = [`[${rows.join(',')}]`];
    await client.query({ name: 'bare', text: BARE_INSERT, values });
  }
}

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (count * 1000) / (performance.now() - begun);
}
