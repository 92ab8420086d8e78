import { setImmediate as turn } from 'node:timers/promises';
import { accepted, aStream, anEvent, appendOne, someEvents, to } from './contract-events.js';
import type { OpenLog } from './contract-events.js';
import type { AppendRequest, EventStore } from './event-store.js';

const WRITERS = 6;
const APPENDS_EACH = 40;

export function concurrencyContract(openLog: OpenLog): void {
  describe('writers at the same time', () => {
    let stores: EventStore[];
    beforeAll(async () => {
      const open = await openLog();
      stores = [await open(), await open()];
    });
    afterAll(() => Promise.all(stores.map((store) => store.close())));

    it('of one stream: every version is given once, the others hear of a conflict', async () => {
      const stream = aStream();
      for (let version = 0; version < 10; version += 1) {
        const race = stores.flatMap((store) =>
          [1, 2, 3].map(() => appendOne(store, to(stream, version, [anEvent()]))),
        );
        const results = await Promise.all(race);
        expect(results.filter((result) => result.outcome === 'appended')).toHaveLength(1);
        expect(results.filter((result) => result.outcome === 'conflict')).toHaveLength(5);
      }
      const [store] = stores as [EventStore];
      const versions = (await store.readStream(stream, 0, 100)).map((event) => event.version);
      expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it('lose nothing, double nothing, and no reader finds anything below what it saw', async () => {
      const [store] = stores as [EventStore];
      const start = await store.head();
      let writing = true;
      const readers = stores.map((reader) => follow(reader, start, () => writing));
      const acknowledged = new Map<string, bigint>();
      await Promise.all(
        Array.from({ length: WRITERS }, (_, writer) =>
          write(stores[writer % stores.length] as EventStore, writer, acknowledged),
        ),
      );
      writing = false;
      const head = await store.head();
      for (const seen of await Promise.all(readers)) {
        expect(seen.map((event) => event.position)).toEqual(
          Array.from({ length: Number(head - start) }, (_, i) => start + BigInt(i + 1)),
        );
        const places = new Map(seen.map((event) => [event.eventId, event.position]));
        expect(places.size).toBe(seen.length);
        for (const [eventId, position] of acknowledged) expect(places.get(eventId)).toBe(position);
        expect(seen.length).toBe(acknowledged.size);
      }
    });
  });
}

/** Reads behind the writers as fast as it can: what it finds after `last` must follow `last`. */
async function follow(reader: EventStore, start: bigint, goesOn: () => boolean) {
  const seen: { eventId: string; position: bigint }[] = [];
  let last = start;
  for (;;) {
    const writersRan = goesOn();
    const page = await reader.readAll(last, 17);
    for (const { eventId, position } of page) {
      seen.push({ eventId, position });
      last = position;
    }
    if (page.length === 0 && !writersRan) return seen;
    if (page.length === 0) await turn();
  }
}

/** Single requests, pairs, groups and repetitions, out of step with the other writers. */
async function write(store: EventStore, writer: number, acknowledged: Map<string, bigint>) {
  for (let round = 0; round < APPENDS_EACH; round += 1) {
    for (let step = 0; step < (writer * 7 + round * 3) % 5; step += 1) await turn();
    const kind = (writer + round) % 4;
    const group = kind === 2 ? 'g' : undefined;
    const requests: AppendRequest[] = Array.from({ length: kind + 1 }, (_, i) =>
      to(aStream(), 0, someEvents((i % 3) + 1), group),
    );
    const results = (await store.append(requests)).map(accepted);
    requests.forEach((request, i) => {
      request.events.forEach(({ eventId }, offset) => {
        acknowledged.set(eventId, (results[i]?.firstPosition ?? 0n) + BigInt(offset));
      });
    });
    if (kind === 3) {
      const again = (await store.append(requests)).map(accepted);
      expect(again).toEqual(results.map((result) => ({ ...result, repeated: true })));
    }
  }
}
