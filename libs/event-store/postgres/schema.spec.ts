import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import { accepted, aStream, anEvent, appendOne, someEvents, to } from '../contract-events.js';
import { EventStoreCorrupt } from '../event-store.js';
import { APPEND_STATEMENT, batchParameters } from './append-batch.js';
import {
  EventStoreNotDurable,
  type PostgresEventStore,
  openPostgresEventStore,
} from './postgres-event-store.js';
import { EventStoreSchemaMismatch, SCHEMA_VERSION, createEventStoreSchema } from './schema.js';
import { unitsOf } from '../append-units.js';
import { FIRST_STEP } from './first-schema.js';

async function newDatabase(): Promise<string> {
  return (await startTestDatabase()).createDatabase();
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

describe('the schema of the event store', () => {
  it('is created once although several processes start together; again does no harm', async () => {
    const connectionString = await newDatabase();
    await Promise.all(
      Array.from({ length: 6 }, () => createEventStoreSchema({ connectionString })),
    );
    const store = await openPostgresEventStore({ connectionString });
    await appendOne(store, to(aStream(), 0, someEvents(1)));
    await createEventStoreSchema({ connectionString });
    expect(await store.head()).toBe(1n);
    await store.close();
  });

  it('is lifted from its first version, with what is in it', async () => {
    const connectionString = await newDatabase();
    const owner = await connected(connectionString);
    await owner.query(`CREATE SCHEMA event_store; CREATE TABLE event_store.es_schema (version int);
      INSERT INTO event_store.es_schema VALUES (1); ${FIRST_STEP}`);
    const stream = aStream();
    const [before, after] = [someEvents(2), someEvents(2)];
    const values = batchParameters(unitsOf([to(stream, 0, before)]));
    await owner.query({ text: APPEND_STATEMENT.text, values });
    await owner.end();
    await createEventStoreSchema({ connectionString });
    const store = await openPostgresEventStore({ connectionString });
    expect(accepted(await appendOne(store, to(stream, 0, before))).firstPosition).toBe(1n);
    expect(accepted(await appendOne(store, to(stream, 2, after))).firstPosition).toBe(3n);
    expect((await store.readAll(0n, 10)).map(({ eventId }) => eventId)).toEqual(
      [...before, ...after].map(({ eventId }) => eventId),
    );
    await store.close();
  });

  it('of another release can still be read, where there is one', async () => {
    const connectionString = await newDatabase();
    const reading = { connectionString, readingOnly: true };
    await expect(openPostgresEventStore(reading)).rejects.toThrow(EventStoreSchemaMismatch);
    await createEventStoreSchema({ connectionString });
    const store = await openPostgresEventStore({ connectionString });
    const [event] = someEvents(1);
    await appendOne(store, to(aStream(), 0, event === undefined ? [] : [event]));
    await store.close();
    const owner = await connected(connectionString);
    for (const version of [SCHEMA_VERSION - 1, SCHEMA_VERSION + 1]) {
      await owner.query('UPDATE event_store.es_schema SET version = $1', [version]);
      const reader = await openPostgresEventStore(reading);
      expect(await reader.readAll(0n, 10)).toMatchObject([{ eventId: event?.eventId }]);
      await reader.close();
      await expect(openPostgresEventStore({ connectionString })).rejects.toThrow(
        EventStoreSchemaMismatch,
      );
    }
    await owner.end();
  });

  it('must be there and must not be newer than the program', async () => {
    const connectionString = await newDatabase();
    await expect(openPostgresEventStore({ connectionString })).rejects.toThrow(
      EventStoreSchemaMismatch,
    );
    await createEventStoreSchema({ connectionString });
    const owner = await connected(connectionString);
    await owner.query('UPDATE event_store.es_schema SET version = $1', [SCHEMA_VERSION + 1]);
    await owner.end();
    await expect(openPostgresEventStore({ connectionString })).rejects.toThrow(
      EventStoreSchemaMismatch,
    );
    await expect(createEventStoreSchema({ connectionString })).rejects.toThrow(
      EventStoreSchemaMismatch,
    );
  });

  it('is not opened where acknowledged events could be lost', async () => {
    const connectionString = await (await startTestDatabase({ durable: false })).createDatabase();
    await createEventStoreSchema({ connectionString });
    await expect(openPostgresEventStore({ connectionString })).rejects.toThrow(
      EventStoreNotDurable,
    );
    const store = await openPostgresEventStore({ connectionString, acceptVolatile: true });
    await store.close();
  });
});

describe('what was appended', () => {
  let connectionString: string;
  let store: PostgresEventStore;
  let owner: pg.Client;
  beforeAll(async () => {
    connectionString = await newDatabase();
    await createEventStoreSchema({ connectionString });
    store = await openPostgresEventStore({ connectionString });
    owner = await connected(connectionString);
    await appendOne(store, to(aStream(), 0, someEvents(3)));
  });
  afterAll(async () => {
    await store.close();
    await owner.end();
  });

  it.each([
    `UPDATE event_store.es_events SET record = '{}'`,
    `UPDATE event_store.es_events SET record = '{}' WHERE position = 99`,
    'DELETE FROM event_store.es_events',
    'TRUNCATE event_store.es_events',
    'UPDATE event_store.es_head SET position = position - 1',
    'DELETE FROM event_store.es_head',
    'TRUNCATE event_store.es_head',
  ])('is protected even from its owner: %s', async (sql) => {
    await expect(owner.query(sql)).rejects.toThrow('append-only');
  });

  it('is kept as the text it was, whatever client reads it', async () => {
    const record = '{"b": 1.0, "a":"\\u6842桂"}';
    const event = { ...anEvent(), record };
    await appendOne(store, to(aStream(), 0, [event]));
    const { rows } = await owner.query<{ text: string }>(
      'SELECT record::text AS text FROM event_store.es_events WHERE event_id = $1',
      [event.eventId],
    );
    expect(rows[0]?.text).toBe(record);
  });

  it('by es_append under another isolation or without durability is refused', async () => {
    const call = () => {
      const values = batchParameters(unitsOf([to(aStream(), 0, someEvents(1))]));
      return owner.query({ text: APPEND_STATEMENT.text, values });
    };
    await owner.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await expect(call()).rejects.toThrow('READ COMMITTED');
    await owner.query('ROLLBACK');
    await owner.query('SET synchronous_commit = off');
    await expect(call()).rejects.toThrow('synchronous_commit');
    await owner.query('RESET synchronous_commit');
  });

  it('and rolled back by its client leaves neither a gap nor a notification', async () => {
    const before = await store.head();
    await owner.query('BEGIN');
    const values = batchParameters(unitsOf([to(aStream(), 0, someEvents(5))]));
    await owner.query({ text: APPEND_STATEMENT.text, values });
    await owner.query('ROLLBACK');
    const next = accepted(await appendOne(store, to(aStream(), 0, someEvents(1))));
    expect(next.firstPosition).toBe(before + 1n);
  });

  it('holds for databases whose own defaults are others', async () => {
    const other = await newDatabase();
    await createEventStoreSchema({ connectionString: other });
    const name = new URL(other).pathname.slice(1);
    await owner.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
    await owner.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    await owner.query(`ALTER DATABASE ${name} SET timezone = 'Asia/Shanghai'`);
    await owner.query(`ALTER DATABASE ${name} SET datestyle = 'German'`);
    const strange = await openPostgresEventStore({ connectionString: other });
    const event = anEvent();
    await appendOne(strange, to(aStream(), 0, [event]));
    expect(await strange.readAll(0n, 1)).toMatchObject([{ recordedAt: event.recordedAt }]);
    await strange.close();
  });

  it.each([
    ['position > $1 ORDER BY position LIMIT $2', ['bigint', 'bigint'], ['0', '5']],
    ['stream_id = $1 AND version > $2', ['text', 'int'], [`'x'`, '0']],
    ['event_id = ANY ($1)', ['uuid[]'], [`'{}'`]],
  ])('is found by an index even while the tables are small: %s', async (where, types, values) => {
    const session = new pg.Client({
      connectionString,
      options:
        '-c enable_seqscan=off -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan',
    });
    await session.connect();
    await session.query(
      `PREPARE q(${types.join(', ')}) AS SELECT record FROM event_store.es_events WHERE ${where}`,
    );
    const { rows } = await session.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN EXECUTE q(${values.join(', ')})`,
    );
    await session.end();
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Scan using');
  });
});

describe('a store whose tables were tampered with', () => {
  it('names the position that is missing and the version that is wrong', async () => {
    const connectionString = await newDatabase();
    await createEventStoreSchema({ connectionString });
    const store = await openPostgresEventStore({ connectionString });
    const stream = aStream();
    await appendOne(store, to(stream, 0, someEvents(4)));
    const owner = await connected(connectionString);
    await owner.query('ALTER TABLE event_store.es_events DISABLE TRIGGER USER');
    await owner.query('DELETE FROM event_store.es_events WHERE position = 2');
    await owner.end();
    await expect(store.readAll(0n, 10)).rejects.toThrow(
      new EventStoreCorrupt('position 2 is missing, next is 3'),
    );
    expect(await store.readAll(2n, 10)).toHaveLength(2);
    await expect(store.readStream(stream, 0, 10)).rejects.toThrow(EventStoreCorrupt);
    await expect(store.readStreams(new Map([[stream, 1]]), 10)).rejects.toThrow(
      `${stream} has version 3 at position 3, not 2`,
    );
    await store.close();
  });
});

describe('the role of an application', () => {
  it('appends and reads, and can do nothing else', async () => {
    const connectionString = await newDatabase();
    const owner = await connected(connectionString);
    const role = `app_${new URL(connectionString).pathname.slice(3)}`;
    await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'only-in-this-test'`);
    await owner.end();
    await createEventStoreSchema({ connectionString }, { appRole: role });
    const url = new URL(connectionString);
    url.username = role;
    url.password = 'only-in-this-test';
    const store = await openPostgresEventStore({ connectionString: url.href });
    const head = await store.head();
    const woken = store.waitForEventsAfter(head, 3_600_000);
    accepted(await appendOne(store, to(aStream(), 0, someEvents(2))));
    await woken;
    expect(await store.readAll(0n, 10)).toHaveLength(2);
    await store.close();
    const app = await connected(url.href);
    for (const sql of [
      `INSERT INTO event_store.es_events SELECT position + 9, stream_id, version + 9,
         gen_random_uuid(), type, recorded_at, record FROM event_store.es_events`,
      `UPDATE event_store.es_events SET record = '{}'`,
      'DELETE FROM event_store.es_events',
      'TRUNCATE event_store.es_events',
      'UPDATE event_store.es_head SET position = 7',
      'UPDATE event_store.es_schema SET version = 7',
      'ALTER TABLE event_store.es_events DISABLE TRIGGER USER',
      'DROP SCHEMA event_store CASCADE',
    ]) {
      await expect(app.query(sql)).rejects.toThrow(/permission denied|must be owner/);
    }
    await app.end();
  });
});
