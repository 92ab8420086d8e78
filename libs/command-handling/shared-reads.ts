import { type EventStore, FIND_MAX, type StoredEvent } from '@fundflow/event-store/event-store';
import { coalesce } from './coalesce.js';

/** Calls answered by one round trip. */
const TOGETHER_MAX = 64;

/** The two questions a decision asks of the store. */
export type DecisionReads = Pick<EventStore, 'findEvents' | 'readStreams' | 'streamVersions'>;

/**
 * Many small submissions ask the same two questions at the same moment: those that wait for an answer under way are
 * asked together. A single asker waits for nobody.
 */
export function sharedReads(store: EventStore): DecisionReads {
  const find = coalesce(async (asked: readonly (readonly string[])[]) => {
    const found = await findAll(store, [...new Set(asked.flat())]);
    return asked.map((ids) => ids.flatMap((id) => found.get(id) ?? []));
  }, TOGETHER_MAX);
  return {
    findEvents: (ids) => (ids.length > 100 ? store.findEvents(ids) : find(ids)),
    readStreams: (after, limit) => store.readStreams(after, limit),
    streamVersions: (ids) => store.streamVersions(ids),
  };
}

async function findAll(
  store: EventStore,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredEvent>> {
  const found = new Map<string, StoredEvent>();
  for (let at = 0; at < ids.length; at += FIND_MAX) {
    for (const event of await store.findEvents(ids.slice(at, at + FIND_MAX))) {
      found.set(event.eventId, event);
    }
  }
  return found;
}
