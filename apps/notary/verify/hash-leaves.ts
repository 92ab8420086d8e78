import { tileRoots } from '@fundflow/proof/leaf-run';
import type { NodeTreeHash } from '@fundflow/proof/node-hash';
import { HASH_BYTES, type TreeHash } from '@fundflow/proof/tree-hash';

/** Records as they can be handed to a thread: buffers that have them, and where each lies. */
export interface PackedRecords {
  readonly parts: readonly ArrayBuffer[];
  /** Three numbers a record: which part, the first byte in it, how many. */
  readonly places: Uint32Array<ArrayBuffer>;
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

const PLACE = 3;

/** The records of a page lie in one buffer: it is copied whole, which costs a quarter of copying each. */
export function packed(records: readonly Uint8Array[]): PackedRecords {
  const parts: ArrayBuffer[] = [];
  const places = new Uint32Array(records.length * PLACE);
  let last: ArrayBufferLike | null = null;
  let at = 0;
  for (const { buffer, byteOffset, length } of records) {
    if (buffer !== last) parts.push((buffer as ArrayBuffer).slice(0));
    last = buffer;
    places[at] = parts.length - 1;
    places[at + 1] = byteOffset;
    places[at + 2] = length;
    at += PLACE;
  }
  return { parts, places };
}

export function hashLeaves(tree: NodeTreeHash, { parts, places }: PackedRecords): HashedLeaves {
  // A part of a Buffer costs a third of a new array over the same bytes.
  const buffers = parts.map((part) => Buffer.from(part));
  const count = places.length / PLACE;
  const leaves = Buffer.alloc(count * HASH_BYTES);
  for (let at = 0, to = 0; at < places.length; at += PLACE, to += HASH_BYTES) {
    const first = places[at + 1]!;
    const record = buffers[places[at]!]!.subarray(first, first + places[at + 2]!);
    tree.leafInto(record, leaves, to);
  }
  return { leaves, nodes: tileRoots(tree, leaves, 0) };
}
