import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventIdOf } from '@fundflow/event-store/event-id';
import { type AppendRequest, EventStoreUnavailable } from '@fundflow/event-store/event-store';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';

// Appends to streams of its own for as long as it lives, some requests alone and some in groups,
// repeats what has an unknown outcome, and says what was acknowledged: [event id, position].
const LANES = 6;
const RETRY_MS = 10;

const connectionString = process.argv[2] ?? '';
const store = await answered(() => openPostgresEventStore({ connectionString }));

/** One to three streams of a lane, two events each, at the versions they have. */
function nextRequests(lane: string, round: number, written: readonly number[]): AppendRequest[] {
  return written.slice(0, (round % 3) + 1).map((expectedVersion, i) => {
    const streamId = `lane:${lane}:${i}`;
    const events = [0, 1].map((index) => {
      const eventId = eventIdOf(`${streamId}:${expectedVersion}`, index);
      const recordedAt = '2018-06-01T02:03:04.567Z';
      return { eventId, type: 'Tested', recordedAt, record: JSON.stringify({ eventId }) };
    });
    return { streamId, expectedVersion, events, group: 'g' };
  });
}

async function run(lane: string): Promise<never> {
  const written = [0, 0, 0];
  for (let round = 0; ; round += 1) {
    const requests = nextRequests(lane, round, written);
    const results = await answered(() => store.append(requests));
    results.forEach((result, i) => {
      if (result.outcome !== 'appended') throw new Error(`${lane}: ${JSON.stringify(result)}`);
      written[i] = result.version;
      const said = requests[i]?.events.map(({ eventId }, at) => [
        eventId,
        String(result.firstPosition + BigInt(at)),
      ]);
      process.stdout.write(`${JSON.stringify(said)}\n`);
    });
  }
}

async function answered<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      await pause(RETRY_MS);
    }
  }
}

await Promise.all(Array.from({ length: LANES }, () => run(randomUUID())));
