import { columnOf } from '@fundflow/postgres-arrays/column-bytes';
import type pg from 'pg';
import { isEventId, isStreamId } from '../append-units.js';
import { EventStoreCorrupt, RecordMissing, type StoredEvent } from '../event-store.js';
import { portError } from './connection.js';

const COLUMNS = 'e.position, e.stream_id, e.version, e.event_id, e.type, e.recorded_at, e.record';

const READ_ALL = {
  name: 'es_read_all',
  text: `SELECT ${COLUMNS} FROM event_store.es_events e
    WHERE e.position > $1 ORDER BY e.position LIMIT $2`,
};
const READ_RECORDS = {
  name: 'es_read_records',
  text: `SELECT e.position, e.record FROM event_store.es_events e
    WHERE e.position > $1 ORDER BY e.position LIMIT $2`,
};
const READ_STREAM = {
  name: 'es_read_stream',
  text: `SELECT ${COLUMNS} FROM event_store.es_events e
    WHERE e.stream_id = $1 AND e.version > $2 ORDER BY e.version LIMIT $3`,
};
const READ_STREAMS = {
  name: 'es_read_streams',
  // The bytes of "C" are the order promised; the inner limit keeps one long stream from being read
  // whole.
  text: `SELECT ${COLUMNS} FROM unnest($1::text[], $2::int[]) q(stream_id, after)
    CROSS JOIN LATERAL (
      SELECT * FROM event_store.es_events s
      WHERE s.stream_id = q.stream_id AND s.version > q.after ORDER BY s.version LIMIT $3
    ) e
    ORDER BY e.stream_id, e.version LIMIT $3`,
};
const FIND = {
  name: 'es_find',
  text: `SELECT ${COLUMNS} FROM event_store.es_events e WHERE e.event_id = ANY ($1::uuid[])`,
};
const PARTS = {
  name: 'es_parts',
  text: `SELECT e.event_id, (e.record #> $2::text[])::text FROM event_store.es_events e
    WHERE e.event_id = ANY ($1::uuid[])`,
};
const VERSIONS = {
  name: 'es_versions',
  text: `SELECT q.stream_id, s.version FROM unnest($1::text[]) q(stream_id)
    CROSS JOIN LATERAL (
      SELECT e.version FROM event_store.es_events e WHERE e.stream_id = q.stream_id
      ORDER BY e.version DESC LIMIT 1
    ) s`,
};
// Not a position, so every listener wakes everybody.
const WAKE = { name: 'es_wake', text: `SELECT pg_notify('event_store', 'wanted')` };
const HEAD = { name: 'es_head', text: 'SELECT position FROM event_store.es_head' };

type Row = [bigint, string, number, string, string, string, string];

const INT8_OID = 20;
const INT4_OID = 23;
const TIMESTAMPTZ_OID = 1184;

/** The record stays the text it is: nothing of it is parsed. */
const types = {
  getTypeParser: (oid: number): ((text: string) => unknown) => {
    if (oid === INT8_OID) return BigInt;
    if (oid === INT4_OID) return Number;
    return oid === TIMESTAMPTZ_OID ? toMoment : asItIs;
  },
};

// Neighbours in the log share their moment: one memory of the last saves most of the work.
let lastText = '';
let lastMoment = '';

/** `2018-06-01 02:03:04.5+00` is `2018-06-01T02:03:04.500Z`. */
function toMoment(text: string): string {
  if (text === lastText) return lastMoment;
  const fraction = text.slice(20, -3).padEnd(3, '0');
  lastMoment = `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`;
  lastText = text;
  return lastMoment;
}

function asItIs(text: string): string {
  return text;
}

/** The questions of the port, each one statement. */
export class Reader {
  constructor(private readonly pool: pg.Pool) {}

  /** @throws RecordMissing when the positions after `after` are not dense. */
  async all(after: bigint, limit: number): Promise<StoredEvent[]> {
    const events = await this.#events(READ_ALL, [after, limit]);
    let expected = after;
    for (const { position } of events) {
      expected += 1n;
      if (position !== expected) throw new RecordMissing(expected, position);
    }
    return events;
  }

  /** @throws RecordMissing when the positions after `after` are not dense. */
  async records(after: bigint, limit: number): Promise<string[]> {
    const rows = await this.#rows<[bigint, string]>(READ_RECORDS, [after, limit]);
    let expected = after;
    return rows.map(([position, record]) => {
      expected += 1n;
      if (position !== expected) throw new RecordMissing(expected, position);
      return record;
    });
  }

  async stream(streamId: string, afterVersion: number, limit: number): Promise<StoredEvent[]> {
    if (!isStreamId(streamId)) return [];
    const events = await this.#events(READ_STREAM, [streamId, afterVersion, limit]);
    checkVersions(events, new Map([[streamId, afterVersion]]));
    return events;
  }

  async streams(after: ReadonlyMap<string, number>, limit: number): Promise<StoredEvent[]> {
    const asked = [...after].filter(([streamId]) => isStreamId(streamId));
    if (asked.length === 0) return [];
    const names = columnOf(
      'text',
      asked.map(([streamId]) => streamId),
    );
    const versions = columnOf(
      'integer',
      asked.map(([, version]) => version),
    );
    const events = await this.#events(READ_STREAMS, [names, versions, limit]);
    checkVersions(events, after);
    return events;
  }

  async find(eventIds: readonly string[]): Promise<StoredEvent[]> {
    const ids = eventIds.filter(isEventId);
    return ids.length === 0 ? [] : this.#events(FIND, [columnOf('uuid', ids)]);
  }

  async parts(eventIds: readonly string[], path: readonly string[]): Promise<Map<string, string>> {
    const ids = eventIds.filter(isEventId);
    if (ids.length === 0) return new Map();
    const values = [columnOf('uuid', ids), columnOf('text', path)];
    const rows = await this.#rows<[string, string | null]>(PARTS, values);
    return new Map(rows.filter((row): row is [string, string] => row[1] !== null));
  }

  async versions(streamIds: readonly string[]): Promise<Map<string, number>> {
    const names = streamIds.filter(isStreamId);
    if (names.length === 0) return new Map();
    const rows = await this.#rows<[string, number]>(VERSIONS, [columnOf('text', names)]);
    return new Map(rows);
  }

  async head(): Promise<bigint> {
    const rows = await this.#rows<[bigint]>(HEAD, []);
    if (rows[0] === undefined) throw new EventStoreCorrupt('the head of the log is missing');
    return rows[0][0];
  }

  async wake(): Promise<void> {
    await this.#rows(WAKE, []);
  }

  async #events(statement: { name: string; text: string }, values: unknown[]) {
    const rows = await this.#rows<Row>(statement, values);
    return rows.map(
      ([position, streamId, version, eventId, type, recordedAt, record]): StoredEvent => ({
        position,
        streamId,
        version,
        eventId,
        type,
        recordedAt,
        record,
      }),
    );
  }

  async #rows<R extends unknown[]>(
    statement: { name: string; text: string },
    values: unknown[],
  ): Promise<R[]> {
    try {
      const result = await this.pool.query<R>({ ...statement, values, types, rowMode: 'array' });
      return result.rows;
    } catch (error) {
      throw portError(error);
    }
  }
}

function checkVersions(events: readonly StoredEvent[], after: ReadonlyMap<string, number>): void {
  let stream = '';
  let expected = 0;
  for (const event of events) {
    if (event.streamId !== stream) {
      stream = event.streamId;
      expected = after.get(stream) ?? 0;
    }
    expected += 1;
    if (event.version === expected) continue;
    throw new EventStoreCorrupt(
      `${stream} has version ${event.version} at position ${event.position}, not ${expected}`,
    );
  }
}
