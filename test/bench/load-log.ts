import type { StoredEvent } from '@fundflow/event-store/event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { copyLine, copyRows } from '@fundflow/projections/copy-rows';
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
  let lines: string[] = [];
  let head = 0n;
  const flush = async (): Promise<void> => {
    await copyRows(client, 'event_store.es_events', COLUMNS, lines);
    lines = [];
  };
  for (const { position, streamId, version, eventId, type, recordedAt, record } of events) {
    lines.push(copyLine([position, streamId, version, eventId, type, recordedAt, record]));
    head = position;
    if (lines.length === LINES_A_COPY) await flush();
  }
  await flush();
  await client.query('UPDATE event_store.es_head SET position = $1', [head]);
  await client.query('ANALYZE event_store.es_events');
  await client.query('CHECKPOINT');
  await client.end();
  return head;
}
