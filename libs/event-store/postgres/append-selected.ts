import pg from 'pg';
import {
  GROUP_BYTES_MAX,
  GROUP_ITEMS_MAX,
  InvalidAppend,
  RECORD_BYTES_MAX,
} from '../event-store.js';
import { textOf } from '../record-utf8.js';
import type { AppendedGroup, SelectedGroup } from '../selected-group.js';
import type { WritingConnection } from './writing-connection.js';

// Parameters of this statement come first; those of the selection follow.
const OWN_PARAMETERS = 10;
const OWN_ITEMS_MAX = 100;
const DIVISION_BY_ZERO = '22012';

/** A piece in the arrays of `es_append`; no row when it is empty or cannot be appended. */
const pieceOf = (selection: string): string => `
  SELECT s.ids, s.before, s.events, s.numbers, s.n AS streams_n, e.streams, e.versions,
    e.event_ids, e.records, e.n, e.bytes
  FROM (
    SELECT array_agg(stream_id) AS streams, array_agg(version) AS versions,
      array_agg(event_id) AS event_ids, array_agg(record::json) AS records, count(*)::int AS n,
      max(octet_length(record)) AS longest, sum(octet_length(record)) AS bytes
    -- The offset keeps a record from being put together once for each of the three.
    FROM (${shifted(selection)} OFFSET 0) event
  ) e, LATERAL (
    SELECT array_agg(stream_id) AS ids, array_agg(before) AS before, array_agg(events) AS events,
      array_agg(no + 1) AS numbers, bool_and(whole) AS whole, count(*)::int AS n
    FROM (
      SELECT stream_id, min(version) - 1 AS before, count(*)::int AS events,
        max(version) - min(version) + 1 = count(*) AS whole, (row_number() OVER ())::int AS no
      FROM unnest(e.streams, e.versions) AS event(stream_id, version) GROUP BY stream_id
    ) stream
  ) s
  WHERE s.whole AND e.longest <= ${RECORD_BYTES_MAX}`;

/**
 * Everything of the group goes through `es_append`, which alone writes, a piece a call: arrays of a whole group are so
 * large that the system has to hand out their memory each time. Own events stand before those of the first piece and behind
 * those of the last. A statement that fails takes back what it did: where not all of the group was appended it divides
 * by zero.
 */
const statementOf = (selection: string): string => `
  WITH own AS (
    SELECT $1::text AS stream, $2::int AS expected, $3::uuid[] AS ids, $4::text[] AS types,
      $5::json[] AS records, $6::int AS before, cardinality($3::uuid[]) AS n
  ), done AS (
    SELECT appended.head_before, appended.refused IS NULL AS fine, g.n, g.bytes, g.streams_n, at.own_n
    FROM own o, generate_series(0, $10::int - 1) AS piece(no),
    LATERAL (
      SELECT s.*, s.head + o.n - s.tail AS own_n
      FROM (
        SELECT CASE piece.no WHEN 0 THEN o.before ELSE 0 END AS head,
          CASE piece.no WHEN $10::int - 1 THEN o.before ELSE o.n END AS tail,
          o.expected + CASE piece.no WHEN 0 THEN 0 ELSE o.before END AS expected
      ) s
    ) at,
    LATERAL (${pieceOf(selection)}) g,
    LATERAL event_store.es_append(
      o.stream || g.ids, at.expected || g.before,
      array_fill(1, ARRAY[g.streams_n + 1]), 1 || g.numbers, at.expected || g.before,
      at.own_n || g.events, array_fill(1, ARRAY[g.n + at.own_n]),
      array_fill(o.stream, ARRAY[at.head]) || g.streams
        || array_fill(o.stream, ARRAY[at.own_n - at.head]),
      ARRAY(SELECT generate_series(at.expected + 1, at.expected + at.head)) || g.versions
        || ARRAY(SELECT generate_series(at.expected + at.head + 1, at.expected + at.own_n)),
      o.ids[:at.head] || g.event_ids || o.ids[at.tail + 1:],
      o.types[:at.head] || array_fill($7::text, ARRAY[g.n]) || o.types[at.tail + 1:],
      array_fill($8::timestamptz, ARRAY[g.n + at.own_n]),
      o.records[:at.head] || g.records || o.records[at.tail + 1:]
    ) appended
  )
  SELECT min(head_before)::text AS head_before, sum(n + own_n)::text AS n,
    1 / coalesce(bool_and(fine) AND sum(n) = $9::int AND sum(bytes) <= ${GROUP_BYTES_MAX}
      AND sum(n + streams_n) + ${OWN_ITEMS_MAX} <= ${GROUP_ITEMS_MAX}, false)::int AS whole
  FROM done`;

const shifted = (text: string): string =>
  text.replace(/\$(\d+)/g, (_, at: string) => `$${Number(at) + OWN_PARAMETERS}`);

/** `AppendSelected` of this store. */
export async function appendSelected(
  connection: WritingConnection,
  { selection, pieces, count, type, recordedAt, own }: SelectedGroup,
): Promise<AppendedGroup | null> {
  const events = [...own.before, ...own.after];
  const statement = {
    text: statementOf(selection.text),
    values: [
      ...[own.streamId, own.expectedVersion, events.map(({ eventId }) => eventId)],
      ...[events.map((event) => event.type), events.map(({ record }) => textOf(record))],
      ...[own.before.length, type, recordedAt, count, pieces, ...selection.values],
    ],
  };
  const rows = await connection
    .query<{ head_before: string; n: string }>(statement)
    .catch((error: unknown) => {
      if (isNotWhole(error)) return [];
      throw error;
    });
  const [answer] = rows;
  if (!answer) return null;
  const before = BigInt(answer.head_before);
  return { firstPosition: before + 1n, lastPosition: before + BigInt(answer.n) };
}

const isNotWhole = (error: unknown): boolean =>
  error instanceof InvalidAppend &&
  error.cause instanceof pg.DatabaseError &&
  error.cause.code === DIVISION_BY_ZERO;
