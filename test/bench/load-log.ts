import type { StoredEvent } from '@fundflow/event-store/event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { CopyRows, copyRows } from '@fundflow/projections/copy-rows';
import pg from 'pg';

const LINES_A_COPY = 5_000;
const COLUMNS = ['position', 'stream_id', 'version', 'event_id', 'type', 'recorded_at', 'record'];

/**
 * Puts a log into an empty event store by COPY, past the append function: what is measured here reads it.
 *
 * @returns position of the last event
 */
export async function loadLog(
  connectionString: string,
  events: Iterable<StoredEvent>,
): Promise<bigint> {
  await createEventStoreSchema({ connectionString });
  const client = new pg.Client({ connectionString });
  await client.connect();
  let rows = new CopyRows();
  let count = 0;
  let head = 0n;
  const flush = async (): Promise<void> => {
    await copyRows(client, 'event_store.es_events', COLUMNS, rows);
    rows = new CopyRows();
    count = 0;
  };
  for (const { position, streamId, version, eventId, type, recordedAt, record } of events) {
    rows.add([position, streamId, version, eventId, type, recordedAt, record]);
    count += 1;
    head = position;
    if (count === LINES_A_COPY) await flush();
  }
  await flush();
  await client.query('UPDATE event_store.es_head SET position = $1', [head]);
  await client.query('ANALYZE event_store.es_events');
  await client.query('CHECKPOINT');
  await client.end();
  return head;
}
