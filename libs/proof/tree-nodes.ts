import type { Hash, TreeHash } from './tree-hash.js';

/** Leaves of one tree; a size beyond is refused, so that plain numbers stay exact. */
export const SIZE_MAX = Number.MAX_SAFE_INTEGER;
/** Levels of a tree of `SIZE_MAX` leaves. */
export const LEVELS_MAX = 53;

/**
 * A node that spans 2^`level` leaves from `index` · 2^`level` on: complete, so its hash never
 * changes again.
 */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/**
 * Hashes of complete nodes, in the order asked for. Throws when one cannot be had.
 *
 * What it answers is believed: a reader of somebody else's tiles checks them first
 * (`tile-reader.ts`).
 */
export type HashReader = (nodes: readonly NodeId[]) => Promise<readonly Hash[]>;

/** Whether this is the number of leaves of a tree: a whole number from 0 to `SIZE_MAX`. */
export function isTreeSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

/** The largest power of two below `n`, for n ≥ 2: where RFC 6962 splits a tree of n leaves. */
export function splitOf(n: number): number {
  let k = 1;
  for (let level = 0; level < LEVELS_MAX && k * 2 < n; level += 1) k *= 2;
  return k;
}

/**
 * The complete nodes that make up the leaves `first` ≤ i < `end`, left to right; `first` must be
 * where a subtree of RFC 6962 that spans `end − first` leaves may begin.
 */
export function nodesOfRange(first: number, end: number): NodeId[] {
  const nodes: NodeId[] = [];
  let at = first;
  let rest = end - first;
  for (let level = LEVELS_MAX; level >= 0 && rest > 0; level -= 1) {
    const span = 2 ** level;
    if (rest < span) continue;
    nodes.push({ level, index: at / span });
    at += span;
    rest -= span;
  }
  return nodes;
}

/** The root over adjacent complete nodes of falling size, left to right; at least one. */
export function foldNodes(tree: TreeHash, hashes: readonly Hash[]): Hash {
  const last = hashes[hashes.length - 1];
  if (last === undefined) throw new RangeError('there is no root over no nodes');
  let root = last;
  for (let i = hashes.length - 2; i >= 0; i -= 1) root = tree.node(hashes[i]!, root);
  return root;
}

/** MTH(D[0:size]) of RFC 6962 from the hashes of complete nodes. */
export async function rootOf(tree: TreeHash, size: number, read: HashReader): Promise<Hash> {
  if (!isTreeSize(size)) throw new RangeError(`${size} is not the size of a tree`);
  if (size === 0) return tree.empty();
  return foldNodes(tree, await read(nodesOfRange(0, size)));
}

/** Reads many ranges in one go and folds each to one hash. */
export async function readRanges(
  tree: TreeHash,
  ranges: readonly (readonly [first: number, end: number])[],
  read: HashReader,
): Promise<Hash[]> {
  const nodes = ranges.map(([first, end]) => nodesOfRange(first, end));
  const hashes = await read(nodes.flat());
  let at = 0;
  return nodes.map((list) => foldNodes(tree, hashes.slice(at, (at += list.length))));
}
