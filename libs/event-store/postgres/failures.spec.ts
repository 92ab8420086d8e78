import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import pg from 'pg';
import { accepted, aStream, appendOne, outcomes, someEvents, to } from '../contract-events.js';
import { EventStoreUnavailable, NEVER_REACHED } from '../event-store.js';
import { type PostgresEventStore, openPostgresEventStore } from './postgres-event-store.js';
import { createEventStoreSchema } from './schema.js';

const APPEND_LOCK = '7812317201810';
/** Longer than any test may take: who waits for it has not been woken. */
const NEVER_MS = 3_600_000;

let connectionString: string;
let owner: pg.Client;

beforeAll(async () => {
  connectionString = await (await startTestDatabase()).createDatabase();
  await createEventStoreSchema({ connectionString });
  owner = new pg.Client({ connectionString });
  await owner.connect();
});
afterAll(() => owner.end());

/** Waits until a session of this database is in the middle of what `where` says. */
async function sessionWhere(where: string): Promise<number> {
  for (;;) {
    const { rows } = await owner.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND ${where}`,
    );
    if (rows[0] !== undefined) return rows[0].pid;
    await turn();
  }
}

const APPENDING = `application_name = 'event-store writer' AND wait_event_type = 'Lock'`;
const LISTENING = `application_name = 'event-store listener' AND query LIKE '%es_head%'
  AND state = 'idle'`;

async function withLockHeld(work: () => Promise<void>): Promise<void> {
  await owner.query(`SELECT pg_advisory_lock(${APPEND_LOCK})`);
  try {
    await work();
  } finally {
    await owner.query(`SELECT pg_advisory_unlock(${APPEND_LOCK})`);
  }
}

describe('an append whose session is ended before it got its turn', () => {
  it('is reported as unknown, happened not, and can be repeated on a new connection', async () => {
    const store = await openPostgresEventStore({ connectionString });
    const [first, second] = [to(aStream(), 0, someEvents(2)), to(aStream(), 0, someEvents(1))];
    const before = await store.head();
    await withLockHeld(async () => {
      const lost = store.append([first]);
      const refusal = expect(lost).rejects.toThrow(EventStoreUnavailable);
      await owner.query('SELECT pg_terminate_backend($1)', [await sessionWhere(APPENDING)]);
      await refusal;
    });
    expect(await store.head()).toBe(before);
    const results = await store.append([first, second]);
    expect(results.map(accepted).map((r) => r.repeated)).toEqual([false, false]);
    await store.close();
  });

  it('takes only the batch under way along: what waited behind it is appended', async () => {
    const store = await openPostgresEventStore({ connectionString });
    const behind = to(aStream(), 0, someEvents(1));
    let waited: Promise<unknown> = Promise.resolve();
    await withLockHeld(async () => {
      const lost = expect(store.append([to(aStream(), 0, someEvents(1))])).rejects.toThrow(
        EventStoreUnavailable,
      );
      const pid = await sessionWhere(APPENDING);
      waited = appendOne(store, behind);
      await owner.query('SELECT pg_terminate_backend($1)', [pid]);
      await lost;
    });
    expect(await waited).toMatchObject({ outcome: 'appended', repeated: false });
    await store.close();
  });
});

describe('an append whose answer is lost on the way', () => {
  it('is reported as unknown, happened, and answers with the first result again', async () => {
    const wire = await brittleWire(connectionString);
    const store = await openPostgresEventStore({ connectionString: wire.url });
    await appendOne(store, to(aStream(), 0, someEvents(1)));
    const request = to(aStream(), 0, someEvents(3));
    const before = await store.head();
    await withLockHeld(async () => {
      const lost = expect(store.append([request])).rejects.toThrow(EventStoreUnavailable);
      await sessionWhere(APPENDING);
      // From now on the server's answers go nowhere, but the server does not know.
      wire.cutClients();
      await lost;
    });
    // Behind the lost one in the queue for the lock, thus after it.
    const again = accepted(await appendOne(store, request));
    expect(again).toEqual({
      outcome: 'appended',
      firstPosition: before + 1n,
      lastPosition: before + 3n,
      version: 3,
      repeated: true,
    });
    expect(await store.head()).toBe(before + 3n);
    await store.close();
    await wire.close();
  });
});

describe('without a server', () => {
  it('everything is unavailable, nothing hangs, and all works when it is back', async () => {
    const wire = await brittleWire(connectionString);
    const store = await openPostgresEventStore({ connectionString: wire.url });
    const request = to(aStream(), 0, someEvents(1));
    wire.refuse();
    await expect(store.append([request])).rejects.toThrow(EventStoreUnavailable);
    await expect(store.readAll(0n, 1)).rejects.toThrow(EventStoreUnavailable);
    await expect(store.head()).rejects.toThrow(EventStoreUnavailable);
    await store.waitForEventsAfter(1_000_000n, 1);
    await expect(openPostgresEventStore({ connectionString: wire.url })).rejects.toThrow(
      EventStoreUnavailable,
    );
    wire.allow();
    expect(accepted(await appendOne(store, request)).repeated).toBe(false);
    await store.close();
    await wire.close();
  });
});

describe('those who wait for events', () => {
  it('hear of them again after their connection was lost, and of what came meanwhile', async () => {
    const [reader, writer] = await Promise.all([
      openPostgresEventStore({ connectionString }),
      openPostgresEventStore({ connectionString }),
    ]);
    const woken = reader.waitForEventsAfter(await writer.head(), NEVER_MS);
    const pid = await sessionWhere(LISTENING);
    await owner.query('SELECT pg_terminate_backend($1)', [pid]);
    await appendOne(writer, to(aStream(), 0, someEvents(1)));
    await woken;
    const again = reader.waitForEventsAfter(await writer.head(), NEVER_MS);
    await appendOne(writer, to(aStream(), 0, someEvents(1)));
    await again;
    await Promise.all([reader.close(), writer.close()]);
  });

  it('are woken, also those who wait for no event at all, when another process wants an answer', async () => {
    const [gathering, asking] = await Promise.all([
      openPostgresEventStore({ connectionString }),
      openPostgresEventStore({ connectionString }),
    ]);
    const woken = gathering.waitForEventsAfter(NEVER_REACHED, NEVER_MS);
    await sessionWhere(LISTENING);
    await appendOne(asking, to(aStream(), 0, someEvents(1)));
    await asking.wake();
    await woken;
    await Promise.all([gathering.close(), asking.close()]);
  });

  it('are not disturbed by what strangers say on the channel', async () => {
    const store = await openPostgresEventStore({ connectionString });
    const head = await store.head();
    const woken = store.waitForEventsAfter(head, NEVER_MS);
    await sessionWhere(LISTENING);
    await owner.query(`NOTIFY event_store, 'hello'`);
    await woken;
    expect(await store.head()).toBe(head);
    await store.close();
  });
});

describe('under load', () => {
  let store: PostgresEventStore;
  beforeAll(async () => {
    store = await openPostgresEventStore({ connectionString });
  });
  afterAll(() => store.close());

  it('requests share batches: far fewer commits than requests, one notification each', async () => {
    const notified: string[] = [];
    owner.on('notification', ({ payload }) => notified.push(payload ?? ''));
    await owner.query('LISTEN event_store');
    const before = await store.head();
    const calls = Array.from({ length: 2_000 }, () =>
      appendOne(store, to(aStream(), 0, someEvents(1))),
    );
    expect(new Set(outcomes(await Promise.all(calls)))).toEqual(new Set(['appended']));
    const head = await store.head();
    expect(head).toBe(before + 2_000n);
    while (notified.at(-1) !== String(head)) await owner.query('SELECT 1');
    expect(notified.length).toBeLessThanOrEqual(5);
    await owner.query('UNLISTEN event_store');
  });

  it('closing waits for what was accepted before', async () => {
    const closing = await openPostgresEventStore({ connectionString });
    const calls = Array.from({ length: 1_200 }, () =>
      appendOne(closing, to(aStream(), 0, someEvents(1))),
    );
    await closing.close();
    expect(new Set(outcomes(await Promise.all(calls)))).toEqual(new Set(['appended']));
    await expect(closing.append([])).rejects.toThrow(EventStoreUnavailable);
  });
});

/** A way to the server that can be cut on the client's side alone, or closed. */
async function brittleWire(target: string) {
  const url = new URL(target);
  const clients = new Set<Socket>();
  const all = new Set<Socket>();
  let open = true;
  const server: Server = createServer((client) => {
    if (!open) return client.destroy();
    const upstream = connect(Number(url.port), url.hostname);
    clients.add(client);
    all.add(client).add(upstream);
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => !client.destroyed && client.write(chunk));
    // The server keeps its half: it finds out about the loss only when it answers.
    client.on('error', () => undefined);
    client.on('end', () => upstream.end());
    upstream.on('error', () => client.destroy());
    upstream.on('end', () => client.end());
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutClients = () => {
    for (const client of clients) client.destroy();
    clients.clear();
  };
  const through = new URL(target);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    cutClients,
    refuse: () => {
      open = false;
      cutClients();
    },
    allow: () => (open = true),
    close: async () => {
      for (const socket of all) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
