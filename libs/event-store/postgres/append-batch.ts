import {
  type Cell,
  columnFor,
  columnOf,
  type ColumnType,
} from '@fundflow/postgres-arrays/column-bytes';
import {
  type AppendUnit,
  type PlacedEvent,
  type KnownEvent,
  appended,
  judge,
} from '../append-units.js';
import { type AppendResult, EventStoreCorrupt } from '../event-store.js';

/** What `es_append` answers, see append-function.ts. */
export interface AppendAnswer {
  readonly head_before: string;
  readonly known: readonly (readonly [string, string, number, string])[] | null;
  readonly refused: readonly (readonly [number, readonly number[]])[] | null;
}

export const APPEND_STATEMENT = {
  name: 'es_append',
  text: `SELECT head_before::text, known, refused FROM event_store.es_append(
    $1::text[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[],
    $8::text[], $9::int[], $10::uuid[], $11::text[], $12::timestamptz[], $13::json[])`,
};

/** A version no stream has: what it is compared with always differs. */
const NO_VERSION = -1;

/** The parameters of `es_append` for these units in this order. */
export function batchParameters(units: readonly AppendUnit[]): Buffer[] {
  const events = units.length === 1 ? (units[0]?.events ?? []) : units.flatMap((u) => u.events);
  const each = (type: ColumnType, cell: (event: PlacedEvent) => Cell): Buffer =>
    columnOf(type, events.map(cell));
  const recordBytes = units.reduce((sum, unit) => sum + unit.recordBytes, 0);
  return [
    ...requestParameters(units),
    columnOf(
      'integer',
      units.flatMap((unit, u) => unit.events.map(() => u + 1)),
    ),
    each('text', (e) => e.streamId),
    each('integer', (e) => e.version),
    each('uuid', (e) => e.event.eventId),
    each('text', (e) => e.event.type),
    each('moment', (e) => e.event.recordedAt),
    recordColumn(events, recordBytes),
  ];
}

function recordColumn(events: readonly PlacedEvent[], recordBytes: number): Buffer {
  const column = columnFor('json', events.length, recordBytes);
  for (const { event } of events) {
    if (typeof event.record === 'string') column.add(event.record);
    else column.addBytes(event.record);
  }
  return column.array;
}

function requestParameters(units: readonly AppendUnit[]): Buffer[] {
  const streams = new Map<string, number>();
  /** Versions the streams must have before the batch, and have after it, if all is accepted. */
  const met: number[] = [];
  const left: number[] = [];
  const unitOf: number[] = [];
  const streamOf: number[] = [];
  const expected: number[] = [];
  const counts: number[] = [];
  units.forEach((unit, u) => {
    for (const { streamId, expectedVersion, events } of unit.requests) {
      let at = streams.get(streamId);
      if (at === undefined) {
        at = streams.size;
        streams.set(streamId, at);
        met.push(expectedVersion);
      }
      // Not all of the batch can be accepted: the server goes through it unit by unit.
      if (unit.doubled || (left[at] ?? expectedVersion) !== expectedVersion) met[at] = NO_VERSION;
      left[at] = expectedVersion + events.length;
      unitOf.push(u + 1);
      streamOf.push(at + 1);
      expected.push(unit.doubled ? NO_VERSION : expectedVersion);
      counts.push(events.length);
    }
  });
  const numbers = [met, unitOf, streamOf, expected, counts];
  return [
    columnOf('text', [...streams.keys()]),
    ...numbers.map((column) => columnOf('integer', column)),
  ];
}

/**
 * The results of the units, in their order, from the server's answer.
 *
 * @throws EventStoreCorrupt when the server refused a unit that nothing stands against.
 */
export function batchResults(
  units: readonly AppendUnit[],
  answer: AppendAnswer,
): { results: AppendResult[][]; head: bigint } {
  const refused = new Map(answer.refused ?? []);
  const known = new Map<string, KnownEvent>();
  for (const [id, streamId, version, position] of answer.known ?? []) {
    known.set(id, { streamId, version, position: BigInt(position) });
  }
  let head = BigInt(answer.head_before);
  const results = units.map((unit, u) => {
    const versions = refused.get(u + 1);
    if (versions !== undefined) return refusal(unit, known, versions);
    const firstPosition = head + 1n;
    head += BigInt(unit.events.length);
    return appended(unit, firstPosition);
  });
  return { results, head };
}

function refusal(
  unit: AppendUnit,
  known: ReadonlyMap<string, KnownEvent>,
  versions: readonly number[],
): AppendResult[] {
  const met = new Map(unit.requests.map((request, i) => [request.streamId, versions[i] ?? 0]));
  const ownIds = known.size === 0 ? known : ownOf(unit, known);
  const results = judge(unit, ownIds, (streamId) => met.get(streamId) ?? 0);
  if (results !== null) return results;
  throw new EventStoreCorrupt(
    `the server refused ${unit.requests.map((r) => r.streamId).join(', ')} without a reason`,
  );
}

function ownOf(unit: AppendUnit, known: ReadonlyMap<string, KnownEvent>): Map<string, KnownEvent> {
  const own = new Map<string, KnownEvent>();
  for (const { event } of unit.events) {
    const found = known.get(event.eventId);
    if (found !== undefined) own.set(event.eventId, found);
  }
  return own;
}
