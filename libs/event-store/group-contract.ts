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
import { type EventStore, InvalidAppend, type NewEvent } from './event-store.js';

export function groupContract(openLog: OpenLog): void {
  describe('a group', () => {
    let store: EventStore;
    beforeAll(async () => {
      store = await (await openLog())();
    });
    afterAll(() => store.close());

    it('is applied as a whole, in the order of its requests', async () => {
      const [a, b] = [aStream(), aStream()];
      const before = await store.head();
      const results = await store.append([
        to(a, 0, someEvents(2), 'g'),
        to(b, 0, someEvents(1), 'g'),
      ]);
      expect(results.map(accepted).map((r) => r.firstPosition)).toEqual([before + 1n, before + 3n]);
    });

    it('is refused as a whole when one request conflicts, and its neighbours are not', async () => {
      const [taken, a, b] = [aStream(), aStream(), aStream()];
      await appendOne(store, to(taken, 0, someEvents(1)));
      const before = await store.head();
      const results = await store.append([
        to(a, 0, someEvents(1), 'g'),
        to(b, 0, someEvents(1)),
        to(taken, 0, someEvents(1), 'g'),
        to(aStream(), 0, someEvents(1), 'other'),
      ]);
      expect(outcomes(results)).toEqual(['group-refused', 'appended', 'conflict', 'appended']);
      expect(await store.head()).toBe(before + 2n);
      expect(await store.streamVersions([a])).toEqual(new Map());
    });

    it('stands at the place of its first request', async () => {
      const stream = aStream();
      const results = await store.append([
        to(stream, 0, someEvents(1), 'g'),
        to(stream, 1, someEvents(1)),
        to(aStream(), 0, someEvents(1), 'g'),
      ]);
      expect(outcomes(results)).toEqual(['appended', 'appended', 'appended']);
    });

    it('with an order reads in that order across its streams', async () => {
      const [a, b] = [aStream(), aStream()];
      const [first, second, third, fourth] = someEvents(4).map((event, order) => ({
        ...event,
        order,
      })) as [NewEvent, NewEvent, NewEvent, NewEvent];
      const before = await store.head();
      const group = [to(b, 0, [second, third], 'g'), to(a, 0, [first, fourth], 'g')];
      const results = (await store.append([...group, to(aStream(), 0, [], 'g')])).map(accepted);
      const log = await store.readAll(before, 10);
      expect(log.map((event) => event.eventId)).toEqual(
        [first, second, third, fourth].map((event) => event.eventId),
      );
      expect(log.map((event) => event.version)).toEqual([1, 1, 2, 2]);
      expect(results).toMatchObject([
        { firstPosition: before + 2n, lastPosition: before + 3n, version: 2 },
        { firstPosition: before + 1n, lastPosition: before + 4n, version: 2 },
        { firstPosition: 0n, lastPosition: 0n },
      ]);
      const again = await store.append(group);
      expect(again).toEqual(results.slice(0, 2).map((r) => ({ ...r, repeated: true })));
    });

    it('with equal orders keeps the order of its requests', async () => {
      const events = someEvents(4).map((event) => ({ ...event, order: 7 }));
      const before = await store.head();
      await store.append([
        to(aStream(), 0, events.slice(0, 2), 'g'),
        to(aStream(), 0, events.slice(2), 'g'),
      ]);
      expect((await store.readAll(before, 10)).map((event) => event.eventId)).toEqual(
        events.map((event) => event.eventId),
      );
    });

    it.each([
      ['falls within a stream', [2, 1]],
      ['is only said of some events', [1, undefined]],
      ['is no whole number', [1, 1.5]],
    ])('whose order %s is refused', async (_what, orders) => {
      const events = orders.map((order) => ({
        ...anEvent(),
        ...(order === undefined ? {} : { order }),
      }));
      await expect(store.append([to(aStream(), 0, events, 'g')])).rejects.toThrow(InvalidAppend);
    });

    it('chained on a stream with others of the same call is decided after them', async () => {
      const [hot, ...others] = [aStream(), aStream(), aStream(), aStream()] as [
        string,
        ...string[],
      ];
      const results = await store.append(
        others.flatMap((other, i) => [
          to(hot, i, someEvents(1), `g${i}`),
          to(other, i === 1 ? 1 : 0, someEvents(1), `g${i}`),
        ]),
      );
      // The second is refused, so the third meets a version it did not expect.
      expect(outcomes(results)).toEqual([
        ...['appended', 'appended'],
        ...['group-refused', 'conflict'],
        ...['conflict', 'group-refused'],
      ]);
      expect(results[4]).toMatchObject({ expectedVersion: 2, actualVersion: 1 });
    });

    it('may guard a stream it does not write to', async () => {
      const [guarded, written] = [aStream(), aStream()];
      await appendOne(store, to(guarded, 0, someEvents(2)));
      const held = await store.append([
        to(guarded, 2, [], 'g'),
        to(written, 0, someEvents(1), 'g'),
        to(aStream(), 0, [], 'g'),
      ]);
      expect(outcomes(held)).toEqual(['appended', 'appended', 'appended']);
      expect(held[0]).toEqual({
        outcome: 'appended',
        firstPosition: 0n,
        lastPosition: 0n,
        version: 2,
        repeated: false,
      });
      const failed = await store.append([
        to(guarded, 1, [], 'g'),
        to(written, 1, someEvents(1), 'g'),
      ]);
      expect(outcomes(failed)).toEqual(['conflict', 'group-refused']);
      expect(await store.streamVersions([guarded, written])).toEqual(
        new Map([
          [guarded, 2],
          [written, 1],
        ]),
      );
    });

    it('of guards alone writes nothing and says whether they hold', async () => {
      const stream = aStream();
      const before = await store.head();
      expect((await appendOne(store, to(stream, 0, []))).outcome).toBe('appended');
      expect((await appendOne(store, to(stream, 1, []))).outcome).toBe('conflict');
      expect(await store.head()).toBe(before);
      expect(await store.streamVersions([stream])).toEqual(new Map());
    });

    it('appended again answers with the first result although its guards moved on', async () => {
      const [guarded, a, b] = [aStream(), aStream(), aStream()];
      const group = [
        to(a, 0, someEvents(2), 'g'),
        to(guarded, 0, [], 'g'),
        to(b, 0, someEvents(1), 'g'),
      ];
      const first = (await store.append(group)).map(accepted);
      await appendOne(store, to(guarded, 0, someEvents(1)));
      await appendOne(store, to(a, 2, someEvents(1)));
      const before = await store.head();
      expect(await store.append(group)).toEqual(first.map((r) => ({ ...r, repeated: true })));
      expect(await store.head()).toBe(before);
    });

    it('of which a part is known is refused as a whole', async () => {
      const known = to(aStream(), 0, someEvents(1));
      await appendOne(store, known);
      const fresh = aStream();
      const results = await store.append([
        { ...known, group: 'g' },
        to(fresh, 0, someEvents(1), 'g'),
      ]);
      expect(results).toEqual([
        { outcome: 'id-reused', eventIds: known.events.map((event) => event.eventId) },
        { outcome: 'group-refused' },
      ]);
      expect(await store.streamVersions([fresh])).toEqual(new Map());
    });

    it('with the same id in two of its requests is refused', async () => {
      const event = anEvent();
      const results = await store.append([
        to(aStream(), 0, [event], 'g'),
        to(aStream(), 0, [event], 'g'),
      ]);
      expect(outcomes(results)).toEqual(['group-refused', 'id-reused']);
      expect(await store.findEvents([event.eventId])).toEqual([]);
    });

    it('may not name a stream twice', async () => {
      const stream = aStream();
      const call = [to(stream, 0, someEvents(1), 'g'), to(stream, 1, someEvents(1), 'g')];
      await expect(store.append(call)).rejects.toThrow(InvalidAppend);
    });

    it('of another call with the same name is another group', async () => {
      const taken = aStream();
      await appendOne(store, to(taken, 0, someEvents(1)));
      const [refused, fine] = await Promise.all([
        store.append([to(taken, 0, someEvents(1), 'g')]),
        store.append([to(aStream(), 0, someEvents(1), 'g')]),
      ]);
      expect(outcomes([...refused, ...fine])).toEqual(['conflict', 'appended']);
    });

    it('of ten thousand rows on ten thousand streams is one group like any other', async () => {
      const rows = Array.from({ length: 10_000 }, () => to(aStream(), 0, [anEvent()], 'g'));
      const spoiled = [...rows, to(aStream(), 1, [anEvent()], 'g')];
      const before = await store.head();
      expect(new Set(outcomes(await store.append(spoiled)))).toEqual(
        new Set(['group-refused', 'conflict']),
      );
      expect(await store.head()).toBe(before);
      const results = (await store.append(rows)).map(accepted);
      expect(results.map((r) => r.firstPosition)).toEqual(
        rows.map((_, i) => before + 1n + BigInt(i)),
      );
      const repeated = (await store.append(rows)).map(accepted);
      expect(repeated).toEqual(results.map((r) => ({ ...r, repeated: true })));
    });
  });
}
