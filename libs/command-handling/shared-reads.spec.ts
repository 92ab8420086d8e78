import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import { eventIdOf } from '@fundflow/event-store/event-id';
import fc from 'fast-check';
import { sharedReads } from './shared-reads.js';

const STREAMS = 5;

async function filled(lengths: readonly number[]) {
  const store = new InMemoryEventStore();
  for (const [stream, length] of lengths.entries()) {
    const events = Array.from({ length }, (_, index) => ({
      eventId: eventIdOf(`record:${stream}`, index),
      type: 'Made',
      recordedAt: '2018-06-01T02:03:04.567Z',
      record: `{"n":${index}}`,
    }));
    if (length > 0) await store.append([{ streamId: `s-${stream}`, expectedVersion: 0, events }]);
  }
  return store;
}

const asked = fc.array(
  fc.record({
    after: fc.dictionary(
      fc.integer({ min: 0, max: STREAMS - 1 }).map((stream) => `s-${stream}`),
      fc.integer({ min: 0, max: 6 }),
    ),
    limit: fc.integer({ min: 1, max: 12 }),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('questions asked together', () => {
  it('are answered as if each had been asked alone, also at the end of a page', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: STREAMS });
    await fc.assert(
      fc.asyncProperty(lengths, asked, async (streams, questions) => {
        const store = await filled(streams);
        const shared = sharedReads(store);
        const ask = (reads: Pick<typeof store, 'readStreams'>): Promise<StoredEvent[][]> =>
          Promise.all(
            questions.map(({ after, limit }) =>
              reads.readStreams(new Map(Object.entries(after)), limit),
            ),
          );
        expect(await ask(shared)).toEqual(await ask(store));
      }),
      { numRuns: 200 },
    );
  });

  it('go to the store in one call', async () => {
    const store = await filled([2, 2, 2]);
    let calls = 0;
    const shared = sharedReads({
      findEvents: (ids) => store.findEvents(ids),
      streamVersions: (ids) => store.streamVersions(ids),
      readStreams: (after, limit) => {
        calls += 1;
        return store.readStreams(after, limit);
      },
    });
    await Promise.all([0, 1, 2].map((n) => shared.readStreams(new Map([[`s-${n}`, 0]]), 100)));
    expect(calls).toBe(1);
  });
});
