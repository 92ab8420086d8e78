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

/** The record of one event at the version it will have in its stream. */
export function sealEvent(event: LedgerEvent, version: number, stamp: Stamp): NewEvent {
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
  return { eventId, type: event.type, recordedAt: stamp.recordedAt, record };
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
  const requests = new Map<string, { expectedVersion: number; events: NewEvent[] }>();
  events.forEach((event, order) => {
    const before = versions.get(event.streamId) ?? 0;
    const sealed = sealEvent(event, before + 1, stamp);
    versions.set(event.streamId, before + 1);
    const request = requests.get(event.streamId);
    if (request) request.events.push({ ...sealed, order });
    else {
      const events = [{ ...sealed, order }];
      requests.set(event.streamId, { expectedVersion: before, events });
    }
  });
  for (const streamId of guards) {
    if (requests.has(streamId)) continue;
    requests.set(streamId, { expectedVersion: versions.get(streamId) ?? 0, events: [] });
  }
  return [...requests].map(([streamId, request]) => ({ streamId, group, ...request }));
}
