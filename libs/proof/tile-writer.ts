import { CompactRange } from './compact-range.js';
import { HASH_BYTES, type Hash, type TreeHash } from './tree-hash.js';
import { TILE_LEVELS_MAX, TILE_WIDTH, hashInTile, partialTiles, type TileId } from './tiles.js';
import { isTreeSize } from './tree-nodes.js';

/** A tile with its hashes, `width` · 32 bytes. */
export interface Tile extends TileId {
  readonly bytes: Uint8Array;
}

interface Edge {
  /** Hashes of this level so far, in all its tiles. */
  hashes: number;
  /** The last tile, filled as far as it goes. */
  readonly bytes: Uint8Array;
  /** The nodes over the hashes of the last tile. */
  range: CompactRange;
  isChanged: boolean;
}

/**
 * Makes the hash tiles of a growing log: leaf hashes go in, tiles and the root come out, and every
 * node is hashed once. It holds the right edge only, one tile a level.
 *
 * A partial tile is always a beginning of the later, wider one, so a store may keep one row a tile
 * and cut a narrower one from it.
 */
export class TileWriter {
  private readonly finished: Tile[] = [];

  private constructor(
    private readonly tree: TreeHash,
    private leaves: number,
    private readonly edges: Edge[],
  ) {}

  static empty(tree: TreeHash): TileWriter {
    return TileWriter.resume(tree, 0, []);
  }

  /**
   * Goes on with a tree of `size` leaves.
   *
   * @param partials the bytes of `partialTiles(size)`, in their order
   * @throws RangeError when one is missing or of another width
   */
  static resume(tree: TreeHash, size: number, partials: readonly Uint8Array[]): TileWriter {
    if (!isTreeSize(size)) throw new RangeError(`${size} is not the size of a tree`);
    const edges = Array.from({ length: TILE_LEVELS_MAX }, (_, level) => ({
      hashes: Math.floor(size / TILE_WIDTH ** level),
      bytes: new Uint8Array(TILE_WIDTH * HASH_BYTES),
      range: CompactRange.empty(tree),
      isChanged: false,
    }));
    const tiles = partialTiles(size);
    if (partials.length !== tiles.length) {
      throw new RangeError(`a tree of ${size} has ${tiles.length} partial tiles`);
    }
    tiles.forEach(({ level, width }, i) => {
      const bytes = partials[i]!;
      if (bytes.length !== width * HASH_BYTES) {
        throw new RangeError(`the partial tile of level ${level} has ${width} hashes`);
      }
      const edge = edges[level]!;
      edge.bytes.set(bytes);
      for (let at = 0; at < width; at += 1) edge.range.append(hashInTile(bytes, at));
    });
    return new TileWriter(tree, size, edges);
  }

  get size(): number {
    return this.leaves;
  }

  /** Adds the hash of the leaf at index `size`. */
  append(leaf: Hash): void {
    if (!isTreeSize(this.leaves + 1)) throw new RangeError('the tree is full');
    this.leaves += 1;
    this.add(leaf, 0);
  }

  /**
   * Adds as many leaves as a tile has, whose node somebody else hashed; what that says of the tree is believed.
   *
   * @param bytes the hashes of the leaves, one behind the other; they are kept
   * @param node the root over them
   * @throws RangeError unless the tree ends where a tile does
   */
  appendTile(bytes: Uint8Array, node: Hash): void {
    const [lowest] = this.edges;
    if (this.leaves % TILE_WIDTH !== 0 || bytes.length !== TILE_WIDTH * HASH_BYTES) {
      throw new RangeError('a whole tile is added where a tile begins');
    }
    if (!isTreeSize(this.leaves + TILE_WIDTH)) throw new RangeError('the tree is full');
    const index = this.leaves / TILE_WIDTH;
    this.finished.push({ level: 0, index, width: TILE_WIDTH, bytes });
    this.leaves += TILE_WIDTH;
    lowest!.hashes += TILE_WIDTH;
    this.add(node, 1);
  }

  private add(added: Hash, lowest: number): void {
    let hash = added;
    for (let level = lowest; level < TILE_LEVELS_MAX; level += 1) {
      const edge = this.edges[level]!;
      edge.bytes.set(hash, (edge.hashes % TILE_WIDTH) * HASH_BYTES);
      edge.range.append(hash);
      edge.hashes += 1;
      edge.isChanged = true;
      if (edge.hashes % TILE_WIDTH !== 0) return;
      const index = edge.hashes / TILE_WIDTH - 1;
      this.finished.push({ level, index, width: TILE_WIDTH, bytes: edge.bytes.slice() });
      edge.isChanged = false;
      // Over a full tile there is one node.
      hash = edge.range.root();
      edge.range = CompactRange.empty(this.tree);
    }
  }

  /** What makes up the tree so far, a copy; its root is that of the log. */
  range(): CompactRange {
    const nodes = this.edges.toReversed().flatMap(({ range }) => range.hashes);
    return CompactRange.of(this.tree, this.leaves, nodes);
  }

  /** What is new since the last call: the tiles that became full, then the partial ones that grew. */
  take(): Tile[] {
    const tiles = this.finished.splice(0);
    this.edges.forEach((edge, level) => {
      if (!edge.isChanged) return;
      const width = edge.hashes % TILE_WIDTH;
      const index = (edge.hashes - width) / TILE_WIDTH;
      tiles.push({ level, index, width, bytes: edge.bytes.slice(0, width * HASH_BYTES) });
      edge.isChanged = false;
    });
    return tiles;
  }
}
