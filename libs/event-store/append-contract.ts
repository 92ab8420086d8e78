import {
  accepted,
  aStream,
  anEvent,
  appendOne,
  outcomes,
  someEvents,
  to,
} from './contract-events.js';
import type { OpenLog } from './contract-events.js';
import {
  type EventStore,
  EventStoreUnavailable,
  InvalidAppend,
  type NewEvent,
  RECORD_BYTES_MAX,
} from './event-store.js';

export function appendContract(openLog: OpenLog): void {
  describe('an empty log', () => {
    it('has no events, the head 0 and gives the first event position 1 and version 1', async () => {
      const store = await (await openLog())();
      expect(await store.head()).toBe(0n);
      expect(await store.readAll(0n, 10)).toEqual([]);
      const stream = aStream();
      expect(await store.readStream(stream, 0, 10)).toEqual([]);
      expect(await appendOne(store, to(stream, 0, [anEvent()]))).toEqual({
        outcome: 'appended',
        firstPosition: 1n,
        lastPosition: 1n,
        version: 1,
        repeated: false,
      });
      expect(await store.head()).toBe(1n);
      await store.close();
    });

    it('refuses everything but waiting once it is closed', async () => {
      const store = await (await openLog())();
      await store.close();
      await expect(store.append([to(aStream(), 0, [anEvent()])])).rejects.toThrow(
        EventStoreUnavailable,
      );
      await expect(store.readAll(0n, 1)).rejects.toThrow(EventStoreUnavailable);
      await store.waitForEventsAfter(0n, NEVER_MS);
      await store.close();
    });
  });

  describe('appending', () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await (await openLog())();
    });
    afterAll(() => store.close());

    it('answers every request by itself, in the order asked', async () => {
      const [taken, free, other] = [aStream(), aStream(), aStream()];
      await appendOne(store, to(taken, 0, someEvents(2)));
      const before = await store.head();
      const results = await store.append([
        to(free, 0, someEvents(2)),
        to(taken, 0, someEvents(1)),
        to(other, 0, someEvents(3)),
      ]);
      expect(outcomes(results)).toEqual(['appended', 'conflict', 'appended']);
      expect(results[1]).toEqual({
        outcome: 'conflict',
        streamId: taken,
        expectedVersion: 0,
        actualVersion: 2,
      });
      expect(accepted(results[0])).toMatchObject({ firstPosition: before + 1n, version: 2 });
      expect(accepted(results[2])).toMatchObject({
        firstPosition: before + 3n,
        lastPosition: before + 5n,
        version: 3,
      });
      expect(await store.head()).toBe(before + 5n);
    });

    it('answers no requests with no results', async () => {
      expect(await store.append([])).toEqual([]);
    });

    it('refuses a version that is not there yet as well as one that is past', async () => {
      const stream = aStream();
      const conflict = { outcome: 'conflict', streamId: stream };
      expect(await appendOne(store, to(stream, 1, someEvents(1)))).toEqual({
        ...conflict,
        expectedVersion: 1,
        actualVersion: 0,
      });
      await appendOne(store, to(stream, 0, someEvents(3)));
      for (const expectedVersion of [0, 2, 4]) {
        expect(await appendOne(store, to(stream, expectedVersion, someEvents(1)))).toEqual({
          ...conflict,
          expectedVersion,
          actualVersion: 3,
        });
      }
      expect(accepted(await appendOne(store, to(stream, 3, someEvents(1)))).version).toBe(4);
    });

    it('answers a call of more requests than are written at once in the order asked', async () => {
      const before = await store.head();
      const misses = (at: number): boolean => at % 100 === 7;
      const requests = Array.from({ length: 1_200 }, (_, at) =>
        to(aStream(), misses(at) ? 1 : 0, someEvents(1)),
      );
      let position = before;
      const results = await store.append(requests);
      results.forEach((result, at) => {
        if (misses(at)) {
          const streamId = requests[at]?.streamId;
          expect(result).toMatchObject({ outcome: 'conflict', streamId, actualVersion: 0 });
          return;
        }
        position += 1n;
        expect(accepted(result)).toMatchObject({ firstPosition: position, lastPosition: position });
      });
      expect(results).toHaveLength(requests.length);
      expect(await store.head()).toBe(position);
    });

    it('lets requests of one call on the same stream see each other in their order', async () => {
      const stream = aStream();
      const results = await store.append([
        to(stream, 0, someEvents(2)),
        to(stream, 2, someEvents(1)),
        to(stream, 2, someEvents(1)),
        to(stream, 3, someEvents(1)),
      ]);
      expect(outcomes(results)).toEqual(['appended', 'appended', 'conflict', 'appended']);
      expect((await store.readStream(stream, 0, 10)).map((e) => e.version)).toEqual([1, 2, 3, 4]);
    });

    it('leaves no gap where requests were refused', async () => {
      const stream = aStream();
      const first = accepted(await appendOne(store, to(stream, 0, someEvents(1))));
      await store.append([to(stream, 0, someEvents(5)), to(stream, 7, someEvents(5))]);
      const next = accepted(await appendOne(store, to(stream, 1, someEvents(1))));
      expect(next.firstPosition).toBe(first.lastPosition + 1n);
    });

    it.each<[string, string]>([
      ['Chinese text', '{"a":"桂财农〔2018〕123号 扶贫资金"}'],
      ['text beyond the first plane', '{"a":"😀𠮷"}'],
      ['every kind of escape', '{"a":"\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f/\\/"}'],
      ['escapes that need not be', '{"\\u0061":"\\u6842"}'],
      ['odd spacing and order', ' { "b" : 1 ,  "a" : [ 1.0, 1e2 , -0 ] } '],
      ['a member twice', '{"a":1,"a":2}'],
      ['line separators and delete', '{"a":"\u2028\u2029\u007f\u0085"}'],
      ['what looks like SQL and like an array', `{"a":"'; DROP TABLE x; -- {},NULL,\\\\"}`],
      ['the longest record', `"${'资'.repeat((RECORD_BYTES_MAX - 2) / 3)}"`],
    ])('keeps a record byte for byte: %s', async (_what, record) => {
      const stream = aStream();
      const event: NewEvent = { ...anEvent(), record };
      const asBytes: NewEvent = { ...anEvent(), record: Buffer.from(record) };
      await appendOne(store, to(stream, 0, [event, asBytes]));
      const stored = await store.readStream(stream, 0, 2);
      expect(stored.map((each) => each.record)).toEqual([record, record]);
      expect((await store.findEvents([event.eventId]))[0]?.record).toBe(record);
    });

    it.each<[string, Partial<NewEvent>]>([
      ['a record one byte too long', { record: `"${'a'.repeat(RECORD_BYTES_MAX - 1)}"` }],
      ['characters that are more bytes', { record: `"${'资'.repeat(RECORD_BYTES_MAX / 3)}"` }],
      ['a record with a lone surrogate', { record: '"\ud800"' }],
      ['a record of bytes one too long', { record: Buffer.alloc(RECORD_BYTES_MAX + 1, '1') }],
      ['bytes that are no UTF-8', { record: Buffer.from([0x22, 0xff, 0x22]) }],
      ['half a character', { record: Buffer.from('"资"').fill('"', 3) }],
      ['a record that is not JSON', { record: '{"a":1},{"b":2}' }],
      ['bytes that are not JSON', { record: Buffer.from('{"a":1},{"b":2}') }],
      ['an empty record', { record: '' }],
      ['an event id that is no UUID', { eventId: 'record:A-1' }],
      ['an event id in capitals', { eventId: '6D5A2D0E-6C39-5C3C-8A3B-0B1F6D5A2D0E' }],
      ['an empty type', { type: '' }],
      ['a type with a control character', { type: 'A\u0000B' }],
      ['a moment without milliseconds', { recordedAt: '2018-06-01T02:03:04Z' }],
      ['a moment that never was', { recordedAt: '2018-02-29T02:03:04.567Z' }],
    ])('refuses %s and writes nothing of the call', async (_what, bad) => {
      const [fine, stream] = [aStream(), aStream()];
      const before = await store.head();
      const call = [to(stream, 0, [anEvent(), { ...anEvent(), ...bad }])];
      await expect(store.append(call)).rejects.toThrow(InvalidAppend);
      expect(await store.head()).toBe(before);
      expect(accepted(await appendOne(store, to(fine, 0, [anEvent()]))).version).toBe(1);
    });

    it.each([
      ['an empty stream id', '', 0],
      ['a stream id with a lone surrogate', 'a\udc00', 0],
      ['a stream id that is too long', '资'.repeat(171), 0],
      ['a negative version', 'a', -1],
      ['a fractional version', 'a', 0.5],
    ])('refuses %s', async (_what, streamId, version) => {
      await expect(store.append([to(streamId, version, [anEvent()])])).rejects.toThrow(
        InvalidAppend,
      );
    });

    it('keeps neighbours of other callers when one hands in what is not JSON', async () => {
      const good = Array.from({ length: 5 }, () => aStream());
      const bad = store.append([to(aStream(), 0, [{ ...anEvent(), record: '{' }])]);
      const calls = good.map((stream) => appendOne(store, to(stream, 0, [anEvent()])));
      await expect(bad).rejects.toThrow(InvalidAppend);
      expect(outcomes(await Promise.all(calls))).toEqual(good.map(() => 'appended'));
    });
  });

  describe('appending the same events again', () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await (await openLog())();
    });
    afterAll(() => store.close());

    it('answers with the first result and changes nothing', async () => {
      const request = to(aStream(), 0, someEvents(3));
      const first = accepted(await appendOne(store, request));
      await appendOne(store, to(request.streamId, 3, someEvents(1)));
      const before = await store.head();
      expect(await appendOne(store, request)).toEqual({ ...first, repeated: true });
      expect(await store.head()).toBe(before);
    });

    it('recognises them although another version is expected now', async () => {
      const request = to(aStream(), 0, someEvents(2));
      const first = accepted(await appendOne(store, request));
      expect(await appendOne(store, { ...request, expectedVersion: 2 })).toEqual({
        ...first,
        repeated: true,
      });
    });

    it('recognises them within one call and in calls at the same time', async () => {
      const request = to(aStream(), 0, someEvents(2));
      const before = await store.head();
      const [inOne, alone, again] = await Promise.all([
        store.append([request, request]),
        appendOne(store, request),
        appendOne(store, request),
      ]);
      const results = [...inOne, alone, again].map(accepted);
      expect(results.filter((result) => !result.repeated)).toHaveLength(1);
      expect(new Set(results.map((result) => result.firstPosition)).size).toBe(1);
      expect(await store.head()).toBe(before + 2n);
    });

    it('refuses them when some are known and some are not', async () => {
      const [known, fresh] = [someEvents(2), someEvents(1)];
      const stream = aStream();
      await appendOne(store, to(stream, 0, known));
      expect(await appendOne(store, to(stream, 2, [...known, ...fresh]))).toEqual({
        outcome: 'id-reused',
        eventIds: known.map((event) => event.eventId),
      });
      expect(await store.streamVersions([stream])).toEqual(new Map([[stream, 2]]));
      expect(await store.findEvents(fresh.map((event) => event.eventId))).toEqual([]);
    });

    it('refuses them in another stream, in another order, and one that stands twice', async () => {
      const [a, b] = [anEvent(), anEvent()];
      const stream = aStream();
      await appendOne(store, to(stream, 0, [a, b]));
      expect(await appendOne(store, to(aStream(), 0, [a, b]))).toEqual({
        outcome: 'id-reused',
        eventIds: [a.eventId, b.eventId],
      });
      expect((await appendOne(store, to(stream, 2, [b, a]))).outcome).toBe('id-reused');
      const twice = anEvent();
      expect(await appendOne(store, to(aStream(), 0, [twice, twice]))).toEqual({
        outcome: 'id-reused',
        eventIds: [twice.eventId],
      });
      expect(await store.findEvents([twice.eventId])).toEqual([]);
    });

    it('refuses the second of two calls at the same time that share an id', async () => {
      const event = anEvent();
      const results = await Promise.all([
        appendOne(store, to(aStream(), 0, [event])),
        appendOne(store, to(aStream(), 0, [event])),
      ]);
      expect(outcomes(results).sort()).toEqual(['appended', 'id-reused']);
    });
  });
}

/** Longer than any test may take: who waits for it has not been woken. */
const NEVER_MS = 3_600_000;
