import {
  type AppendRequest,
  type AppendResult,
  GROUP_BYTES_MAX,
  GROUP_ITEMS_MAX,
  InvalidAppend,
  NAME_BYTES_MAX,
  type NewEvent,
  RECORD_BYTES_MAX,
} from './event-store.js';

/** What is applied together or not at all: one request, or all those of one group. */
export interface AppendUnit {
  readonly requests: readonly AppendRequest[];
  /** Index of each request in the call it came with. */
  readonly places: readonly number[];
  /** Every event of the requests, in the order of the positions they get. */
  readonly events: readonly PlacedEvent[];
  readonly recordBytes: number;
  /** An event id stands in it twice: it can only be refused. */
  readonly doubled: boolean;
}

export interface PlacedEvent {
  readonly event: NewEvent;
  readonly streamId: string;
  readonly version: number;
}

/**
 * The units of one call in the order of their first requests, every request checked.
 *
 * @throws InvalidAppend for what no store could keep.
 */
export function unitsOf(requests: readonly AppendRequest[]): AppendUnit[] {
  const units: { requests: AppendRequest[]; places: number[] }[] = [];
  const groups = new Map<string, { requests: AppendRequest[]; places: number[] }>();
  requests.forEach((request, place) => {
    const known = request.group === undefined ? undefined : groups.get(request.group);
    if (known !== undefined) {
      known.requests.push(request);
      known.places.push(place);
      return;
    }
    // Most units are one request: an array begun empty keeps room for seventeen.
    const unit = { requests: [request], places: [place] };
    units.push(unit);
    if (request.group !== undefined) groups.set(request.group, unit);
  });
  return units.map(({ requests: own, places }) => placed(own, places));
}

function placed(requests: readonly AppendRequest[], places: readonly number[]): AppendUnit {
  let recordBytes = 0;
  let events: PlacedEvent[] = [];
  for (const request of requests) {
    checkRequest(request);
    for (const event of request.events) recordBytes += checkedRecordBytes(event);
    const { streamId, expectedVersion } = request;
    const own = request.events.map((event, i) => {
      const version = expectedVersion + i + 1;
      return { event, streamId, version };
    });
    if (events.length === 0) events = own;
    else for (const event of own) events.push(event);
  }
  if (requests.length > 1) checkStreams(requests);
  if (events.length + requests.length > GROUP_ITEMS_MAX || recordBytes > GROUP_BYTES_MAX) {
    throw new InvalidAppend(`a group of ${events.length} events and ${recordBytes} bytes`);
  }
  const doubled =
    events.length > 1 && new Set(events.map((e) => e.event.eventId)).size < events.length;
  return { requests, places, events: inOrder(events), recordBytes, doubled };
}

function checkStreams(requests: readonly AppendRequest[]): void {
  const streams = new Set<string>();
  for (const { streamId } of requests) {
    if (streams.size === streams.add(streamId).size) {
      throw new InvalidAppend(`stream ${streamId} stands twice in a group`);
    }
  }
}

function inOrder(events: PlacedEvent[]): PlacedEvent[] {
  let ordered = 0;
  for (const { event } of events) if (event.order !== undefined) ordered += 1;
  if (ordered === 0) return events;
  if (ordered < events.length) throw new InvalidAppend('only some events of a group have an order');
  const orderOf = ({ event }: PlacedEvent): number => event.order ?? Number.NaN;
  events.forEach((placed, i) => {
    const before = events[i - 1];
    if (!Number.isSafeInteger(orderOf(placed))) {
      throw new InvalidAppend(`order ${orderOf(placed)}`);
    }
    if (before?.streamId === placed.streamId && orderOf(before) > orderOf(placed)) {
      throw new InvalidAppend(`the order of ${placed.streamId} does not ascend`);
    }
  });
  // Stable: what shares an order stays in the order of the requests.
  return events.sort((a, b) => orderOf(a) - orderOf(b));
}

const VERSION_MAX = 2_147_483_647;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function checkRequest({ streamId, expectedVersion, events }: AppendRequest): void {
  checkName(streamId, 'stream id');
  if (!Number.isInteger(expectedVersion) || expectedVersion < 0) {
    throw new InvalidAppend(`expected version ${expectedVersion} of ${streamId}`);
  }
  if (expectedVersion + events.length > VERSION_MAX) {
    throw new InvalidAppend(`stream ${streamId} is full`);
  }
  for (const event of events) {
    if (!UUID.test(event.eventId)) throw new InvalidAppend(`event id ${event.eventId}`);
    checkType(event.type);
    checkMoment(event.recordedAt);
  }
}

/** Whether a stream of this name can exist. */
export function isStreamId(name: string): boolean {
  return isName(name);
}

/** Whether an event of this id can exist. */
export function isEventId(id: string): boolean {
  return UUID.test(id);
}

const CONTROL = /[\u0000-\u001f\u007f]/;

/** ECMAScript 2024, in every Node from 20 on; the library the compiler knows is that of 2023. */
function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}

function isName(name: string): boolean {
  if (name === '' || CONTROL.test(name)) return false;
  // UTF-8 takes at most three bytes a code unit: short names need no counting.
  if (name.length * 3 > NAME_BYTES_MAX && Buffer.byteLength(name) > NAME_BYTES_MAX) return false;
  return isWellFormed(name);
}

function checkName(name: string, what: string): void {
  if (!isName(name)) throw new InvalidAppend(`${what} ${JSON.stringify(name)}`);
}

// Neighbours are mostly of one type.
let knownType = '';

function checkType(type: string): void {
  if (type === knownType) return;
  checkName(type, 'event type');
  knownType = type;
}

// All records of one certification carry the same moment: the last one is remembered.
let knownMoment = '';

function checkMoment(moment: string): void {
  if (moment === knownMoment) return;
  const ms = /^(?!0000)\d{4}-/.test(moment) ? Date.parse(moment) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== moment) {
    throw new InvalidAppend(`recorded at ${moment}`);
  }
  knownMoment = moment;
}

function checkedRecordBytes({ record, eventId }: NewEvent): number {
  const bytes = typeof record === 'string' ? Buffer.byteLength(record) : record.length;
  if (bytes > RECORD_BYTES_MAX) {
    throw new InvalidAppend(`the record of ${eventId} has ${bytes} bytes`);
  }
  // Whether bytes are UTF-8 is for the store to say, as whether a record is JSON.
  if (typeof record !== 'string') return bytes;
  // As many bytes as code units: plain ASCII, nothing to look for. UTF-8 has no lone surrogates,
  // and what is stored must be what was handed over.
  if (bytes !== record.length && !isWellFormed(record)) {
    throw new InvalidAppend(`the record of ${eventId} has a lone surrogate`);
  }
  return bytes;
}

/** Where an event that is in the store already stands. */
export interface KnownEvent {
  readonly position: bigint;
  readonly streamId: string;
  readonly version: number;
}

/**
 * What becomes of a unit, given which of its event ids are known and the versions of its streams:
 * the results of its requests, or null when nothing stands against appending it.
 *
 * First match wins: repeated, id-reused, conflict, group-refused.
 */
export function judge(
  unit: AppendUnit,
  known: ReadonlyMap<string, KnownEvent>,
  versionOf: (streamId: string) => number,
): AppendResult[] | null {
  if (isRepetition(unit, known)) return unit.requests.map((r) => repeated(r, known));
  const seen = new Set<string>();
  const failures = unit.requests.map((request): AppendResult | null => {
    const reused = request.events
      .map(({ eventId }) => eventId)
      .filter((id) => known.has(id) || seen.size === seen.add(id).size);
    if (reused.length > 0) return { outcome: 'id-reused', eventIds: [...new Set(reused)] };
    const { streamId, expectedVersion } = request;
    const actualVersion = versionOf(streamId);
    if (actualVersion === expectedVersion) return null;
    return { outcome: 'conflict', streamId, expectedVersion, actualVersion };
  });
  if (failures.every((failure) => failure === null)) return null;
  return failures.map((failure) => failure ?? { outcome: 'group-refused' });
}

/** The results of a unit whose events now stand from `firstPosition` on. */
export function appended(unit: AppendUnit, firstPosition: bigint): AppendResult[] {
  const result = (request: AppendRequest, first: bigint, last: bigint): AppendResult => ({
    outcome: 'appended',
    firstPosition: first,
    lastPosition: last,
    version: request.expectedVersion + request.events.length,
    repeated: false,
  });
  const [only] = unit.requests;
  if (only !== undefined && unit.requests.length === 1) {
    const count = BigInt(only.events.length);
    if (count === 0n) return [result(only, 0n, 0n)];
    return [result(only, firstPosition, firstPosition + count - 1n)];
  }
  const first = new Map<string, bigint>();
  const last = new Map<string, bigint>();
  unit.events.forEach(({ streamId }, i) => {
    const position = firstPosition + BigInt(i);
    if (!first.has(streamId)) first.set(streamId, position);
    last.set(streamId, position);
  });
  return unit.requests.map((request) => {
    const { streamId } = request;
    return result(request, first.get(streamId) ?? 0n, last.get(streamId) ?? 0n);
  });
}

function isRepetition(unit: AppendUnit, known: ReadonlyMap<string, KnownEvent>): boolean {
  if (known.size === 0 || unit.events.length === 0) return false;
  return unit.requests.every(({ streamId, events }) => {
    const first = known.get(events[0]?.eventId ?? '');
    return events.every(({ eventId }, i) => {
      const event = known.get(eventId);
      return event?.streamId === streamId && event.version === (first?.version ?? 0) + i;
    });
  });
}

function repeated(request: AppendRequest, known: ReadonlyMap<string, KnownEvent>): AppendResult {
  const first = known.get(request.events[0]?.eventId ?? '');
  const last = known.get(request.events.at(-1)?.eventId ?? '');
  return {
    outcome: 'appended',
    firstPosition: first?.position ?? 0n,
    lastPosition: last?.position ?? 0n,
    version: last?.version ?? request.expectedVersion,
    repeated: true,
  };
}
