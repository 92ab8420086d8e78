import { Books } from '@fundflow/domain/books';
import { decodeEvent } from '@fundflow/domain/event-codec';
import type { LedgerEvent } from '@fundflow/domain/events';
import { postRow } from '@fundflow/domain/posting';
import type { RegionCode } from '@fundflow/domain/region';
import type { Row } from '@fundflow/domain/rows';
import type { RuleLimitSet } from '@fundflow/domain/rules/events';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { Envelope } from '@fundflow/event-store/envelope';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import { alertEntities } from '@fundflow/projections/alerts/table';
import { alertMigrations } from '@fundflow/projections/alerts/migrations';
import { foldPage } from '@fundflow/projections/follow/fold-page';
import { writePage } from '@fundflow/projections/follow/page-writer';
import {
  CHECKPOINT_BEGIN,
  projectionEntities,
  projectionMigrations,
  projections,
  readTables,
} from '@fundflow/projections/read-model';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import { EVERYTHING } from '@fundflow/row-security/read-scope';
import { ScopedReads } from '@fundflow/row-security/scoped-reads';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { storedEventsOf } from './envelopes.js';
import type { HistoryPosting } from './histories.js';
import { REGION, testRegions } from './regions.js';

/** The read model and the alerts in a database of their own. */
export interface ReadSide {
  readonly client: pg.Client;
  readonly database: DataSource;
  /** Of somebody who may see everything. */
  readonly reads: ScopedReads;
  readonly url: string;
  /** As after the migrations. */
  empty(): Promise<void>;
  /** Folds consecutive events as one page. */
  fold(events: readonly StoredEvent[]): Promise<void>;
  close(): Promise<void>;
}

export async function openReadSide(): Promise<ReadSide> {
  const url = await (await startTestDatabase({ durable: false })).createDatabase();
  const database = new DataSource({
    type: 'postgres',
    url,
    entities: [...projectionEntities, ...alertEntities],
    migrations: [...projectionMigrations, ...alertMigrations],
    installExtensions: false,
  });
  await database.initialize();
  await database.runMigrations();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const pool = new pg.Pool({ connectionString: url });
  return {
    client,
    database,
    reads: new ScopedReads(pool, EVERYTHING),
    url,
    empty: () => empty(client),
    fold: (events) => fold(client, events),
    close: async () => {
      await client.end();
      await pool.end();
      await database.destroy();
    },
  };
}

async function empty(client: pg.Client): Promise<void> {
  const tables = readTables.map(({ name }) => `${READ_SCHEMA}.${name}`).join(', ');
  await client.query(`
    TRUNCATE ${tables}, alert_side.alerts;
    UPDATE alert_side.alert_checkpoint
    SET position = 0, generation = null, latest_recorded_at = null;
    SET search_path TO ${READ_SCHEMA};
    ${CHECKPOINT_BEGIN};
    RESET search_path`);
}

async function fold(client: pg.Client, events: readonly StoredEvent[]): Promise<void> {
  const after = (events[0] as StoredEvent).position - 1n;
  const records = events.map(({ record }) => Buffer.from(record));
  const folded = await foldPage({ after, records, atHead: false }, projections);
  expect(folded.failure).toBeNull();
  expect(await writePage(client, READ_SCHEMA, folded)).toBe(true);
}

export const decoded = (events: readonly StoredEvent[]): LedgerEvent[] =>
  events.map(({ record }) => decodeEvent(JSON.parse(record) as Envelope));

/**
 * Whether a page ends between the records of one row. The read tables take both sides of a movement from its first
 * record, so that money is never in neither place; a replay event by event has one side there, and nothing to compare.
 */
export const endsWithinRow = (events: readonly StoredEvent[], at: number): boolean => {
  const [last, next] = decoded(events.slice(Math.max(at - 1, 0), at + 1));
  return next !== undefined && last?.key === next.key && next.streamId !== last.streamId;
};

export interface LimitExample {
  readonly rule: string;
  readonly limitDays: number;
  readonly region: RegionCode;
  readonly validFrom: string;
  readonly fundTypes: readonly string[] | null;
}

export function limitSet(limit: LimitExample, id: string): RuleLimitSet {
  const { region, ...data } = limit;
  return {
    type: 'RuleLimitSet',
    streamId: 'setting-limits',
    key: `limit:${id}`,
    index: 0,
    occurredOn: limit.validFrom as RuleLimitSet['occurredOn'],
    region,
    data: { ...data, basis: '规定' },
  };
}

/** A log written by hand: `post` certifies rows together at a moment, and answers with their records. */
export interface WrittenLog {
  readonly events: readonly StoredEvent[];
  post(recordedAt: string, ...rows: readonly (Row | RuleLimitSet)[]): StoredEvent[];
}

export function writtenLog(): WrittenLog {
  const books = new Books();
  const context = { jurisdiction: REGION.centre, regions: testRegions() };
  const postings: HistoryPosting[] = [];
  const all: StoredEvent[] = [];
  const eventsFor = (row: Row | RuleLimitSet): readonly LedgerEvent[] => {
    if ('type' in row) return [row];
    const decision = postRow(books, row, context);
    if (decision.outcome === 'accepted') return decision.events;
    throw new Error(`${row.kind} ${row.id}: ${JSON.stringify(decision)}`);
  };
  return {
    events: all,
    post: (recordedAt, ...rows) => {
      postings.push({ recordedAt, rows: [], events: rows.flatMap(eventsFor) });
      const added = storedEventsOf({ postings }).slice(all.length);
      all.push(...added);
      return added;
    },
  };
}
