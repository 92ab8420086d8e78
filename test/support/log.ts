import type { StoredEvent } from '@fundflow/event-store/event-store';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';

/** Appends records one after the other, so that they get the positions they have. */
export async function appendAll(
  store: InMemoryEventStore,
  events: readonly StoredEvent[],
): Promise<void> {
  for (const { streamId, version, eventId, type, recordedAt, record } of events) {
    const event = { eventId, type, recordedAt, record };
    const request = { streamId, expectedVersion: version - 1, events: [event] };
    const [result] = await store.append([request]);
    if (result?.outcome !== 'appended') throw new Error(`${eventId}: ${result?.outcome}`);
  }
}

export async function logOf(events: readonly StoredEvent[]): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore();
  await appendAll(store, events);
  return store;
}
