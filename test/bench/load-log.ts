import type { StoredEvent } from '@fundflow/event-store/event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

const LINES_A_COPY = 5_000;
const COLUMNS = 'position, stream_id, version, event_id, type, recorded_at, record';

/** A record has no line feeds and no tabs: JSON escapes them, with the one character that COPY wants escaped. */
const escaped = (record: string): string => record.replaceAll('\\', '\\\\');

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
    const stream = client.query(copyFrom(`COPY event_store.es_events (${COLUMNS}) FROM STDIN`));
    stream.end(lines.join(''));
    await finished(stream);
    lines = [];
  };
  for (const { position, streamId, version, eventId, type, recordedAt, record } of events) {
    const cells = [position, streamId, version, eventId, type, recordedAt, escaped(record)];
    lines.push(`${cells.join('\t')}\n`);
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
