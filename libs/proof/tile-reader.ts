import { HASH_BYTES, isEqualBytes, type Hash, type TreeHash } from './tree-hash.js';
import {
  TILE_WIDTH,
  hashInTile,
  partialTiles,
  rootInTile,
  tilePath,
  type TileId,
} from './tiles.js';
import { foldNodes, isTreeSize, nodesOfRange, type HashReader, type NodeId } from './tree-nodes.js';

/** The bytes of these tiles, in their order; throws when one cannot be had. */
export type TileFetch = (tiles: readonly TileId[]) => Promise<readonly Uint8Array[]>;

/** A tile that the tree it is said to belong to does not have; `tile` is null for the right edge as a whole. */
export class TamperedTile extends Error {
  override readonly name = 'TamperedTile';
  constructor(
    message: string,
    readonly tile: TileId | null,
  ) {
    super(message);
  }
}

/** Reads from tiles that were checked against the root: nothing it answers is taken on trust. */
export interface TileReader {
  readonly read: HashReader;
  /** The hashes of a tile of level 0: those of the leaves from `index` · 256 on. */
  readonly leaves: (index: number) => Promise<Uint8Array>;
}

/** Checked tiles kept in memory, 8 KiB each; beyond, all are dropped and fetched again. */
const CACHED_TILES_MAX = 1024;
const HEIGHT = 8;

/**
 * Opens the tiles of the tree of `size` leaves with this root, as a client of a log does: first the
 * partial tiles, from which the root must come out; then every tile on the way down, against the
 * hash its parent has of it.
 *
 * @throws TamperedTile, here and from `read`, when a tile is not the one of this tree
 */
export async function openTiles(
  tree: TreeHash,
  { size, root }: { readonly size: number; readonly root: Hash },
  fetch: TileFetch,
): Promise<TileReader> {
  if (!isTreeSize(size)) throw new RangeError(`${size} is not the size of a tree`);
  const edge = await fetchEdge(tree, { size, root }, fetch);
  const cache = new Map<string, Uint8Array>();

  /** The tiles of one question: a later one may empty the cache while this one waits. */
  type Held = Map<string, Uint8Array>;

  const find = (tile: TileId, held: Held): Uint8Array | undefined =>
    edge.get(tile.level)?.index === tile.index
      ? edge.get(tile.level)!.bytes
      : held.get(tilePath(tile));

  /** Tiles of one level, whose parents are held already. */
  const load = async (tiles: readonly TileId[], held: Held): Promise<void> => {
    const fetched = await fetch(tiles);
    tiles.forEach((tile, i) => {
      const parent = find(parentOf(tile), held)!;
      const expected = hashInTile(parent, tile.index % TILE_WIDTH);
      const bytes = fetched[i]!;
      const isWhole = bytes.length === TILE_WIDTH * HASH_BYTES;
      if (!isWhole || !isEqualBytes(rootInTile(tree, bytes, 0, TILE_WIDTH), expected)) {
        throw new TamperedTile(`${tilePath(tile)} is not the tile of this tree`, tile);
      }
      held.set(tilePath(tile), bytes);
      cache.set(tilePath(tile), bytes);
    });
  };

  const loadAll = async (tiles: readonly TileId[]): Promise<Held> => {
    if (cache.size > CACHED_TILES_MAX) cache.clear();
    const held: Held = new Map();
    const missing = new Map<number, Map<string, TileId>>();
    for (const tile of tiles) {
      for (let at = tile; find(at, held) === undefined; at = parentOf(at)) {
        const path = tilePath(at);
        const cached = cache.get(path);
        if (cached !== undefined) {
          held.set(path, cached);
          break;
        }
        const level = missing.get(at.level) ?? new Map<string, TileId>();
        missing.set(at.level, level.set(path, at));
      }
    }
    const levels = [...missing.keys()].sort((a, b) => b - a);
    for (const level of levels) await load([...missing.get(level)!.values()], held);
    return held;
  };

  return {
    read: async (nodes) => {
      const tiles = nodes.map((node) => tileOf(node, size));
      const held = await loadAll(tiles);
      return nodes.map((node, i) => nodeInTile(tree, find(tiles[i]!, held)!, node));
    },
    leaves: async (index) => {
      const tile = tileOf({ level: 0, index: index * TILE_WIDTH }, size);
      return find(tile, await loadAll([tile]))!;
    },
  };
}

async function fetchEdge(
  tree: TreeHash,
  { size, root }: { readonly size: number; readonly root: Hash },
  fetch: TileFetch,
): Promise<ReadonlyMap<number, { readonly index: number; readonly bytes: Uint8Array }>> {
  const tiles = partialTiles(size);
  const fetched = tiles.length === 0 ? [] : await fetch(tiles);
  tiles.forEach((tile, i) => {
    if (fetched[i]?.length !== tile.width * HASH_BYTES) {
      throw new TamperedTile(`${tilePath(tile)} does not have ${tile.width} hashes`, tile);
    }
  });
  const edge = new Map(
    tiles.map(({ level, index }, i) => [level, { index, bytes: fetched[i]! }] as const),
  );
  const nodes = nodesOfRange(0, size);
  const hashes = nodes.map((node) =>
    nodeInTile(tree, edge.get(Math.floor(node.level / HEIGHT))!.bytes, node),
  );
  const actual = size === 0 ? tree.empty() : foldNodes(tree, hashes);
  if (!isEqualBytes(actual, root)) {
    throw new TamperedTile(`the last tiles do not have the root of a tree of ${size}`, null);
  }
  return edge;
}

function parentOf({ level, index }: TileId): TileId {
  return { level: level + 1, index: Math.floor(index / TILE_WIDTH), width: TILE_WIDTH };
}

/** The tile whose hashes a node is made of. */
function tileOf({ level, index }: NodeId, size: number): TileId {
  if (!isTreeSize(index) || (index + 1) * 2 ** level > size) {
    throw new RangeError(`a tree of ${size} has no complete node ${index} on level ${level}`);
  }
  const tileLevel = Math.floor(level / HEIGHT);
  const first = index * 2 ** (level % HEIGHT);
  return { level: tileLevel, index: Math.floor(first / TILE_WIDTH), width: TILE_WIDTH };
}

function nodeInTile(tree: TreeHash, bytes: Uint8Array, { level, index }: NodeId): Hash {
  const count = 2 ** (level % HEIGHT);
  return rootInTile(tree, bytes, (index * count) % TILE_WIDTH, count);
}
