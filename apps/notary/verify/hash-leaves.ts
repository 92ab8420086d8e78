import { rootInTile, TILE_WIDTH } from '@fundflow/proof/tiles';
import { HASH_BYTES, type TreeHash } from '@fundflow/proof/tree-hash';

/** Records one behind the other, and where each ends. */
export interface PackedRecords {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

export interface LeafOrder extends PackedRecords {
  readonly tree: TreeHash['name'];
}

/** What records are as leaves of a tree: hashes of 32 bytes, one behind the other. */
export interface HashedLeaves {
  readonly leaves: Uint8Array<ArrayBuffer>;
  /** The roots over each full tile of them, counted from the first. */
  readonly nodes: Uint8Array<ArrayBuffer>;
}

export function packed(records: readonly Uint8Array[]): PackedRecords {
  const ends = new Uint32Array(records.length);
  let total = 0;
  records.forEach((record, at) => (ends[at] = total += record.length));
  const bytes = new Uint8Array(total);
  records.forEach((record, at) => bytes.set(record, ends[at]! - record.length));
  return { bytes, ends };
}

export function hashLeaves(tree: TreeHash, { bytes, ends }: PackedRecords): HashedLeaves {
  const leaves = new Uint8Array(ends.length * HASH_BYTES);
  let start = 0;
  ends.forEach((end, at) => {
    leaves.set(tree.leaf(bytes.subarray(start, end)), at * HASH_BYTES);
    start = end;
  });
  const nodes = new Uint8Array(Math.floor(ends.length / TILE_WIDTH) * HASH_BYTES);
  for (let tile = 0; tile * HASH_BYTES < nodes.length; tile += 1) {
    nodes.set(rootInTile(tree, leaves, tile * TILE_WIDTH, TILE_WIDTH), tile * HASH_BYTES);
  }
  return { leaves, nodes };
}
