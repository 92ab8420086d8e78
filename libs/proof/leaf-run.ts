import type { NodeTreeHash } from './node-hash.js';
import { TILE_WIDTH } from './tiles.js';
import { HASH_BYTES, type Hash } from './tree-hash.js';

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** What leaves are added to: those of a whole tile together with the root over them. */
export interface LeafTaker {
  append(leaf: Hash): void;
  /** As many leaves as a tile has, where a tile begins; `bytes` are their hashes, one behind the other. */
  appendTile(bytes: Uint8Array, node: Hash): void;
}

/**
 * Leaf hashes of consecutive records, and of every whole tile among them the root: hashed once, for everybody who goes on
 * with a tree by them. They lie in one buffer: an object a hash costs the collector as much as the hash costs.
 */
export class LeafRun {
  private constructor(
    /** Index of the first leaf. */
    readonly first: number,
    /** The leaf hashes, one behind the other; not to be changed. */
    readonly bytes: Uint8Array,
    private readonly nodes: Uint8Array,
  ) {}

  /** The records as the leaves from the index `first` on. */
  static of(tree: NodeTreeHash, first: number, records: readonly Uint8Array[]): LeafRun {
    const leaves = Buffer.allocUnsafeSlow(records.length * HASH_BYTES);
    let at = 0;
    for (const record of records) {
      tree.leafInto(record, leaves, at);
      at += HASH_BYTES;
    }
    return new LeafRun(first, leaves, tileRoots(tree, leaves, untilTile(first) * HASH_BYTES));
  }

  get count(): number {
    return this.bytes.length / HASH_BYTES;
  }

  /** All of them in their order. */
  addTo(taker: LeafTaker): void {
    const { bytes, nodes } = this;
    let at = 0;
    const leavesTo = (end: number): void => {
      for (; at < end; at += HASH_BYTES) taker.append(bytes.subarray(at, at + HASH_BYTES));
    };
    leavesTo(Math.min(bytes.length, untilTile(this.first) * HASH_BYTES));
    for (let node = 0; node < nodes.length; node += HASH_BYTES, at += TILE_BYTES) {
      const tile = bytes.subarray(at, at + TILE_BYTES);
      taker.appendTile(tile, nodes.subarray(node, node + HASH_BYTES));
    }
    leavesTo(bytes.length);
  }
}

/** Leaves from this index on before a tile begins. */
const untilTile = (index: number): number => (TILE_WIDTH - (index % TILE_WIDTH)) % TILE_WIDTH;

/**
 * The roots over the whole tiles of these leaf hashes.
 *
 * @param from the first byte of the first tile
 */
export function tileRoots(
  tree: NodeTreeHash,
  leaves: Buffer,
  from: number,
): Uint8Array<ArrayBuffer> {
  const tiles = Math.max(0, Math.floor((leaves.length - from) / TILE_BYTES));
  const roots = Buffer.alloc(tiles * HASH_BYTES);
  // Each level takes the place of the one below.
  const level = Buffer.alloc(TILE_BYTES);
  for (let at = 0, tile = from; at < roots.length; at += HASH_BYTES, tile += TILE_BYTES) {
    leaves.copy(level, 0, tile, tile + TILE_BYTES);
    for (let width = TILE_WIDTH / 2; width >= 1; width /= 2) {
      for (let node = 0; node < width; node += 1) {
        tree.nodeInto(level, node * 2 * HASH_BYTES, level, node * HASH_BYTES);
      }
    }
    level.copy(roots, at, 0, HASH_BYTES);
  }
  return roots;
}
