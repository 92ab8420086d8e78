import { GROUP_BYTES_MAX, GROUP_ITEMS_MAX, RECORD_BYTES_MAX } from '../event-store.js';
import type { AppendedGroup, SelectedGroup } from '../selected-group.js';
import type { WritingConnection } from './writing-connection.js';

// Parameters of this statement come first; those of the selection follow.
const OWN_PARAMETERS = 9;
const OWN_ITEMS_MAX = 100;

/** Everything of the group in the arrays of `es_append`, which alone writes; no row when it cannot be one group. */
const statementOf = (selection: string): string => `
  WITH given AS MATERIALIZED (${shifted(selection)}),
  stream AS MATERIALIZED (
    SELECT stream_id, min(version) - 1 AS before, count(*)::int AS events,
      max(version) - min(version) + 1 = count(*) AS whole, (row_number() OVER ())::int AS no
    FROM given GROUP BY stream_id
  ), streams AS (
    SELECT array_agg(stream_id ORDER BY no) AS ids, array_agg(before ORDER BY no) AS before,
      array_agg(events ORDER BY no) AS events, array_agg(no + 1 ORDER BY no) AS numbers,
      bool_and(whole) AS whole, count(*)::int AS n
    FROM stream
  ), events AS (
    SELECT array_agg(stream_id ORDER BY place) AS streams, array_agg(version ORDER BY place) AS versions,
      array_agg(event_id ORDER BY place) AS ids, array_agg(record::json ORDER BY place) AS records,
      count(*)::int AS n, max(octet_length(record)) AS longest, sum(octet_length(record)) AS bytes,
      min(place) = 1 AND max(place) = count(*) AS dense
    FROM given
  ), own AS (
    SELECT $1::text AS stream, $2::int AS expected, $3::uuid[] AS ids, $4::text[] AS types,
      $5::json[] AS records, $6::int AS before, cardinality($3::uuid[]) AS n
  ), fit AS MATERIALIZED (
    SELECT s.ids, s.before, s.events, s.numbers, s.n AS streams_n, e.streams, e.versions,
      e.ids AS event_ids, e.records, e.n
    FROM streams s, events e
    WHERE e.n = $9::int AND e.dense AND s.whole AND e.longest <= ${RECORD_BYTES_MAX}
      AND e.bytes <= ${GROUP_BYTES_MAX} AND e.n + s.n + ${OWN_ITEMS_MAX} <= ${GROUP_ITEMS_MAX}
  )
  SELECT appended.head_before::text, f.n + o.n AS n
  FROM fit f, own o, LATERAL event_store.es_append(
    o.stream || f.ids, o.expected || f.before,
    array_fill(1, ARRAY[f.streams_n + 1]), 1 || f.numbers, o.expected || f.before, o.n || f.events,
    array_fill(1, ARRAY[f.n + o.n]),
    array_fill(o.stream, ARRAY[o.before]) || f.streams || array_fill(o.stream, ARRAY[o.n - o.before]),
    ARRAY(SELECT generate_series(o.expected + 1, o.expected + o.before)) || f.versions
      || ARRAY(SELECT generate_series(o.expected + o.before + 1, o.expected + o.n)),
    o.ids[:o.before] || f.event_ids || o.ids[o.before + 1:],
    o.types[:o.before] || array_fill($7::text, ARRAY[f.n]) || o.types[o.before + 1:],
    array_fill($8::timestamptz, ARRAY[f.n + o.n]),
    o.records[:o.before] || f.records || o.records[o.before + 1:]
  ) appended
  WHERE appended.refused IS NULL`;

const shifted = (text: string): string =>
  text.replace(/\$(\d+)/g, (_, at: string) => `$${Number(at) + OWN_PARAMETERS}`);

/** `AppendSelected` of this store. */
export async function appendSelected(
  connection: WritingConnection,
  { selection, count, type, recordedAt, own }: SelectedGroup,
): Promise<AppendedGroup | null> {
  const events = [...own.before, ...own.after];
  const rows = await connection.query<{ head_before: string; n: number }>({
    text: statementOf(selection.text),
    values: [
      ...[own.streamId, own.expectedVersion, events.map(({ eventId }) => eventId)],
      ...[events.map((event) => event.type), events.map(({ record }) => record)],
      ...[own.before.length, type, recordedAt, count, ...selection.values],
    ],
  });
  const [answer] = rows;
  if (!answer) return null;
  const before = BigInt(answer.head_before);
  return { firstPosition: before + 1n, lastPosition: before + BigInt(answer.n) };
}
