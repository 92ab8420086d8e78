import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import { aStream, appendOne, someEvents, to } from '../contract-events.js';
import { RecordMissing } from '../event-store.js';
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

  it('name the position at which one is missing', async () => {
    const owner = new pg.Client({ connectionString });
    await owner.connect();
    await owner.query('ALTER TABLE event_store.es_events DISABLE TRIGGER es_append_only');
    await owner.query('DELETE FROM event_store.es_events WHERE position = 4');
    await owner.end();
    const reading = store.readRecords(1n, 10);
    await expect(reading).rejects.toThrow(RecordMissing);
    await expect(reading).rejects.toMatchObject({ position: 4n });
  });
});
