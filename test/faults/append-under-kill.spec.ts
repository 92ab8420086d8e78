import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '@fundflow/embedded-postgres/embedded-postgres';
import { isAlive } from '@fundflow/embedded-postgres/process-mark';
import {
  type PostgresEventStore,
  openPostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ScriptProcess, runScript } from './server-process.js';

const ROUNDS = 3;
const ACKNOWLEDGED_A_ROUND = 300;
const POLL_MS = 10;
const PAGE = 5_000;

describe('two processes that append while the server and one of them are killed', () => {
  let dataDir: string;
  let server: EmbeddedPostgres;
  const writers: ScriptProcess[] = [];
  const acknowledged = new Map<string, string>();

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'fundflow-kill-'));
    await chmod(dataDir, 0o711);
    server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'data') });
    await createEventStoreSchema({ connectionString: server.connectionString });
  });
  afterAll(async () => {
    for (const writer of writers) await writer.kill();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Collects what the writer was told, until it is killed; resolves after the first of it. */
  async function startWriter(): Promise<ScriptProcess> {
    const writer = runScript('appender.ts', [server.connectionString]);
    writers.push(writer);
    const collect = (line: readonly [string, string][]): void => {
      for (const [eventId, position] of line) acknowledged.set(eventId, position);
    };
    collect(await writer.next());
    const collectAll = async (): Promise<void> => {
      for (;;) collect(await writer.next());
    };
    // Ends with the writer.
    collectAll().catch(() => undefined);
    return writer;
  }

  async function moreAcknowledged(): Promise<void> {
    const enough = acknowledged.size + ACKNOWLEDGED_A_ROUND;
    while (acknowledged.size < enough) await pause(POLL_MS);
  }

  async function killServerAndRestart(): Promise<void> {
    const port = Number(new URL(server.connectionString).port);
    process.kill(server.pid, 'SIGKILL');
    while (isAlive(server.pid)) await pause(POLL_MS);
    await server.stop();
    server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'data'), port });
    expect(server.adopted).toBe(false);
  }

  it('lose no acknowledged event, double none, and leave no gap', async () => {
    await startWriter();
    for (let round = 0; round < ROUNDS; round += 1) {
      const doomed = await startWriter();
      await moreAcknowledged();
      await killServerAndRestart();
      await moreAcknowledged();
      await doomed.kill();
    }
    for (const writer of writers) await writer.kill();

    const store = await openPostgresEventStore({ connectionString: server.connectionString });
    const { positions, versions } = await wholeLog(store);
    expect(positions.size).toBe(Number(await store.head()));
    const missing = [...acknowledged].filter(([id, position]) => positions.get(id) !== position);
    expect(missing).toEqual([]);
    expect(await store.streamVersions([...versions.keys()])).toEqual(versions);
    await store.close();
  });
});

/** `readAll` itself throws on a gap; here versions are counted along. */
async function wholeLog(store: PostgresEventStore) {
  const positions = new Map<string, string>();
  const versions = new Map<string, number>();
  let after = 0n;
  for (;;) {
    const page = await store.readAll(after, PAGE);
    if (page.length === 0) return { positions, versions };
    for (const { eventId, position, streamId, version } of page) {
      expect(positions.has(eventId)).toBe(false);
      expect(version).toBe((versions.get(streamId) ?? 0) + 1);
      positions.set(eventId, String(position));
      versions.set(streamId, version);
      after = position;
    }
  }
}
