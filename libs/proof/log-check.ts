import { CompactRange } from './compact-range.js';
import { Found } from './findings.js';
import type { TileReader } from './tile-reader.js';
import { TILE_WIDTH, hashInTile } from './tiles.js';
import { isEqualBytes, type Hash, type TreeHash } from './tree-hash.js';

/** A tree whose root is known to be true: a pinned checkpoint that a policy accepted. */
export interface PinnedTree {
  readonly size: number;
  readonly root: Hash;
}

/**
 * Checks the records of a log, one after the other, against a pinned tree; holds one tile in memory.
 *
 * With checked tiles the first record that differs is named at once. Without them only the roots of
 * pinned trees can be compared, so what is named is the span between two of them.
 */
export class LogCheck {
  private readonly range: CompactRange;
  private readonly marks: PinnedTree[];
  private matchedSize = 0;
  private tile: Uint8Array = new Uint8Array(0);

  /**
   * @param pinned one or more trees of one log; the largest is what the log is checked against
   * @param verified the tree of the records that the caller has checked itself and will not hand in
   * again; it ends where a tile does
   */
  constructor(
    private readonly tree: TreeHash,
    pinned: readonly PinnedTree[],
    private readonly tiles: TileReader | null,
    verified: CompactRange = CompactRange.empty(tree),
  ) {
    if (verified.size % TILE_WIDTH !== 0) throw new RangeError('a check goes on where a tile ends');
    this.range = verified.copy();
    this.marks = [...pinned].sort((a, b) => a.size - b.size);
    if (this.marks.length === 0) throw new RangeError('nothing is pinned');
    this.compareRoots();
  }

  /** Records checked so far: the index the next one must have. */
  get index(): number {
    return this.range.size;
  }

  /** Whether every record of the pinned tree was seen; what follows is not covered by it. */
  get isCovered(): boolean {
    return this.range.size >= this.marks.at(-1)!.size;
  }

  /**
   * Takes the next record, its stored text or bytes.
   *
   * @throws Found record-differs, root-differs
   * @throws TamperedTile when a tile is not the one of the pinned tree
   */
  async add(record: Uint8Array | string): Promise<void> {
    if (this.isCovered) throw new RangeError('the pinned tree has no more records');
    const index = this.range.size;
    const leaf = this.tree.leaf(record);
    if (this.tiles !== null) {
      const place = index % TILE_WIDTH;
      if (place === 0) this.tile = await this.tiles.leaves(index / TILE_WIDTH);
      if (!isEqualBytes(hashInTile(this.tile, place), leaf)) {
        throw new Found({ code: 'record-differs', index });
      }
    }
    this.range.append(leaf);
    this.compareRoots();
  }

  /** The log has no more records. @throws Found log-shorter */
  end(): void {
    const { size } = this.marks.at(-1)!;
    if (!this.isCovered) throw new Found({ code: 'log-shorter', size, found: this.range.size });
  }

  private compareRoots(): void {
    for (const { size, root } of this.marks) {
      if (size !== this.range.size) continue;
      if (!isEqualBytes(this.range.root(), root)) {
        throw new Found({ code: 'root-differs', from: this.matchedSize, size });
      }
      this.matchedSize = size;
    }
  }
}
