import { HASH_BYTES, isEqualBytes, type Hash, type TreeHash } from './tree-hash.js';
import { LEVELS_MAX, isTreeSize, readRanges, splitOf, type HashReader } from './tree-nodes.js';

/**
 * The audit path of the leaf at `index` in the tree of `size` leaves: PATH(m, D[n]) of RFC 6962,
 * section 2.1.1, from the leaf's sibling up to the root's child.
 *
 * @throws RangeError unless 0 ≤ index < size ≤ 2^53 − 1
 */
export function proveInclusion(
  tree: TreeHash,
  index: number,
  size: number,
  read: HashReader,
): Promise<Hash[]> {
  if (!isTreeSize(size) || !isTreeSize(index) || index >= size) {
    throw new RangeError(`there is no leaf ${index} in a tree of ${size}`);
  }
  const siblings: [number, number][] = [];
  let [first, end] = [0, size];
  for (let depth = 0; depth <= LEVELS_MAX && end - first > 1; depth += 1) {
    const middle = first + splitOf(end - first);
    if (index < middle) {
      siblings.push([middle, end]);
      end = middle;
    } else {
      siblings.push([first, middle]);
      first = middle;
    }
  }
  return readRanges(tree, siblings.reverse(), read);
}

/**
 * Whether `proof` shows that the leaf hash stands at `index` in the tree of `size` leaves with
 * this root: RFC 9162, section 2.1.3.2. Anything else is false: an index or size that is none, a
 * path of another length, a hash that is not 32 bytes.
 */
export function verifyInclusion(
  tree: TreeHash,
  claim: {
    readonly index: number;
    readonly size: number;
    readonly leaf: Hash;
    readonly root: Hash;
  },
  proof: readonly Hash[],
): boolean {
  const { index, size, leaf, root } = claim;
  if (!isTreeSize(size) || !isTreeSize(index) || index >= size) return false;
  if (proof.length > LEVELS_MAX || !areHashes([leaf, root, ...proof])) return false;
  let [at, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = tree.node(sibling, hash);
      for (let level = 0; level < LEVELS_MAX && at % 2 === 0 && at !== 0; level += 1) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = tree.node(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && isEqualBytes(hash, root);
}

export function areHashes(hashes: readonly Hash[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}
