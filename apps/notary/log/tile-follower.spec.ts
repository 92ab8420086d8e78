import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { CompactRange } from '@fundflow/proof/compact-range';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { TileMissing, TileTable } from '@fundflow/proof/postgres/tile-table';
import { openTiles, TamperedTile } from '@fundflow/proof/tile-reader';
import pg from 'pg';
import { TileFollower } from './tile-follower.js';
import { aLogOf } from '../../../test/support/a-log.js';

const NAMED = { origin: 'fund.example.org/tlog/fund-plan', vkey: 'a key' };

let pool: pg.Pool;
let table: TileTable;
beforeAll(async () => {
  const connectionString = await (await startTestDatabase()).createDatabase();
  pool = new pg.Pool({ connectionString, max: 4 });
  await createTlogSchema(pool);
});
afterAll(() => pool.end());
beforeEach(async () => {
  await pool.query('TRUNCATE tlog.trees, tlog.tiles');
  table = new TileTable(pool, 'fund-plan');
  await table.begin(NAMED);
});

const rootOf = (records: readonly string[]): Uint8Array => {
  const range = CompactRange.empty(tree);
  for (const record of records) range.append(tree.leaf(record));
  return range.root();
};

async function followed(
  log: ReturnType<typeof aLogOf>,
  pageRecordsMax = 100,
): Promise<TileFollower> {
  const follower = new TileFollower({ log, table, tree, pageRecordsMax });
  await follower.load();
  for (let rounds = 0; rounds < 1_000; rounds += 1) {
    if ((await follower.step()) === 'caught-up') return follower;
  }
  throw new Error('the log has no end');
}

describe('the tiles of the log', () => {
  it.each([1, 255, 256, 257, 1_000, 70_000])('stand for a log of %d records', async (count) => {
    const log = aLogOf(count);
    await followed(log, 5_000);
    const { size, range } = (await table.tree())!;
    const root = rootOf(log.records);
    expect(size).toBe(count);
    expect(CompactRange.deserialise(tree, size, range).root()).toEqual(root);
    const reader = await openTiles(tree, { size, root }, table.fetch);
    const leaves = await reader.leaves(0);
    expect(Buffer.from(leaves.subarray(0, 32))).toEqual(Buffer.from(tree.leaf(log.records[0]!)));
  });

  it('go on where another process left them, page by page', async () => {
    const log = aLogOf(300);
    await followed(log);
    log.append(500);
    await followed(log, 70);
    const { size, range } = (await table.tree())!;
    expect(size).toBe(800);
    expect(CompactRange.deserialise(tree, size, range).root()).toEqual(rootOf(log.records));
  });

  it('are written once when two follow at the same time', async () => {
    const log = aLogOf(2_000);
    const two = [1, 2].map(() => new TileFollower({ log, table, tree, pageRecordsMax: 130 }));
    let [overtaken, caughtUp] = [0, 0];
    await Promise.all(two.map((follower) => follower.load()));
    for (let rounds = 0; rounds < 200 && caughtUp < 2; rounds += 1) {
      const outcomes = await Promise.all(two.map((follower) => follower.step()));
      caughtUp = outcomes.filter((outcome) => outcome === 'caught-up').length;
      for (const [at, outcome] of outcomes.entries()) {
        if (outcome !== 'overtaken') continue;
        overtaken += 1;
        await two[at]!.load();
      }
    }
    expect(overtaken).toBeGreaterThan(0);
    const { size, range } = (await table.tree())!;
    expect(size).toBe(2_000);
    const root = CompactRange.deserialise(tree, size, range).root();
    expect(root).toEqual(rootOf(log.records));
    await openTiles(tree, { size, root }, table.fetch);
  });

  it('stop a follower that finds the right edge edited or rolled back', async () => {
    const log = aLogOf(700);
    await followed(log);
    const follower = new TileFollower({ log, table, tree });
    await pool.query(
      `UPDATE tlog.tiles SET hashes = set_byte(hashes, 5, (get_byte(hashes, 5) + 1) % 256)
       WHERE level = 0 AND index = 2`,
    );
    await expect(follower.load()).rejects.toThrow(TamperedTile);
    await pool.query('DELETE FROM tlog.tiles WHERE level = 0 AND index = 2');
    await expect(follower.load()).rejects.toThrow(TileMissing);
  });

  it('stay as they are when a page cannot be read', async () => {
    const log = aLogOf(300);
    await followed(log);
    log.append(10);
    const follower = new TileFollower({ log, table, tree });
    await follower.load();
    log.failWith(new Error('the database is away'));
    await expect(follower.step()).rejects.toThrow('the database is away');
    expect((await table.tree())?.size).toBe(300);
    log.failWith(null);
    await follower.load();
    expect(await follower.step()).toMatchObject({ run: { first: 300 }, to: 310, full: false });
  });
});
