import { RecordMissing } from '@fundflow/event-store/event-store';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { CompactRange } from '@fundflow/proof/compact-range';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import pg from 'pg';
import { type ALog, aLogOf } from '../../../test/support/a-log.js';
import { TileFollower } from '../log/tile-follower.js';
import { LeafHasher } from './leaf-hasher.js';
import { type KnownHead, type LogVerdict, verifyLog } from './verify-log.js';

const SIZE = 1_500;

let pool: pg.Pool;
let table: TileTable;
let log: ALog;
let head: KnownHead;

async function follow(): Promise<void> {
  await pool.query('TRUNCATE tlog.trees, tlog.tiles');
  await table.begin({ origin: 'fund.example.org/tlog/fund-plan', vkey: 'a key' });
  const follower = new TileFollower({ log, table, tree });
  await follower.load();
  await follower.step();
}

beforeAll(async () => {
  const connectionString = await (await startTestDatabase()).createDatabase();
  pool = new pg.Pool({ connectionString, max: 4 });
  await createTlogSchema(pool);
});
afterAll(() => pool.end());
beforeEach(async () => {
  table = new TileTable(pool, 'fund-plan');
  log = aLogOf(SIZE);
  await follow();
  const range = CompactRange.empty(tree);
  for (const record of log.records) range.append(tree.leaf(record));
  head = { source: 'signed', size: SIZE, root: range.root() };
});

const verify = (changed: Partial<Parameters<typeof verifyLog>[0]> = {}): Promise<LogVerdict> =>
  verifyLog({ log, table, tree, heads: [head], pageRecordsMax: 512, ...changed });

const edit = (level: number, index: number, at: number): Promise<unknown> =>
  pool.query(
    `UPDATE tlog.tiles SET hashes = set_byte(hashes, $3, (get_byte(hashes, $3) + 1) % 256)
     WHERE level = $1 AND index = $2`,
    [level, index, at],
  );

describe('the whole log against what was signed', () => {
  it('agrees, with every tile looked at', async () => {
    expect(await verify()).toEqual({
      ...{ records: SIZE, tiles: 5 + 1 + 1, root: head.root, problems: [] },
    });
  });

  it('says the same when a thread of its own hashes, also before a gap', async () => {
    const loader = new URL('../../../test/support/typescript.mjs', import.meta.url).href;
    const hasher = new LeafHasher(['--disable-warning=ExperimentalWarning', '--import', loader]);
    expect(await verify({ hasher })).toEqual(await verify());
    log.records[700] = '{"改":1}';
    expect(await verify({ hasher })).toEqual(await verify());
    expect((await verify({ hasher })).problems[0]).toMatchObject({ index: 700 });
    await hasher.close();
    await expect(verify({ hasher })).rejects.toThrow('thread');
  });

  it('agrees also beyond the last signature, and with a log whose tiles lag behind', async () => {
    log.append(300);
    expect((await verify()).problems).toEqual([]);
  });

  it.each([0, 17, 255, 256, 1_023, 1_279, 1_280, 1_499])(
    'names the record at index %d when it was changed',
    async (index) => {
      log.records[index] = '{"改":1}';
      const [problem] = (await verify()).problems;
      expect(problem).toMatchObject({ kind: 'record-changed', index });
    },
  );

  it.each([0, 700, 1_499])('names the place where a record was taken out: %d', async (index) => {
    log.records.splice(index, 1);
    log.records.push('{"新":1}');
    expect((await verify()).problems[0]).toMatchObject({ kind: 'record-changed', index });
  });

  it.each([0, 700, 1_499])('names the place where a record was put in: %d', async (index) => {
    log.records.splice(index, 0, '{"插":1}');
    expect((await verify()).problems[0]).toMatchObject({ kind: 'record-changed', index });
  });

  it('names the first of two records that changed places', async () => {
    [log.records[300], log.records[900]] = [log.records[900]!, log.records[300]!];
    expect((await verify()).problems[0]).toMatchObject({ kind: 'record-changed', index: 300 });
  });

  it.each([1_499, 1_280, 3, 0])('names what is gone when the log ends after %d', async (length) => {
    log.records.length = length;
    expect((await verify()).problems[0]).toMatchObject({ kind: 'log-is-shorter', index: length });
  });

  it('names a gap', async () => {
    const { readRecordBytes } = log;
    log.readRecordBytes = (after, limit) =>
      after + BigInt(limit) > 600n && after < 600n
        ? Promise.reject(new RecordMissing(601n, 602n))
        : readRecordBytes(after, limit);
    expect((await verify()).problems).toEqual([{ kind: 'record-missing', index: 600 }]);
  });

  it('finds a log that was written anew together with its tiles', async () => {
    log.records[900] = '{"改":1}';
    await follow();
    expect((await verify()).problems).toEqual([{ kind: 'log-differs', index: null, head }]);
  });

  it.each([
    ['a hash of a leaf', 0, 2, 33, 'tile/0/002', 513],
    ['a hash of the right edge', 0, 5, 0, 'tile/0/005.p/220', 1_280],
    ['a hash above', 1, 0, 40, 'tile/1/000.p/5', null],
  ])('finds %s that was edited', async (_, level, tileIndex, at, tile, index) => {
    await edit(level, tileIndex, at);
    expect((await verify()).problems).toEqual([{ kind: 'tile-changed', tile, index }]);
  });

  it('finds a tile that is gone', async () => {
    await pool.query('DELETE FROM tlog.tiles WHERE level = 0 AND index = 3');
    expect((await verify()).problems).toEqual([
      { kind: 'tile-missing', tile: 'tile/0/003', index: null },
    ]);
  });

  it.each([1, 255, 256, 257, 512, 600, 1_280])(
    'holds the log against a head of %d',
    async (size) => {
      const range = CompactRange.empty(tree);
      for (const record of log.records.slice(0, size)) range.append(tree.leaf(record));
      const pinned = { source: 'file', size, root: range.root() };
      expect((await verify({ heads: [head, pinned] })).problems).toEqual([]);
      const forged = { ...pinned, root: tree.leaf('another') };
      expect((await verify({ heads: [head, forged] })).problems).toEqual([
        { kind: 'log-differs', index: null, head: forged },
      ]);
    },
  );

  it('has nothing against an empty log', async () => {
    log.records.length = 0;
    await follow().catch(() => undefined);
    const empty = { source: 'signed', size: 0, root: tree.empty() };
    expect((await verify({ heads: [empty] })).problems).toEqual([]);
  });
});
