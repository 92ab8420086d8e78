import { canonicalRecord } from '@fundflow/event-store/canonical';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { AppendRequest, NewEvent } from '@fundflow/event-store/event-store';
import {
  type PostgresEventStore,
  openPostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { median } from './median.js';

/** Events a second unless said otherwise; a ratio of 1 = as fast as the bare statements. */
export interface EventStoreBench {
  readonly recordBytes: number;
  /** One INSERT … SELECT from one JSON parameter into an identical table, batches of 500. */
  readonly bareInsert: number;
  /** The same events through the port, each a request of its own, from 1,000 callers. */
  readonly append: number;
  readonly appendRatio: number;
  /** A group of 10,000 events on 10,000 streams. */
  readonly group: number;
  /** One request after the other: round trips with an fsync each. */
  readonly appendAlone: number;
  readonly append64Callers: number;
  /** 64 callers that post to one stream, a version each. */
  readonly appendHotStream: number;
  /** Pages of 5,000 of the same table as node-postgres gives them. */
  readonly bareRead: number;
  readonly readAll: number;
  readonly readRatio: number;
}

const BATCH = 500;
const PAGE = 5_000;
const CALLERS = 64;

/**
 * Measures the event store against bare statements of the same work, in the same run, so that the
 * ratios mean something on any machine. Needs an empty database and the rights of its owner.
 */
export async function benchEventStore(
  connectionString: string,
  options: { events?: number } = {},
): Promise<EventStoreBench> {
  const events = options.events ?? 40_000;
  await createEventStoreSchema({ connectionString });
  const bare = new pg.Client({ connectionString, options: '-c synchronous_commit=on' });
  await bare.connect();
  const store = await openPostgresEventStore({ connectionString, acceptVolatile: true });
  try {
    // In turns, so that a passing load on the machine meets both.
    const [bareInserts, appends]: [number[], number[]] = [[], []];
    await bare.query(BARE_TABLE);
    for (let turn = 0; turn < TURNS; turn += 1) {
      bareInserts.push(await measureBareInsert(bare, Math.ceil(events / TURNS)));
      appends.push(await measureAppend(store, Math.ceil(events / TURNS)));
    }
    const [bareReads, reads]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < TURNS; turn += 1) {
      bareReads.push(await measureBareRead(bare));
      reads.push(await measureReadAll(store));
    }
    const figures = {
      bareInsert: median(bareInserts),
      append: median(appends),
      bareRead: median(bareReads),
      readAll: median(reads),
    };
    return {
      recordBytes: Buffer.byteLength(someRequest(1).events[0]?.record ?? ''),
      ...figures,
      appendRatio: ratio(figures.append, figures.bareInsert),
      readRatio: ratio(figures.readAll, figures.bareRead),
      group: await measureGroup(store),
      appendAlone: await measureCallers(store, { callers: 1, appendsEach: 300 }),
      append64Callers: await measureCallers(store, { callers: CALLERS, appendsEach: 60 }),
      appendHotStream: await measureHotStream(store),
    };
  } finally {
    await store.close();
    await bare.end();
  }
}

const TURNS = 5;

const BARE_TABLE = `CREATE TABLE bare_events (
  position bigint PRIMARY KEY, stream_id text COLLATE "C" NOT NULL, version int NOT NULL,
  event_id uuid NOT NULL UNIQUE, type text COLLATE "C" NOT NULL,
  recorded_at timestamptz NOT NULL, record json NOT NULL, UNIQUE (stream_id, version))`;

const BARE_INSERT = `INSERT INTO bare_events
  SELECT position, stream_id, version, event_id, type, recorded_at, record
  FROM json_to_recordset($1) AS e(position bigint, stream_id text, version int, event_id uuid,
    type text, recorded_at timestamptz, record json)`;

let barePosition = 0;

async function measureBareInsert(client: pg.Client, count: number): Promise<number> {
  const requests = Array.from({ length: count }, () => someRequest(1));
  return perSecond(count, async () => {
    for (let from = 0; from < count; from += BATCH) {
      const rows = requests.slice(from, from + BATCH).map(({ streamId, events: [event] }) => {
        barePosition += 1;
        const { eventId, type, recordedAt, record } = event as NewEvent & { record: string };
        // The record as it stands, the cheapest form for both sides.
        return (
          `{"position":${barePosition},"stream_id":${JSON.stringify(streamId)},"version":1,` +
          `"event_id":"${eventId}","type":"${type}","recorded_at":"${recordedAt}",` +
          `"record":${record}}`
        );
      });
      await client.query({
        name: 'bare_insert',
        text: BARE_INSERT,
        values: [`[${rows.join(',')}]`],
      });
    }
  });
}

/** Two batches' worth of callers: one batch is under way while the next one gathers. */
async function measureAppend(store: PostgresEventStore, count: number): Promise<number> {
  const callers = 2 * BATCH;
  return measureCallers(store, { callers, appendsEach: Math.ceil(count / callers) });
}

async function measureGroup(store: PostgresEventStore): Promise<number> {
  const count = 10_000;
  const rates: number[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const group = Array.from({ length: count }, () => ({ ...someRequest(1), group: 'g' }));
    rates.push(await perSecond(count, () => store.append(group)));
  }
  return median(rates);
}

async function measureCallers(
  store: PostgresEventStore,
  { callers, appendsEach }: { callers: number; appendsEach: number },
): Promise<number> {
  const work = Array.from({ length: callers }, () =>
    Array.from({ length: appendsEach }, () => someRequest(1)),
  );
  return perSecond(callers * appendsEach, () =>
    Promise.all(
      work.map(async (requests) => {
        for (const request of requests) {
          const [result] = await store.append([request]);
          if (result?.outcome !== 'appended') throw new Error(`not appended: ${result?.outcome}`);
        }
      }),
    ),
  );
}

async function measureHotStream(store: PostgresEventStore): Promise<number> {
  const { streamId } = someRequest(0);
  const count = 6_400;
  const events = Array.from({ length: count }, () => someRequest(1).events);
  return perSecond(count, async () => {
    for (let version = 0; version < count; version += CALLERS) {
      await Promise.all(
        events
          .slice(version, version + CALLERS)
          .map((event, i) =>
            store.append([{ streamId, expectedVersion: version + i, events: event }]),
          ),
      );
    }
  });
}

async function measureBareRead(client: pg.Client): Promise<number> {
  let after = 0n;
  return perSecond(barePosition, async () => {
    for (;;) {
      const { rows } = await client.query<{ position: string }>({
        name: 'bare_read',
        // As text: node-postgres would parse every record.
        text: `SELECT position, stream_id, version, event_id, type, recorded_at::text, record::text
          FROM bare_events WHERE position > $1 ORDER BY position LIMIT $2`,
        values: [after, PAGE],
      });
      const last = rows.at(-1);
      if (last === undefined) return;
      after = BigInt(last.position);
    }
  });
}

async function measureReadAll(store: PostgresEventStore): Promise<number> {
  const head = await store.head();
  return perSecond(Number(head), async () => {
    for (let after = 0n; after < head;) {
      const page = await store.readAll(after, PAGE);
      after = page.at(-1)?.position ?? head;
    }
  });
}

/** A new stream with events like those of the ledger, about 660 bytes each. */
export function someRequest(count: number): AppendRequest {
  const id = randomUUID();
  const streamId = `holding:${id}`;
  const events = Array.from({ length: count }, (_, index): NewEvent => {
    const key = `record:${id}`;
    const eventId = eventIdOf(key, index);
    const recordedAt = '2018-06-01T02:03:04.567Z';
    const type = 'AllocationIssued';
    const record = canonicalRecord({
      ...{ eventId, stream: streamId, version: index + 1, type, schema: 1, recordedAt, key, index },
      occurredOn: '2018-05-28',
      actor: 'p-7f3a90c1',
      unit: '450124',
      region: '450124',
      cause: 'submission:7d0a4c1e-6c39-4c3c-8a3b-0b1f6d5a2d0e',
      data: {
        allocationId: id,
        documentNo: '桂财农〔2018〕123号',
        fundType: 'central-special',
        amountFen: '724712484',
        purpose: '农村危房改造补助资金',
        issuerRegion: '45',
        receiverRegion: '450124',
      },
    });
    return { eventId, type, recordedAt, record };
  });
  return { streamId, expectedVersion: 0, events };
}

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round((count * 1000) / (performance.now() - start));
}

function ratio(a: number, b: number): number {
  return Math.round((a * 100) / b) / 100;
}
