import { type EventStore, FIND_MAX, type StoredEvent } from '@fundflow/event-store/event-store';
import { coalesce } from './coalesce.js';

/** Calls answered by one round trip. */
const TOGETHER_MAX = 64;
/** A call that asks for more goes alone. */
const SMALL_CALL_MAX = 100;

/** The questions a decision asks of the store. */
export type DecisionReads = Pick<EventStore, 'findEvents' | 'readStreams' | 'streamVersions'>;

interface StreamsAsked {
  readonly after: ReadonlyMap<string, number>;
  readonly limit: number;
}

/**
 * Many small submissions ask the same questions at the same moment: those that wait for an answer under way are asked
 * together. A single asker waits for nobody, and everybody is answered as if he had asked alone.
 */
export function sharedReads(store: DecisionReads): DecisionReads {
  const find = coalesce(async (asked: readonly (readonly string[])[]) => {
    const found = await findAll(store, [...new Set(asked.flat())]);
    return asked.map((ids) => ids.flatMap((id) => found.get(id) ?? []));
  }, TOGETHER_MAX);
  const streams = coalesce(
    (asked: readonly StreamsAsked[]) => readTogether(store, asked),
    TOGETHER_MAX,
  );
  return {
    findEvents: (ids) => (ids.length > SMALL_CALL_MAX ? store.findEvents(ids) : find(ids)),
    readStreams: (after, limit) =>
      after.size > SMALL_CALL_MAX
        ? store.readStreams(after, limit)
        : // The asker moves its own map along while the answer is under way to others.
          streams({ after: new Map(after), limit }),
    streamVersions: (ids) => store.streamVersions(ids),
  };
}

async function findAll(
  store: DecisionReads,
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

/** Each stream is read once, from the lowest version anybody has of it. */
async function readTogether(
  store: DecisionReads,
  asked: readonly StreamsAsked[],
): Promise<readonly StoredEvent[][]> {
  const [only] = asked;
  if (only && asked.length === 1) return [await store.readStreams(only.after, only.limit)];
  const lowest = new Map<string, number>();
  for (const { after } of asked) {
    for (const [streamId, version] of after) {
      lowest.set(streamId, Math.min(version, lowest.get(streamId) ?? version));
    }
  }
  const limit = Math.min(...asked.map((each) => each.limit));
  const page = await store.readStreams(lowest, limit);
  // A full page may have left out what one of them alone would have seen.
  if (page.length >= limit) {
    return Promise.all(asked.map((each) => store.readStreams(each.after, each.limit)));
  }
  const eventsOf = new Map<string, StoredEvent[]>();
  for (const event of page) {
    const events = eventsOf.get(event.streamId);
    if (events) events.push(event);
    else eventsOf.set(event.streamId, [event]);
  }
  return asked.map(({ after }) =>
    [...after.keys()]
      .sort(byBytes)
      .flatMap((streamId) => eventsOf.get(streamId) ?? [])
      .filter(({ streamId, version }) => version > (after.get(streamId) as number)),
  );
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
