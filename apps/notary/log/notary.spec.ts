import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { CompactRange } from '@fundflow/proof/compact-range';
import { verifyConsistency, proveConsistency } from '@fundflow/proof/consistency';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { LeafFile } from '@fundflow/proof/files/leaf-file';
import { MemoryFile } from '@fundflow/proof/files/memory-file';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { parseNote } from '@fundflow/proof/note';
import { judgeCheckpoint, parsePolicy } from '@fundflow/proof/policy';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { parseMemory } from '@fundflow/proof/signer';
import { openTiles } from '@fundflow/proof/tile-reader';
import { LOG_NAME, POLICY_OF_NOBODY } from '@fundflow/runtime/public-log';
import pg from 'pg';
import { type ALog, aLogOf } from '../../../test/support/a-log.js';
import { eventually } from '../../../test/support/eventually.js';
import type { NotarySettings } from '../settings.js';
import { adoptLog, type Adoption } from './adopt.js';
import { type LogState, openNotary } from './open-notaries.js';

let pool: pg.Pool;
let directory: string;
const running = new Set<() => Promise<void>>();

beforeAll(async () => {
  const connectionString = await (await startTestDatabase()).createDatabase();
  pool = new pg.Pool({ connectionString, max: 8 });
  await createTlogSchema(pool);
});
beforeEach(async () => {
  await pool.query('TRUNCATE tlog.trees, tlog.tiles, tlog.checkpoints CASCADE');
  directory = join(await mkdtemp(join(tmpdir(), 'fundflow-notary-')), 'notary');
});
afterEach(async () => {
  await Promise.all([...running].map((stop) => stop()));
  await rm(join(directory, '..'), { recursive: true, force: true });
});
afterAll(() => pool.end());

const settings = (changed: Partial<NotarySettings> = {}): NotarySettings => ({
  ...{ directory, origin: 'fund.example.org/tlog/fund-plan', originIsGiven: false, key: null },
  ...{ policy: POLICY_OF_NOBODY, sm3: false, ...changed },
});

interface Started {
  state(): LogState | null;
  stop(): Promise<void>;
}

async function start(log: ALog, changed: Partial<NotarySettings> = {}): Promise<Started> {
  let state: LogState | null = null;
  const { notary } = await openNotary({
    ...{ log: LOG_NAME, tree, settings: settings(changed), pool, source: log },
    onState: (said) => {
      state = said;
    },
  });
  const ending = new AbortController();
  const done = notary.run(ending.signal);
  const stop = async (): Promise<void> => {
    ending.abort();
    await done;
    running.delete(stop);
  };
  running.add(stop);
  return { state: () => state, stop };
}

const signed = async (): Promise<{ size: number; root: Uint8Array; note: string } | null> => {
  const newest = await new CheckpointTable(pool, LOG_NAME).newest('signed');
  return newest && { ...parseCheckpoint(parseNote(newest.note).text), note: newest.note };
};
const signedUpTo = (size: number) =>
  eventually(async () => {
    const checkpoint = await signed();
    return checkpoint?.size === size ? checkpoint : null;
  });
const inState = ({ state }: Started, wanted: LogState['state']): Promise<LogState> =>
  eventually(async () => {
    const now = state();
    return now?.state === wanted ? now : null;
  });

const rootOf = (records: readonly string[]): Uint8Array => {
  const range = CompactRange.empty(tree);
  for (const record of records) range.append(tree.leaf(record));
  return range.root();
};

async function leavesOf(file: LeafFile, size: number): Promise<Uint8Array[]> {
  const leaves: Uint8Array[] = [];
  for await (const page of file.pages(size)) {
    leaves.push(...page.map((leaf) => new Uint8Array(leaf)));
  }
  return leaves;
}

describe('the notary', () => {
  it('signs what the log holds, from nothing on, with a key it made', async () => {
    const log = aLogOf(0);
    await start(log);
    expect((await signedUpTo(0)).root).toEqual(tree.empty());
    log.append(300);
    const { root, note } = await signedUpTo(300);
    expect(root).toEqual(rootOf(log.records));
    const { vkey } = (await new TileTable(pool, LOG_NAME).tree())!;
    const policy = parsePolicy(`log ${vkey}\nquorum none\n`, nodeCrypto);
    expect(judgeCheckpoint(note, policy, nodeCrypto).outcome).toBe('accepted');
  });

  it('goes on from its memory when it starts again', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    log.append(44);
    await start(log);
    expect((await signedUpTo(344)).root).toEqual(rootOf(log.records));
  });

  it('publishes again what it had signed when a crash came before the publication', async () => {
    const log = aLogOf(20);
    const first = await start(log);
    await signedUpTo(20);
    await first.stop();
    await pool.query(
      `UPDATE tlog.checkpoints SET size = 3,
       note = (SELECT note FROM tlog.checkpoints ORDER BY size LIMIT 1)`,
    );
    await start(log);
    await signedUpTo(20);
  });

  it('keeps the leaves it signed, also those from before it kept any', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    const leaves = new LeafFile(directory, LOG_NAME);
    expect(await leavesOf(leaves, 300)).toEqual(log.records.map((record) => tree.leaf(record)));
    await rm(join(directory, `${LOG_NAME}.leaves`));
    log.append(44);
    await start(log);
    await signedUpTo(344);
    expect(await leavesOf(leaves, 400)).toEqual(log.records.map((record) => tree.leaf(record)));
  });

  it('refuses to go on from an older memory than its leaves', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    await cp(directory, `${directory}-old`, { recursive: true });
    log.append(10);
    const second = await start(log);
    await signedUpTo(310);
    await second.stop();
    const newer = join(directory, `${LOG_NAME}.leaves`);
    await rm(join(`${directory}-old`, `${LOG_NAME}.leaves`));
    await cp(newer, join(`${directory}-old`, `${LOG_NAME}.leaves`));
    await rm(directory, { recursive: true });
    await cp(`${directory}-old`, directory, { recursive: true });
    const { failure } = await inState(await start(log), 'refused');
    expect(failure).toContain('恢复了旧的记忆文件');
  });

  it('refuses a log that lost its tail or came back from an old backup, and says so', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    log.records.length = 290;
    await pool.query('TRUNCATE tlog.trees, tlog.tiles');
    const { failure, signedSize } = await inState(await start(log), 'refused');
    expect(failure).toContain('账本被截短，或恢复了旧备份');
    expect(signedSize).toBe(300);
  });

  it('refuses an old backup also when the log has grown beyond what was signed', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    log.records.length = 290;
    for (let i = 0; i < 50; i += 1) log.records.push(`{"新":${i}}`);
    await pool.query('TRUNCATE tlog.trees, tlog.tiles');
    const { failure } = await inState(await start(log), 'refused');
    expect(failure).toMatch(/history-changed|tiles-differ/);
    expect((await signed())?.size).toBe(300);
  });

  it('refuses when a record was changed and the tiles made anew', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    log.records[17] = '{"改":17}';
    await pool.query('TRUNCATE tlog.trees, tlog.tiles');
    expect((await inState(await start(log), 'refused')).failure).toContain('tiles-differ');
  });

  it('makes the tiles again when they were lost or rolled back and the log was not', async () => {
    const log = aLogOf(700);
    const first = await start(log);
    const { root } = await signedUpTo(700);
    await first.stop();
    await pool.query('TRUNCATE tlog.trees, tlog.tiles');
    log.append(1);
    await start(log);
    await signedUpTo(701);
    const table = new TileTable(pool, LOG_NAME);
    await openTiles(tree, { size: 700, root }, table.fetch);
  });

  it('refuses to begin anew when its memory is gone', async () => {
    const log = aLogOf(30);
    const first = await start(log);
    await signedUpTo(30);
    await first.stop();
    await rm(join(directory, `${LOG_NAME}.1`));
    await rm(join(directory, `${LOG_NAME}.2`), { force: true });
    expect((await inState(await start(log), 'refused')).failure).toContain('记忆文件不见了');
  });

  describe('whose memory is gone', () => {
    let log: ALog;
    let head: { size: number; root: Uint8Array };
    const names = () => readdir(directory);
    const adopt = (changed: Partial<Adoption> = {}) =>
      adoptLog({
        ...{ origin: 'fund.example.org/tlog/fund-plan', tree, head, log },
        memory: new MemoryFile(directory, LOG_NAME),
        leaves: new LeafFile(directory, LOG_NAME),
        ...changed,
      });

    beforeEach(async () => {
      log = aLogOf(300);
      const first = await start(log);
      head = await signedUpTo(300);
      log.append(40);
      await signedUpTo(340);
      await first.stop();
      for (const name of await names()) {
        if (/^fund-plan\.\d+$/.test(name)) await rm(join(directory, name));
      }
    });

    it('goes on from a checkpoint that was kept elsewhere, and from every leaf that is still there', async () => {
      expect(await adopt()).toBeNull();
      const { text } = (await new MemoryFile(directory, LOG_NAME).read())!;
      expect(parseMemory(text, tree).range.root()).toEqual(rootOf(log.records));
      log.append(3);
      await start(log);
      expect((await signedUpTo(343)).root).toEqual(rootOf(log.records));
    });

    it('goes on without its leaves too', async () => {
      await rm(join(directory, `${LOG_NAME}.leaves`));
      expect(await adopt()).toBeNull();
      log.append(3);
      await start(log);
      await signedUpTo(343);
      expect(await leavesOf(new LeafFile(directory, LOG_NAME), 400)).toHaveLength(343);
    });

    it.each([
      ['that head', 17],
      ['the leaves after it', 320],
    ])('does not go on with a log that does not have %s', async (_, index) => {
      log.records[index] = '{"改":1}';
      expect(await adopt()).toBe('log-differs');
      expect(await new MemoryFile(directory, LOG_NAME).read()).toBeNull();
    });

    it('does not replace a memory that is there', async () => {
      expect(await adopt()).toBeNull();
      expect(await adopt()).toBe('memory-present');
    });
  });

  it('does not make another key for a log that was signed', async () => {
    const log = aLogOf(30);
    const first = await start(log);
    await signedUpTo(30);
    await first.stop();
    await rm(join(directory, `${LOG_NAME}.key`));
    await expect(start(log)).rejects.toThrow('请放回原密钥');
  });

  it('stops at a key that is not that of the log', async () => {
    const log = aLogOf(30);
    const first = await start(log);
    await signedUpTo(30);
    await first.stop();
    await rm(directory, { recursive: true });
    await pool.query('TRUNCATE tlog.checkpoints CASCADE');
    expect((await inState(await start(log), 'stopped')).failure).toContain('不符');
  });

  it('waits for a database that is away and then goes on', async () => {
    const log = aLogOf(10);
    const notary = await start(log);
    await signedUpTo(10);
    log.failWith(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    log.append(1);
    await inState(notary, 'retrying');
    log.failWith(null);
    await signedUpTo(11);
    await inState(notary, 'following');
  });

  it('signs one history also when two of it have one memory', async () => {
    const log = aLogOf(100);
    await Promise.all([start(log), start(log)]);
    const seen = new Map<number, Uint8Array>();
    for (let i = 0; i < 8; i += 1) {
      log.append(37);
      const { size, root } = await signedUpTo(log.records.length);
      seen.set(size, root);
    }
    const table = new TileTable(pool, LOG_NAME);
    const size = log.records.length;
    const root = rootOf(log.records);
    const { read } = await openTiles(tree, { size, root }, table.fetch);
    for (const [oldSize, oldRoot] of seen) {
      const proof = await proveConsistency(tree, oldSize, size, read);
      expect(verifyConsistency(tree, { oldSize, size, oldRoot, root }, proof)).toBe(true);
    }
  });
});
