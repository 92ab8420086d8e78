import { randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import fc from 'fast-check';
import type { AppendRequest, AppendResult, EventStore } from '../event-store.js';
import { InMemoryEventStore } from '../in-memory.js';
import { type PostgresEventStore, openPostgresEventStore } from './postgres-event-store.js';
import { createEventStoreSchema } from './schema.js';

const RUNS = 150;

interface Given {
  readonly stream: number;
  readonly expectedVersion: number;
  readonly ids: readonly number[];
  readonly group: string | undefined;
}

/** A request as chance gives it: few streams, few ids, versions that are often wrong. */
const request = fc.record({
  stream: fc.nat(3),
  expectedVersion: fc.nat(4),
  ids: fc.array(fc.nat(7), { maxLength: 3 }),
  group: fc.option(fc.constantFrom('g', 'h'), { nil: undefined }),
});
const calls = fc.array(fc.array(request, { maxLength: 6 }), { minLength: 1, maxLength: 5 });

describe('the store on PostgreSQL', () => {
  let store: PostgresEventStore;
  beforeAll(async () => {
    const connectionString = await (await startTestDatabase()).createDatabase();
    await createEventStoreSchema({ connectionString });
    store = await openPostgresEventStore({ connectionString });
  });
  afterAll(() => store.close());

  it('answers whatever is appended exactly as the store in memory does', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.boolean(), async (given, together) => {
        const model = new InMemoryEventStore();
        const base = await store.head();
        const requests = realRequests(given);
        const wanted = await answers(model, requests, false);
        const got = await answers(store, requests, together);
        expect(got.map((results) => results.map((result) => moved(result, base)))).toEqual(wanted);
        const log = await store.readAll(base, 100);
        expect(log.map((event) => ({ ...event, position: event.position - base }))).toEqual(
          await model.readAll(0n, 100),
        );
      }),
      { numRuns: RUNS },
    );
  });
});

/** One after the other, or all in one turn: the store must keep their order. */
async function answers(store: EventStore, given: AppendRequest[][], together: boolean) {
  if (together) return Promise.all(given.map((call) => store.append(call)));
  const results: AppendResult[][] = [];
  for (const call of given) results.push(await store.append(call));
  return results;
}

function realRequests(given: Given[][]): AppendRequest[][] {
  const run = randomUUID();
  const ids = Array.from({ length: 8 }, () => randomUUID());
  return given.map((call) => {
    const taken = new Set<string>();
    return call.flatMap(({ stream, expectedVersion, ids: chosen, group }) => {
      // A stream stands at most once in a group.
      if (group !== undefined && taken.size === taken.add(`${group}${stream}`).size) return [];
      const events = chosen.map((id) => ({
        eventId: ids[id] ?? '',
        type: 'T',
        recordedAt: '2018-06-01T02:03:04.567Z',
        record: `{"id":${id}}`,
      }));
      const one = { streamId: `${run}:${stream}`, expectedVersion, events };
      return [group === undefined ? one : { ...one, group }];
    });
  });
}

function moved(result: AppendResult, base: bigint): AppendResult {
  if (result.outcome !== 'appended' || result.firstPosition === 0n) return result;
  const { firstPosition, lastPosition } = result;
  return { ...result, firstPosition: firstPosition - base, lastPosition: lastPosition - base };
}
