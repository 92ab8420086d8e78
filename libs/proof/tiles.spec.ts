import fc from 'fast-check';
import { plainRecords, plainTree } from '../../test/support/plain-tree.js';
import { CompactRange } from './compact-range.js';
import { proveConsistency } from './consistency.js';
import { proveInclusion } from './inclusion.js';
import { Malformed } from './malformed.js';
import { sha256Tree } from './node-hash.js';
import { TamperedTile, openTiles, type TileFetch } from './tile-reader.js';
import { TileWriter, type Tile } from './tile-writer.js';
import {
  decodeEntries,
  encodeEntries,
  entriesPath,
  parseTilePath,
  partialTiles,
  rootInTile,
  tilePath,
  tileWidthAt,
} from './tiles.js';
import { SIZE_MAX, rootOf } from './tree-nodes.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('paths of tiles, as C2SP tlog-tiles writes them', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 3, index: 999, width: 5 }, 'tile/3/999.p/5'],
    [{ level: 3, index: 1000, width: 255 }, 'tile/3/x001/000.p/255'],
    [{ level: 6, index: SIZE_MAX, width: 256 }, 'tile/6/x009/x007/x199/x254/x740/991'],
  ])('%j: %s', (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual({ kind: 'hashes', ...tile });
  });

  it('of entries carry the word in place of the level', () => {
    expect(entriesPath(1234067, 7)).toBe('tile/entries/x001/x234/067.p/7');
    const entries = { kind: 'entries', index: 1234067, width: 7 };
    expect(parseTilePath('tile/entries/x001/x234/067.p/7')).toEqual(entries);
  });

  it.each([
    ['', 'nothing'],
    ['tile/0/0', 'an index of one digit'],
    ['tile/0/0000', 'an index of four digits'],
    ['tile/0/x000/001', 'an element too many'],
    ['tile/0/x1/001', 'a short element'],
    ['tile/0/001/067', 'an element without x'],
    ['tile/0/x001', 'x on the last element'],
    ['tile/00/001', 'a level with a leading zero'],
    ['tile/64/001', 'a level above 63'],
    ['tile/-1/001', 'a negative level'],
    ['tile/data/001', 'another word'],
    ['tile/0/001.p/0', 'no width'],
    ['tile/0/001.p/01', 'a width with a leading zero'],
    ['tile/0/001.p/256', 'the full width written out'],
    ['tile/0/001.p/999', 'a width no tile has'],
    ['tile/0/001.p/', 'a width left out'],
    ['/tile/0/001', 'a slash in front'],
    ['tile/0/001/', 'a slash behind'],
    ['tile/0/../001', 'a way out'],
    ['tile/0/001\n', 'a line end'],
    ['tile/0/x009/x007/x199/x254/x740/992', 'an index beyond 2^53-1'],
    ['tile/0/x001/x009/x007/x199/x254/x740/992', 'an index of seven elements'],
  ])('%p names no tile: %s', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  it('every tile has one path, and every path of a tile one reading', () => {
    const tile = fc.record({
      level: fc.integer({ min: 0, max: 63 }),
      index: fc.integer({ min: 0, max: SIZE_MAX }),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, (t) => {
        expect(parseTilePath(tilePath(t))).toEqual({ kind: 'hashes', ...t });
      }),
    );
  });
});

describe('the tiles a tree has', () => {
  // Both examples stand in the specification, under "Partial Tiles".
  it('of 70,000: 273 full and one of 112, one full and one of 17, and one of 1', () => {
    expect(partialTiles(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(tileWidthAt(70_000, 0, 272)).toBe(256);
    expect(tileWidthAt(70_000, 0, 273)).toBe(112);
    expect(tileWidthAt(70_000, 0, 274)).toBe(0);
    expect(tileWidthAt(70_000, 1, 0)).toBe(256);
  });

  it('of 256: a full one, and one of a single hash above it', () => {
    expect(partialTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(tileWidthAt(256, 0, 0)).toBe(256);
  });

  it('of the largest size: one partial tile on each of seven levels', () => {
    expect(partialTiles(SIZE_MAX).map(({ level }) => level)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});

describe('entry bundles', () => {
  it('have the length of every record in front of it, big-endian', () => {
    expect([...encodeEntries([utf8('ab'), utf8(''), utf8('c'.repeat(258))]).slice(0, 9)]).toEqual([
      ...[0, 2, 97, 98],
      ...[0, 0],
      ...[1, 2, 99],
    ]);
  });

  it('read back as they were written, up to the longest record', () => {
    const record = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 256 }), (records) => {
        expect(decodeEntries(encodeEntries(records), records.length)).toEqual(records);
      }),
    );
    const longest = new Uint8Array(65_535).fill(7);
    expect(decodeEntries(encodeEntries([longest, longest]), 2)).toEqual([longest, longest]);
  });

  it('are refused when cut off anywhere, when they go on, and when the width is another', () => {
    const bundle = encodeEntries([utf8('one'), utf8('two'), utf8('three')]);
    for (let end = 0; end < bundle.length; end += 1) {
      expect(() => decodeEntries(bundle.subarray(0, end), 3)).toThrow(Malformed);
    }
    expect(() => decodeEntries(new Uint8Array([...bundle, 0]), 3)).toThrow(Malformed);
    expect(() => decodeEntries(bundle, 2)).toThrow(Malformed);
    expect(() => decodeEntries(bundle, 4)).toThrow(Malformed);
  });

  it('hold 1 to 256 records of at most 65,535 bytes', () => {
    const empty = new Uint8Array(0);
    expect(() => encodeEntries([])).toThrow(RangeError);
    expect(() => encodeEntries(Array.from({ length: 257 }, () => empty))).toThrow(RangeError);
    expect(() => encodeEntries([new Uint8Array(65_536)])).toThrow(RangeError);
  });
});

/** Keeps one row a tile, as a store does. */
class TileShelf {
  readonly rows = new Map<string, Uint8Array>();
  put(tiles: readonly Tile[]): void {
    for (const { level, index, bytes } of tiles) this.rows.set(`${level}/${index}`, bytes);
  }
  readonly fetch: TileFetch = (tiles) =>
    Promise.resolve(
      tiles.map(({ level, index, width }) => {
        const row = this.rows.get(`${level}/${index}`);
        if (row === undefined) throw new Error(`no tile ${level}/${index}`);
        return row.slice(0, width * 32);
      }),
    );
}

const LEAVES = 70_000;
const records = plainRecords(LEAVES);

describe('a log of 70,000 records in tiles', () => {
  const shelf = new TileShelf();
  const range = CompactRange.empty(sha256Tree);

  beforeAll(() => {
    let writer = TileWriter.empty(sha256Tree);
    let pause = 1;
    for (const record of records) {
      const leaf = sha256Tree.leaf(record);
      writer.append(leaf);
      range.append(leaf);
      if (writer.size !== pause) continue;
      expect(writer.range().serialise()).toEqual(range.serialise());
      // Every now and then the follower is started anew from what the store has.
      shelf.put(writer.take());
      const partials = partialTiles(pause).map(({ level, index, width }) =>
        shelf.rows.get(`${level}/${index}`)!.slice(0, width * 32),
      );
      writer = TileWriter.resume(sha256Tree, pause, partials);
      pause = Math.ceil(pause * 1.7);
    }
    shelf.put(writer.take());
    expect(writer.take()).toEqual([]);
    expect(writer.range().root()).toEqual(range.root());
  });

  it('is the same when whole tiles are added at once, and they are taken only where one begins', () => {
    const whole = TileWriter.empty(sha256Tree);
    const leaves = records.map((record) => sha256Tree.leaf(record));
    const bytes = Buffer.concat(leaves);
    for (let at = 0; at < LEAVES;) {
      // Every fifth tile leaf by leaf, and the rest at the end.
      if (at % (5 * 256) === 0 || at + 256 > LEAVES) {
        const end = Math.min(at + 256, LEAVES);
        for (; at < end; at += 1) whole.append(leaves[at]!);
      } else {
        const node = rootInTile(sha256Tree, bytes, at, 256);
        whole.appendTile(bytes.subarray(at * 32, (at + 256) * 32), node);
        at += 256;
      }
    }
    const made = new TileShelf();
    made.put(whole.take());
    expect(whole.range().root()).toEqual(range.root());
    const hex = ({ rows }: TileShelf): object =>
      Object.fromEntries(Array.from(rows, ([key, row]) => [key, Buffer.from(row).toString('hex')]));
    expect(hex(made)).toEqual(hex(shelf));
    const tile = bytes.subarray(0, 256 * 32);
    expect(() => whole.appendTile(tile, leaves[0]!)).toThrow(RangeError);
    const fresh = TileWriter.empty(sha256Tree);
    expect(() => fresh.appendTile(tile.subarray(32), leaves[0]!)).toThrow(RangeError);
  });

  it('has exactly the tiles of its size', () => {
    expect(shelf.rows.size).toBe(274 + 2 + 1);
    expect(shelf.rows.get('0/273')).toHaveLength(112 * 32);
    expect(shelf.rows.get('1/1')).toHaveLength(17 * 32);
    expect(shelf.rows.get('2/0')).toHaveLength(1 * 32);
    expect(shelf.rows.get('1/0')).toHaveLength(256 * 32);
  });

  it('gives the paths of the definition from its tiles alone', async () => {
    const root = range.root();
    const { read } = await openTiles(sha256Tree, { size: LEAVES, root }, shelf.fetch);
    expect(await rootOf(sha256Tree, LEAVES, read)).toEqual(root);
    const plain = plainTree(sha256Tree, records);
    for (const index of [0, 255, 256, 65_535, 65_536, 69_887, 69_888, LEAVES - 1]) {
      const proof = await proveInclusion(sha256Tree, index, LEAVES, read);
      expect(proof.map((hash) => new Uint8Array(hash))).toEqual(
        plain.inclusion(index, LEAVES).map((hash) => new Uint8Array(hash)),
      );
    }
    for (const oldSize of [1, 255, 256, 257, 65_536, 69_888, 69_999]) {
      const proof = await proveConsistency(sha256Tree, oldSize, LEAVES, read);
      expect(proof.map((hash) => new Uint8Array(hash))).toEqual(
        plain.consistency(oldSize, LEAVES).map((hash) => new Uint8Array(hash)),
      );
    }
  });

  it('gives the leaves of a tile', async () => {
    const tree = { size: LEAVES, root: range.root() };
    const { leaves } = await openTiles(sha256Tree, tree, shelf.fetch);
    expect((await leaves(0)).slice(0, 32)).toEqual(new Uint8Array(sha256Tree.leaf(records[0]!)));
    expect(await leaves(273)).toHaveLength(112 * 32);
    await expect(leaves(274)).rejects.toThrow(RangeError);
  });

  it('answers many questions at once, whatever it keeps in memory', async () => {
    const tree = { size: LEAVES, root: range.root() };
    const slow: TileFetch = async (tiles) => {
      const bytes = await shelf.fetch(tiles);
      await new Promise((resolve) => setImmediate(resolve));
      return bytes;
    };
    const { leaves } = await openTiles(sha256Tree, tree, slow);
    for (let round = 0; round < 6; round += 1) {
      const all = Array.from({ length: 274 }, (_, index) => leaves(index));
      const first = await Promise.all(all).then((tiles) => tiles.map((tile) => tile.slice(0, 32)));
      first.forEach((leaf, index) => {
        expect(leaf).toEqual(new Uint8Array(sha256Tree.leaf(records[index * 256]!)));
      });
    }
  });

  it('notices one changed bit in any tile that is looked at, and names the tile', async () => {
    const tree = { size: LEAVES, root: range.root() };
    for (const [key, bytes] of [...shelf.rows].filter((_, i) => i % 23 === 0 || i > 270)) {
      const [level, index] = key.split('/').map(Number) as [number, number];
      bytes[bytes.length - 1]! ^= 1;
      const looking = openTiles(sha256Tree, tree, shelf.fetch).then(({ read }) =>
        read([{ level: level * 8, index: index * 256 }]),
      );
      const error: unknown = await looking.catch((e: unknown) => e);
      bytes[bytes.length - 1]! ^= 1;
      expect(error).toBeInstanceOf(TamperedTile);
      const isOnEdge = partialTiles(LEAVES).some((t) => t.level === level && t.index === index);
      const named = isOnEdge ? null : { level, index, width: 256 };
      expect((error as TamperedTile).tile).toEqual(named);
    }
  });

  it('notices a tile that is too short, and another tree', async () => {
    const tree = { size: LEAVES, root: range.root() };
    const short: TileFetch = async (tiles) => (await shelf.fetch(tiles)).map((t) => t.slice(1));
    await expect(openTiles(sha256Tree, tree, short)).rejects.toThrow(TamperedTile);
    const other = { size: LEAVES - 1, root: range.root() };
    await expect(openTiles(sha256Tree, other, shelf.fetch)).rejects.toThrow(TamperedTile);
  });

  it('has no incomplete nodes to give', async () => {
    const tree = { size: LEAVES, root: range.root() };
    const { read } = await openTiles(sha256Tree, tree, shelf.fetch);
    await expect(read([{ level: 17, index: 0 }])).rejects.toThrow(RangeError);
    await expect(read([{ level: 0, index: LEAVES }])).rejects.toThrow(RangeError);
    await expect(read([{ level: 0, index: -1 }])).rejects.toThrow(RangeError);
  });
});

describe('a writer that goes on', () => {
  it('needs the partial tiles of its size, each as wide as it was', () => {
    const hash = sha256Tree.leaf('a');
    expect(() => TileWriter.resume(sha256Tree, 2, [])).toThrow(RangeError);
    expect(() => TileWriter.resume(sha256Tree, 2, [hash])).toThrow(RangeError);
    expect(() => TileWriter.resume(sha256Tree, SIZE_MAX + 1, [])).toThrow(RangeError);
  });

  it('an empty log has no tiles and the root of nothing', async () => {
    const tree = { size: 0, root: sha256Tree.empty() };
    const none: TileFetch = () => Promise.reject(new Error('asked for a tile'));
    const { read } = await openTiles(sha256Tree, tree, none);
    expect(await rootOf(sha256Tree, 0, read)).toEqual(sha256Tree.empty());
    expect(TileWriter.empty(sha256Tree).take()).toEqual([]);
  });
});
