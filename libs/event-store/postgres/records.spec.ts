import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { anEvent, appendOne, aStream, someEvents, to } from '../contract-events.js';
import { EventStoreUnavailable, RecordMissing } from '../event-store.js';
import { openPostgresEventStore, type PostgresEventStore } from './postgres-event-store.js';
import { createEventStoreSchema } from './schema.js';

describe('the records alone, as the proof hashes them', () => {
  let connectionString: string;
  let store: PostgresEventStore;
  beforeAll(async () => {
    connectionString = await (await startTestDatabase()).createDatabase();
    await createEventStoreSchema({ connectionString });
    store = await openPostgresEventStore({ connectionString });
    await appendOne(store, to(aStream(), 0, someEvents(7)));
  });
  afterAll(() => store.close());

  it('are those of the events, in pages by position', async () => {
    const records = (await store.readAll(0n, 10)).map(({ record }) => record);
    expect(await store.readRecords(0n, 10)).toEqual(records);
    expect(await store.readRecords(2n, 3)).toEqual(records.slice(2, 5));
    expect(await store.readRecords(7n, 10)).toEqual([]);
  });

  it('are the same as bytes', async () => {
    const bytesOf = (records: readonly string[]) => records.map((record) => Buffer.from(record));
    const records = await store.readRecords(0n, 10);
    expect(await store.readRecordBytes(0n, 10)).toEqual(bytesOf(records));
    expect(await store.readRecordBytes(2n, 3)).toEqual(bytesOf(records.slice(2, 5)));
    expect(await store.readRecordBytes(7n, 10)).toEqual([]);
  });

  it('come as bytes whole, however many and long they are', async () => {
    const long = Array.from({ length: 40 }, (_, i) => anEvent({ 说明: '危'.repeat(300 * i) }));
    const before = await store.head();
    await appendOne(store, to(aStream(), 0, long));
    const read = await store.readRecordBytes(before, 100);
    expect(read.map((bytes) => Buffer.from(bytes).toString())).toEqual(
      long.map(({ record }) => record),
    );
  });

  it('are refused in pages of no size', async () => {
    await expect(store.readRecordBytes(0n, 0)).rejects.toThrow(RangeError);
  });

  it('are unavailable when the connection breaks meanwhile, and there again after it', async () => {
    const owner = new pg.Client({ connectionString });
    await owner.connect();
    await owner.query('BEGIN; LOCK TABLE event_store.es_events IN ACCESS EXCLUSIVE MODE');
    const reading = store.readRecordBytes(0n, 10);
    reading.catch(() => undefined);
    await eventually(async () => {
      const { rowCount } = await owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%' AND datname = current_database()`,
      );
      return rowCount === 1 ? true : null;
    });
    await expect(reading).rejects.toThrow(EventStoreUnavailable);
    await owner.query('ROLLBACK');
    await owner.end();
    expect(await store.readRecordBytes(0n, 3)).toHaveLength(3);
  });

  it('name the position at which one is missing', async () => {
    const owner = new pg.Client({ connectionString });
    await owner.connect();
    await owner.query('ALTER TABLE event_store.es_events DISABLE TRIGGER es_append_only');
    await owner.query('DELETE FROM event_store.es_events WHERE position = 4');
    await owner.end();
    for (const read of [() => store.readRecords(1n, 10), () => store.readRecordBytes(1n, 10)]) {
      const reading = read();
      await expect(reading).rejects.toThrow(RecordMissing);
      await expect(reading).rejects.toMatchObject({ position: 4n });
    }
  });
});
