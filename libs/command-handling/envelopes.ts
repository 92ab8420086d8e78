import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { LedgerEvent } from '@fundflow/domain/events';
import { canonicalRecordOf } from '@fundflow/event-store/canonical';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { AppendRequest, NewEvent } from '@fundflow/event-store/event-store';
import { utf8Of } from '@fundflow/event-store/record-utf8';

/** Who posted, when, and because of what: the same for all events of one certification. */
export interface Stamp {
  /** RFC 3339 UTC with milliseconds: the moment of certification. */
  readonly recordedAt: string;
  /** Pseudonymous id of the certifier. */
  readonly actor: string;
  readonly unit: string;
  /** `submission:<id>`. */
  readonly cause: string;
}

/** The record of one event at the version it will have in its stream. @param order within its group, where it has one */
export function sealEvent(
  event: LedgerEvent,
  version: number,
  stamp: Stamp,
  order?: number,
): NewEvent {
  const eventId = eventIdOf(event.key, event.index);
  const head = {
    eventId,
    stream: event.streamId,
    version,
    type: event.type,
    schema: SCHEMA_VERSIONS[event.type],
    occurredOn: event.occurredOn,
    recordedAt: stamp.recordedAt,
    actor: stamp.actor,
    unit: stamp.unit,
    region: event.region,
    cause: stamp.cause,
    key: event.key,
    index: event.index,
  };
  const record = utf8Of(canonicalRecordOf(head, event.data));
  const { type } = event;
  const { recordedAt } = stamp;
  return order === undefined
    ? { eventId, type, recordedAt, record }
    : { eventId, type, recordedAt, record, order };
}

/**
 * One all-or-nothing group: the events in the order given, each stream at the version it was loaded at, and guards on
 * streams that were only looked at. `versions` moves along with what is to be appended.
 *
 * @param own a stream that `versions` need not know and does not learn of
 */
export function groupOf(
  group: string,
  events: readonly LedgerEvent[],
  guards: Iterable<string>,
  versions: Map<string, number>,
  stamp: Stamp,
  own: { readonly streamId: string; readonly expectedVersion: number } | null = null,
): AppendRequest[] {
  // Kept until the answer: a list begun empty has room for seventeen.
  let requests: OpenRequest[] = [];
  const byStream = events.length > FEW_EVENTS ? new Map<string, OpenRequest>() : null;
  for (let order = 0; order < events.length; order += 1) {
    const event = events[order] as LedgerEvent;
    const { streamId } = event;
    const known = requestOf(requests, byStream, streamId);
    const isOwn = streamId === own?.streamId;
    const before = isOwn ? own.expectedVersion : (versions.get(streamId) ?? 0);
    const version = (known ? known.expectedVersion + known.events.length : before) + 1;
    const sealed = sealEvent(event, version, stamp, order);
    if (!isOwn) versions.set(streamId, version);
    if (known) {
      known.events.push(sealed);
      continue;
    }
    const request = { streamId, group, expectedVersion: before, events: [sealed] };
    if (order === 0) requests = [request];
    else requests.push(request);
    byStream?.set(streamId, request);
  }
  for (const streamId of guards) {
    if (requestOf(requests, byStream, streamId)) continue;
    const isOwn = streamId === own?.streamId;
    const expectedVersion = isOwn ? own.expectedVersion : (versions.get(streamId) ?? 0);
    const guard = { streamId, group, expectedVersion, events: [] };
    requests.push(guard);
    byStream?.set(streamId, guard);
  }
  return requests;
}

type OpenRequest = AppendRequest & { readonly events: NewEvent[] };

/** The streams of so many events are looked through; those of more are looked up. */
const FEW_EVENTS = 8;

function requestOf(
  requests: readonly OpenRequest[],
  byStream: ReadonlyMap<string, OpenRequest> | null,
  streamId: string,
): OpenRequest | undefined {
  if (byStream) return byStream.get(streamId);
  for (const request of requests) if (request.streamId === streamId) return request;
  return undefined;
}
