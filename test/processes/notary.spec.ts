import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { aStream, appendOne, someEvents, to } from '@fundflow/event-store/contract-events';
import {
  openPostgresEventStore,
  type PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { proveConsistency, verifyConsistency } from '@fundflow/proof/consistency';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { parseNote } from '@fundflow/proof/note';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { openTiles } from '@fundflow/proof/tile-reader';
import pg from 'pg';
import { eventually } from '../support/eventually.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOADER = join(ROOT, 'test/support/typescript.mjs');
/** Each starts processes that compile their sources first: on a busy machine that takes a while. */
const TEST_MS_MAX = 240_000;

let folder: string;
let url: string;
let pool: pg.Pool;
let store: PostgresEventStore;
let checkpoints: CheckpointTable;
const children = new Set<ChildProcess>();

interface Running {
  readonly url: string;
  /** Everything it said. */
  said(): string;
  kill(signal: NodeJS.Signals): Promise<void>;
}

async function run(
  mode: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const script = join(ROOT, 'apps/notary/main.ts');
  const child = spawn(process.execPath, ['--import', LOADER, script, mode], {
    env: {
      ...{ ...process.env, NODE_OPTIONS: '', FUNDFLOW_PORT: '0', FUNDFLOW_LOG_LEVEL: 'error' },
      ...{ FUNDFLOW_DATABASE_URL: url, FUNDFLOW_DATA: join(folder, 'data') },
      ...{ FUNDFLOW_LOG_ORIGIN: 'fund.example.org/tlog/fund-plan', ...environment },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
        const found = /https?:\/\/127\.0\.0\.1:\d+/.exec(said);
        if (found) resolve(found[0]);
      });
    }
    child.once('exit', (code) => reject(new Error(`${mode} ended with ${code}: ${said}`)));
  });
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
    children.delete(child);
  };
  return { url: address, said: () => said, kill };
}

const append = (count: number): Promise<unknown> =>
  appendOne(store, to(aStream(), 0, someEvents(count)));

const headOf = (note: string) => parseCheckpoint(parseNote(note).text);

const signedUpTo = (size: number) =>
  eventually(async () => {
    const newest = await checkpoints.newest('signed');
    return newest !== null && newest.size >= size ? newest : null;
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fundflow-notary-process-'));
  url = await (await startTestDatabase()).createDatabase();
  pool = new pg.Pool({ connectionString: url, max: 4 });
  await createEventStoreSchema({ connectionString: url });
  await createTlogSchema(pool);
  store = await openPostgresEventStore({ connectionString: url });
  checkpoints = new CheckpointTable(pool, 'fund-plan');
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await store.close();
  await pool.end();
  await rm(folder, { recursive: true, force: true });
});

describe('the signer as a process of its own', () => {
  it(
    'killed again and again while the log grows, signs one history and all of it',
    async () => {
      const seen = new Map<number, Uint8Array>();
      let posted = 0;
      for (let round = 0; round < 3; round += 1) {
        const signer = await run('sign');
        // Staggered: each round it dies at another place of its work, after another number of signatures.
        for (let i = 0; i <= round; i += 1) {
          await append(40 + round);
          posted += 40 + round;
          const { size, note } = await signedUpTo(i === round ? 0 : posted);
          seen.set(size, headOf(note).root);
        }
        await signer.kill('SIGKILL');
      }
      const last = await run('sign');
      await append(1);
      const { note } = await signedUpTo(posted + 1);
      const { size, root } = headOf(note);
      const { read } = await openTiles(
        tree,
        { size, root },
        new TileTable(pool, 'fund-plan').fetch,
      );
      for (const [oldSize, oldRoot] of seen) {
        const proof = await proveConsistency(tree, oldSize, size, read);
        expect(verifyConsistency(tree, { oldSize, size, oldRoot, root }, proof)).toBe(true);
      }
      expect((await fetch(`${last.url}/health/ready`)).status).toBe(200);
      await last.kill('SIGTERM');
    },
    TEST_MS_MAX,
  );

  it(
    'says aloud that an old backup was brought back, and signs nothing',
    async () => {
      const before = (await checkpoints.newest('signed'))!;
      await pool.query('ALTER TABLE event_store.es_events DISABLE TRIGGER es_append_only');
      await pool.query('ALTER TABLE event_store.es_head DISABLE TRIGGER es_only_up');
      const kept = await pool.query(
        `WITH gone AS (DELETE FROM event_store.es_events WHERE position > $1 RETURNING *)
       SELECT json_agg(gone) AS rows FROM gone`,
        [before.size - 20],
      );
      await pool.query('UPDATE event_store.es_head SET position = $1', [before.size - 20]);
      await pool.query('TRUNCATE tlog.trees, tlog.tiles');
      const signer = await run('sign');
      const report = await eventually(async () => {
        const ready = await fetch(`${signer.url}/health/ready`);
        return ready.status === 503 ? ready.text() : null;
      });
      expect(report).toContain('恢复了旧备份');
      expect((await checkpoints.newest('signed'))?.size).toBe(before.size);
      await signer.kill('SIGTERM');
      // The newer data come back, and it goes on.
      await pool.query(
        'INSERT INTO event_store.es_events SELECT * FROM json_populate_recordset(null::event_store.es_events, $1)',
        [JSON.stringify(kept.rows[0].rows)],
      );
      await pool.query('UPDATE event_store.es_head SET position = $1', [before.size]);
      const again = await run('sign');
      await append(3);
      await signedUpTo(before.size + 3);
      await again.kill('SIGTERM');
    },
    TEST_MS_MAX,
  );

  it(
    'is witnessed by a witness that is a process too, and was killed in between',
    async () => {
      const vkeyFile = join(folder, 'logs');
      await writeFile(vkeyFile, `${(await new TileTable(pool, 'fund-plan').tree())!.vkey}\n`);
      const witnessing = {
        ...{ FUNDFLOW_WITNESS_NAME: 'witness.example.org/w1', FUNDFLOW_WITNESS_LOGS: vkeyFile },
        FUNDFLOW_WITNESS_DIR: join(folder, 'witness'),
      };
      const first = await run('witness', witnessing);
      const port = new URL(first.url).port;
      const vkey = await eventually(() =>
        Promise.resolve(/witness\.example\.org\/w1\+\S+/.exec(first.said())?.[0] ?? null),
      );
      const policy = join(folder, 'policy');
      await writeFile(policy, `witness w1 ${vkey} ${first.url}\nquorum w1\n`);
      await pool.query('UPDATE tlog.checkpoints SET witnessed = false');
      const signer = await run('sign', { FUNDFLOW_WITNESS_POLICY: policy });
      await append(5);
      const witnessedAfter = (size: number) =>
        eventually(async () => {
          const newest = await checkpoints.newest('witnessed');
          return newest !== null && newest.size > size ? newest : null;
        });
      const { size } = await witnessedAfter(0);
      await first.kill('SIGKILL');
      await append(7);
      await run('witness', { ...witnessing, FUNDFLOW_PORT: port });
      expect((await witnessedAfter(size)).note).toContain('— witness.example.org/w1 ');
      await signer.kill('SIGTERM');
    },
    TEST_MS_MAX,
  );
});
