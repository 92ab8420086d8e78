import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { LedgerEvent } from '@fundflow/domain/events';
import { canonicalRecordOf, canonicalWire } from '@fundflow/event-store/canonical';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { AppendRequest, NewEvent } from '@fundflow/event-store/event-store';

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
  const record = canonicalRecordOf(head, canonicalWire(event.data));
  const { type } = event;
  const { recordedAt } = stamp;
  return order === undefined
    ? { eventId, type, recordedAt, record }
    : { eventId, type, recordedAt, record, order };
}

/**
 * One all-or-nothing group: the events in the order given, each stream at the version it was loaded at, and guards on
 * streams that were only looked at. `versions` moves along with what is to be appended.
 */
export function groupOf(
  group: string,
  events: readonly LedgerEvent[],
  guards: Iterable<string>,
  versions: Map<string, number>,
  stamp: Stamp,
): AppendRequest[] {
  const requests = new Map<string, AppendRequest & { readonly events: NewEvent[] }>();
  events.forEach((event, order) => {
    const { streamId } = event;
    const before = versions.get(streamId) ?? 0;
    const sealed = sealEvent(event, before + 1, stamp, order);
    versions.set(streamId, before + 1);
    const request = requests.get(streamId);
    if (request) request.events.push(sealed);
    else requests.set(streamId, { streamId, group, expectedVersion: before, events: [sealed] });
  });
  for (const streamId of guards) {
    if (requests.has(streamId)) continue;
    const expectedVersion = versions.get(streamId) ?? 0;
    requests.set(streamId, { streamId, group, expectedVersion, events: [] });
  }
  return [...requests.values()];
}
