import { CompactRange } from './compact-range.js';
import { fromBase64, fromDecimal, toBase64 } from './encoding.js';
import type { LeafRun } from './leaf-run.js';
import { Malformed } from './malformed.js';
import { TILE_NODE_LEVEL } from './tiles.js';
import { HASH_BYTES, isEqualBytes, type Hash, type TreeHash } from './tree-hash.js';
import { LEVELS_MAX } from './tree-nodes.js';

/**
 * What the signer keeps of the tree it signed last, in a place of its own: whoever rolls the ledger
 * back cannot roll this back too.
 */
export interface SignerMemory {
  readonly origin: string;
  readonly range: CompactRange;
  /** Hash of the leaf at `size` − 1: a history that was replaced and has grown again differs here. */
  readonly lastLeaf: Hash | null;
}

/** The memory before the first signature. */
export function emptyMemory(origin: string, tree: TreeHash): SignerMemory {
  return { origin, range: CompactRange.empty(tree), lastLeaf: null };
}

/** Leaf hashes that the signer computed itself from the records it read. */
export interface ReadLeaves {
  /** Index of the first of them; `nextIndex` of the memory says where to begin. */
  readonly first: number;
  readonly leaves: readonly Hash[];
  /** How many records the log says it has. */
  readonly logSize: number;
}

/** Where the signer must begin to read: at the last leaf it signed, so that it sees it again. */
export function nextIndex(memory: SignerMemory): number {
  return Math.max(0, memory.range.size - 1);
}

export type SignerStep =
  /** Keep `memory` first (fsync), then sign its checkpoint. Nothing new: the same size. */
  | { readonly outcome: 'extended'; readonly memory: SignerMemory }
  /**
   * Sign nothing more until somebody has looked. `log-is-shorter`: records that were signed are
   * gone (a cut tail, an old backup); `history-changed`: the last record that was signed is another
   * one now.
   */
  | {
      readonly outcome: 'refused';
      readonly reason: 'log-is-shorter' | 'history-changed';
      readonly signedSize: number;
      readonly logSize: number;
    };

/**
 * Extends the tree by what was read. The tree that comes out has the signed one as its beginning by
 * construction; what is checked is that the log still has it too.
 *
 * Pages may be handed in one after the other, each from `nextIndex` of the memory before.
 *
 * @throws RangeError when the leaves do not begin at `nextIndex`: a fault of the caller
 */
export function extendSigned(
  tree: TreeHash,
  memory: SignerMemory,
  { first, leaves, logSize }: ReadLeaves,
): SignerStep {
  const signedSize = memory.range.size;
  if (first !== nextIndex(memory)) {
    throw new RangeError(`the signer goes on at ${nextIndex(memory)}, not at ${first}`);
  }
  const refused = { outcome: 'refused', signedSize, logSize } as const;
  if (logSize < signedSize || (signedSize > 0 && leaves.length === 0)) {
    return { ...refused, reason: 'log-is-shorter' };
  }
  if (memory.lastLeaf !== null && !isEqualBytes(memory.lastLeaf, leaves[0]!)) {
    return { ...refused, reason: 'history-changed' };
  }
  const range = memory.range.copy();
  const fresh = memory.lastLeaf === null ? leaves : leaves.slice(1);
  for (const leaf of fresh) range.append(leaf);
  const lastLeaf = leaves[leaves.length - 1] ?? memory.lastLeaf;
  return { outcome: 'extended', memory: { origin: memory.origin, range, lastLeaf } };
}

/**
 * Extends the tree by leaves that begin where it ends. Nothing that was signed is seen again: whoever goes on so has
 * compared the last leaf before, or compares the root.
 *
 * @throws RangeError when they begin elsewhere, or are none
 */
export function extendByRun(tree: TreeHash, memory: SignerMemory, run: LeafRun): SignerMemory {
  if (run.first !== memory.range.size || run.count === 0) {
    throw new RangeError(`the signer goes on at ${memory.range.size}, not at ${run.first}`);
  }
  const range = memory.range.copy();
  run.addTo({
    append: (leaf) => range.append(leaf),
    appendTile: (_, node) => range.appendNode(node, TILE_NODE_LEVEL),
  });
  const lastLeaf = run.bytes.slice(-HASH_BYTES);
  return { origin: memory.origin, range, lastLeaf };
}

const HEADER = 'fundflow-signer-memory/v1';

/**
 * The memory as a text file: header, origin, name of the tree hash, size, root, last leaf (`-` for
 * none), then the hashes of the compact range, one a line.
 */
export function formatMemory(memory: SignerMemory, tree: TreeHash): string {
  const { origin, range, lastLeaf } = memory;
  const lines = [HEADER, origin, tree.name, String(range.size), toBase64(range.root())];
  lines.push(lastLeaf === null ? '-' : toBase64(lastLeaf), ...range.hashes.map(toBase64));
  return `${lines.join('\n')}\n`;
}

/**
 * Reads the memory back. It must be whole: the compact range has the root beside it.
 *
 * @throws Malformed; a signer with a broken memory signs nothing
 */
export function parseMemory(text: string, tree: TreeHash): SignerMemory {
  const lines = text.split('\n');
  const [header, origin, name, size, root, lastLeaf, ...hashes] = lines.slice(0, -1);
  if (header !== HEADER || lines.at(-1) !== '' || !origin || lastLeaf === undefined) {
    throw new Malformed('the memory of the signer is cut off or of another version');
  }
  if (name !== tree.name) throw new Malformed(`the memory of the signer is of a tree of ${name}`);
  if (hashes.length > LEVELS_MAX) throw new Malformed('the memory of the signer is too long');
  const range = rangeOf(tree, fromDecimal(size!, 'the size in the memory'), hashes);
  if (!isEqualBytes(range.root(), fromBase64(root!, 'the root in the memory'))) {
    throw new Malformed('the memory of the signer does not have its own root');
  }
  const last = lastLeaf === '-' ? null : fromBase64(lastLeaf, 'the last leaf in the memory');
  if ((last === null) !== (range.size === 0) || (last && last.length !== HASH_BYTES)) {
    throw new Malformed('the memory of the signer has no last leaf');
  }
  return { origin, range, lastLeaf: last };
}

function rangeOf(tree: TreeHash, size: number, hashes: readonly string[]): CompactRange {
  try {
    return CompactRange.of(
      tree,
      size,
      hashes.map((hash) => fromBase64(hash, 'a hash in the memory')),
    );
  } catch (error) {
    if (error instanceof RangeError) throw new Malformed(`the signer's memory: ${error.message}`);
    throw error;
  }
}
