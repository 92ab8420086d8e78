import { aStream, anEvent, accepted, appendOne, someEvents, to } from './contract-events.js';
import type { OpenLog } from './contract-events.js';
import {
  type EventStore,
  FIND_MAX,
  type NewEvent,
  PAGE_MAX,
  type StoredEvent,
} from './event-store.js';

export function readingContract(openLog: OpenLog): void {
  describe('reading', () => {
    let store: EventStore;
    let another: EventStore;
    beforeAll(async () => {
      const open = await openLog();
      store = await open();
      another = await open();
    });
    afterAll(async () => {
      await store.close();
      await another.close();
    });

    it('gives back everything an event was appended with', async () => {
      const stream = aStream();
      const event = { ...anEvent(), type: '拨付', recordedAt: '2020-02-29T23:59:59.000Z' };
      const { firstPosition } = accepted(await appendOne(store, to(stream, 0, [event])));
      const expected: StoredEvent = {
        position: firstPosition,
        streamId: stream,
        version: 1,
        ...event,
      };
      expect(await store.readStream(stream, 0, 1)).toEqual([expected]);
      expect(await store.readAll(firstPosition - 1n, 1)).toEqual([expected]);
      expect(await store.findEvents([event.eventId])).toEqual([expected]);
      expect(await another.readAll(firstPosition - 1n, 1)).toEqual([expected]);
    });

    it('gives the records alone as the bytes they are stored in', async () => {
      const before = await store.head();
      const records = ['危房改造', '"\\n', '\u{1f600}'].map((text) => anEvent({ text }));
      await appendOne(store, to(aStream(), 0, records));
      const bytes = await another.readRecordBytes(before, 10);
      expect(bytes.map(String)).toEqual(records.map(({ record }) => record));
      expect(await another.readRecordBytes(before + 1n, 1)).toEqual([bytes[1]]);
      expect(await another.readRecordBytes(before + 3n, 1)).toEqual([]);
      await expect(store.readRecordBytes(-1n, 1)).rejects.toThrow(RangeError);
      await expect(store.readRecordBytes(0n, PAGE_MAX + 1)).rejects.toThrow(RangeError);
    });

    it.each(['0001-01-01T00:00:00.000Z', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59.010Z'])(
      'keeps the moment %s',
      async (recordedAt) => {
        const stream = aStream();
        await appendOne(store, to(stream, 0, [{ ...anEvent(), recordedAt }]));
        expect((await store.readStream(stream, 0, 1))[0]?.recordedAt).toBe(recordedAt);
      },
    );

    it('pages through a stream from any version', async () => {
      const [stream, events] = [aStream(), someEvents(7)];
      await appendOne(store, to(stream, 0, events.slice(0, 4)));
      await appendOne(store, to(aStream(), 0, someEvents(3)));
      await appendOne(store, to(stream, 4, events.slice(4)));
      const ids = (page: StoredEvent[]) => page.map((event) => event.eventId);
      const wanted = events.map((event) => event.eventId);
      expect(ids(await store.readStream(stream, 0, 3))).toEqual(wanted.slice(0, 3));
      expect(ids(await store.readStream(stream, 3, 3))).toEqual(wanted.slice(3, 6));
      expect(ids(await store.readStream(stream, 6, 3))).toEqual(wanted.slice(6));
      expect(await store.readStream(stream, 7, 3)).toEqual([]);
      expect(await store.readStream(stream, 100, 3)).toEqual([]);
    });

    it('does not take the beginning of a stream id for the stream', async () => {
      const stream = aStream();
      await appendOne(store, to(stream, 0, someEvents(1)));
      await appendOne(store, to(`${stream}0`, 0, someEvents(2)));
      expect(await store.readStream(stream, 0, 10)).toHaveLength(1);
      expect(await store.readStream(stream.slice(0, -1), 0, 10)).toEqual([]);
    });

    it('reads many streams at once, each from where the reader stands', async () => {
      // In UTF-16 the last of them would come before the one in between.
      const names = ['holding:a', 'holding:\uffe5', 'holding:\u{20bb7}'];
      const [a, b, c] = names.map((name) => `${name}:${aStream()}`) as [string, string, string];
      await store.append([
        to(c, 0, someEvents(2)),
        to(b, 0, someEvents(3)),
        to(a, 0, someEvents(2)),
      ]);
      const after = new Map([
        [c, 0],
        [aStream(), 0],
        [b, 1],
        [a, 2],
      ]);
      const read = async (limit: number) =>
        (await another.readStreams(after, limit)).map((e) => `${e.streamId} ${e.version}`);
      const wanted = [`${b} 2`, `${b} 3`, `${c} 1`, `${c} 2`];
      expect(await read(10)).toEqual(wanted);
      expect(await read(4)).toEqual(wanted);
      expect(await read(3)).toEqual(wanted.slice(0, 3));
      expect(await another.readStreams(new Map(), 10)).toEqual([]);
      expect(await another.readStreams(new Map([['\ud800', 0]]), 10)).toEqual([]);
    });

    it('pages through the whole log without a gap', async () => {
      await appendOne(store, to(aStream(), 0, someEvents(5)));
      const head = await store.head();
      const read: bigint[] = [];
      for (let after = 0n; after < head; after = read.at(-1) ?? head) {
        const page = await another.readAll(after, 3);
        expect(page.length).toBeGreaterThan(0);
        read.push(...page.map((event) => event.position));
      }
      expect(read).toEqual(Array.from({ length: Number(head) }, (_, i) => BigInt(i + 1)));
      expect(await store.readAll(head, 3)).toEqual([]);
      expect(await store.readAll(head + 100n, 3)).toEqual([]);
    });

    it('finds events by their ids and leaves unknown ones out', async () => {
      const events = someEvents(3);
      await appendOne(store, to(aStream(), 0, events));
      const [a, , c] = events.map((event) => event.eventId) as [string, string, string];
      const found = await store.findEvents([c, anEvent().eventId, a, a]);
      expect(found.map((event) => event.eventId).sort()).toEqual([a, c].sort());
      expect(await store.findEvents([])).toEqual([]);
    });

    it('finds one part of each of these records, as it stands there', async () => {
      const part = { text: '危房改造 "\\n', list: [1, null] };
      const [whole, bare, flat] = [{ row: part }, {}, { row: null }].map((data) =>
        anEvent({ data }),
      ) as [NewEvent, NewEvent, NewEvent];
      await appendOne(store, to(aStream(), 0, [whole, bare, flat]));
      const ids = [whole, bare, flat, anEvent()].map(({ eventId }) => eventId);
      const found = await another.findParts([...ids, 'no id'], ['data', 'row']);
      expect([...found.keys()].sort()).toEqual([whole.eventId, flat.eventId].sort());
      expect(JSON.parse(found.get(whole.eventId) as string)).toEqual(part);
      expect(whole.record).toContain(found.get(whole.eventId));
      expect(found.get(flat.eventId)).toBe('null');
      expect(await another.findParts(ids, ['data', 'row', 'text', 'x'])).toEqual(new Map());
      expect(await another.findParts([], ['data'])).toEqual(new Map());
    });

    it('tells the versions of streams and leaves out those that do not exist', async () => {
      const [a, b, c] = [aStream(), aStream(), aStream()];
      await store.append([to(a, 0, someEvents(2)), to(b, 0, someEvents(1))]);
      expect(await another.streamVersions([a, b, c, a])).toEqual(
        new Map([
          [a, 2],
          [b, 1],
        ]),
      );
      expect(await store.streamVersions([])).toEqual(new Map());
    });

    it('refuses pages and questions without bounds', async () => {
      const tooMany = Array.from({ length: FIND_MAX + 1 }, () => 'x');
      await expect(store.readAll(-1n, 1)).rejects.toThrow(RangeError);
      await expect(store.readAll(0n, 0)).rejects.toThrow(RangeError);
      await expect(store.readAll(0n, PAGE_MAX + 1)).rejects.toThrow(RangeError);
      await expect(store.readStream('x', -1, 1)).rejects.toThrow(RangeError);
      await expect(store.readStream('x', 0, 0.5)).rejects.toThrow(RangeError);
      await expect(store.readStreams(new Map([['x', -1]]), 1)).rejects.toThrow(RangeError);
      await expect(store.readStreams(new Map(), 0)).rejects.toThrow(RangeError);
      await expect(store.findEvents(tooMany)).rejects.toThrow(RangeError);
      await expect(store.findParts(tooMany, ['data'])).rejects.toThrow(RangeError);
      await expect(store.streamVersions(tooMany)).rejects.toThrow(RangeError);
    });
  });

  describe('waiting for events', () => {
    let store: EventStore;
    let another: EventStore;
    beforeAll(async () => {
      const open = await openLog();
      store = await open();
      another = await open();
    });
    afterAll(async () => {
      await store.close();
      await another.close();
    });

    it('ends at once when there are some already', async () => {
      await appendOne(store, to(aStream(), 0, someEvents(1)));
      expect(await another.waitForEventsAfter((await store.head()) - 1n, NEVER_MS)).toBe(true);
      await store.waitForEventsAfter(0n, NEVER_MS);
    });

    it('ends when somebody else appends, again and again', async () => {
      for (let round = 0; round < 3; round += 1) {
        const head = await another.head();
        const woken = another.waitForEventsAfter(head, NEVER_MS);
        await appendOne(store, to(aStream(), 0, someEvents(1)));
        expect(await woken).toBe(true);
        expect(await another.readAll(head, 10)).toHaveLength(1);
      }
    });

    it('wakes everybody who waits', async () => {
      const head = await store.head();
      const waiting = [store, another, another].map((s) => s.waitForEventsAfter(head, NEVER_MS));
      await appendOne(store, to(aStream(), 0, someEvents(1)));
      await Promise.all(waiting);
    });

    it('ends after the time given although nothing came, and says so', async () => {
      expect(await another.waitForEventsAfter(await another.head(), 1)).toBe(false);
    });

    it('ends when it is called off, before or meanwhile', async () => {
      const calledOff = new AbortController();
      const waiting = another.waitForEventsAfter(await another.head(), NEVER_MS, calledOff.signal);
      calledOff.abort();
      expect(await waiting).toBe(true);
      await another.waitForEventsAfter(await another.head(), NEVER_MS, calledOff.signal);
    });

    it('ends when the store is closed', async () => {
      const third = await (await openLog())();
      const waiting = third.waitForEventsAfter(0n, NEVER_MS);
      await third.close();
      await waiting;
    });
  });
}

/** Longer than any test may take: who waits for it has not been woken. */
const NEVER_MS = 3_600_000;
