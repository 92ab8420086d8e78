import { areHashes } from './inclusion.js';
import { isEqualBytes, type Hash, type TreeHash } from './tree-hash.js';
import { LEVELS_MAX, isTreeSize, readRanges, splitOf, type HashReader } from './tree-nodes.js';

/** Hashes of the longest proof between two trees: one a level, and the node both share. */
export const CONSISTENCY_MAX = LEVELS_MAX + 1;

/**
 * That the tree of `oldSize` leaves is where the tree of `size` leaves came from: PROOF(m, D[n])
 * of RFC 6962, section 2.1.2. Empty from size 0 and between equal sizes.
 *
 * @throws RangeError unless 0 ≤ oldSize ≤ size ≤ 2^53 − 1
 */
export async function proveConsistency(
  tree: TreeHash,
  oldSize: number,
  size: number,
  read: HashReader,
): Promise<Hash[]> {
  if (!isTreeSize(size) || !isTreeSize(oldSize) || oldSize > size) {
    throw new RangeError(`a tree of ${oldSize} does not grow into one of ${size}`);
  }
  if (oldSize === 0 || oldSize === size) return [];
  const ranges: [number, number][] = [];
  let [first, end] = [0, size];
  for (let depth = 0; depth <= LEVELS_MAX && end !== oldSize; depth += 1) {
    const middle = first + splitOf(end - first);
    if (oldSize <= middle) {
      ranges.push([middle, end]);
      end = middle;
    } else {
      ranges.push([first, middle]);
      first = middle;
    }
  }
  // The old root itself is known to whoever asks, so it is left out when it is one of the nodes.
  if (first !== 0) ranges.push([first, end]);
  return readRanges(tree, ranges.reverse(), read);
}

/**
 * Whether `proof` shows that the tree of `oldSize` leaves is a beginning of the tree of `size`
 * leaves: RFC 9162, section 2.1.4.2. Anything else is false.
 *
 * The tree of size 0 is a beginning of every tree, with an empty proof; its root must be the root
 * of nothing.
 */
export function verifyConsistency(
  tree: TreeHash,
  claim: {
    readonly oldSize: number;
    readonly size: number;
    readonly oldRoot: Hash;
    readonly root: Hash;
  },
  proof: readonly Hash[],
): boolean {
  const { oldSize, size, oldRoot, root } = claim;
  if (!isTreeSize(size) || !isTreeSize(oldSize) || oldSize > size) return false;
  if (proof.length > CONSISTENCY_MAX || !areHashes([oldRoot, root, ...proof])) return false;
  if (oldSize === size || oldSize === 0) {
    const isEmptyRoot = oldSize !== 0 || isEqualBytes(oldRoot, tree.empty());
    const isSame = oldSize !== size || isEqualBytes(oldRoot, root);
    return proof.length === 0 && isEmptyRoot && isSame;
  }
  return climb(tree, claim, proof);
}

function climb(
  tree: TreeHash,
  claim: {
    readonly oldSize: number;
    readonly size: number;
    readonly oldRoot: Hash;
    readonly root: Hash;
  },
  proof: readonly Hash[],
): boolean {
  let [at, last] = [claim.oldSize - 1, claim.size - 1];
  for (let level = 0; level < LEVELS_MAX && at % 2 === 1; level += 1) {
    at = (at - 1) / 2;
    last = Math.floor(last / 2);
  }
  // A complete old tree is a node of the new one: its root starts the way up and is not in the proof.
  const start = at === 0 ? claim.oldRoot : proof[0];
  if (start === undefined) return false;
  let [oldHash, newHash] = [start, start];
  for (const sibling of at === 0 ? proof : proof.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldHash = tree.node(sibling, oldHash);
      newHash = tree.node(sibling, newHash);
      for (let level = 0; level < LEVELS_MAX && at % 2 === 0 && at !== 0; level += 1) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newHash = tree.node(newHash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && isEqualBytes(oldHash, claim.oldRoot) && isEqualBytes(newHash, claim.root);
}
