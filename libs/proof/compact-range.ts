import { HASH_BYTES, type Hash, type TreeHash } from './tree-hash.js';
import { LEVELS_MAX, foldNodes, isTreeSize, nodesOfRange } from './tree-nodes.js';

/**
 * What is enough to go on with a tree: the hashes of the complete nodes that make it up, one for
 * every bit of the size, largest first. The hash for the lowest bit comes last.
 */
export class CompactRange {
  private constructor(
    private readonly tree: TreeHash,
    private leaves: number,
    private readonly nodes: Hash[],
  ) {}

  static empty(tree: TreeHash): CompactRange {
    return new CompactRange(tree, 0, []);
  }

  /**
   * The range of a tree of `size` leaves from the hashes of `nodesOfRange(0, size)`.
   *
   * @throws RangeError unless there are as many hashes of 32 bytes as the size has bits
   */
  static of(tree: TreeHash, size: number, hashes: readonly Hash[]): CompactRange {
    if (!isTreeSize(size)) throw new RangeError(`${size} is not the size of a tree`);
    const isWhole = hashes.every((hash) => hash.length === HASH_BYTES);
    if (!isWhole || hashes.length !== nodesOfRange(0, size).length) {
      throw new RangeError(`${hashes.length} hashes do not make up a tree of ${size} leaves`);
    }
    return new CompactRange(tree, size, [...hashes]);
  }

  /** What `serialise` wrote. @throws RangeError as `of` */
  static deserialise(tree: TreeHash, size: number, bytes: Uint8Array): CompactRange {
    if (bytes.length > LEVELS_MAX * HASH_BYTES || bytes.length % HASH_BYTES !== 0) {
      throw new RangeError(`${bytes.length} bytes are no hashes of a tree`);
    }
    const hashes = Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
      bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
    );
    return CompactRange.of(tree, size, hashes);
  }

  get size(): number {
    return this.leaves;
  }

  /** The hashes of the complete nodes, largest first. */
  get hashes(): readonly Hash[] {
    return this.nodes;
  }

  /** Adds the hash of the leaf at index `size`. */
  append(leaf: Hash): void {
    this.appendNode(leaf, 0);
  }

  /**
   * Adds 2^`level` leaves by the node over them, which somebody else hashed; what that says of the tree is believed.
   *
   * @throws RangeError unless such a node begins where the tree ends
   */
  appendNode(node: Hash, level: number): void {
    const span = 2 ** level;
    if (this.leaves % span !== 0) throw new RangeError(`no node of ${span} begins here`);
    if (!isTreeSize(this.leaves + span)) throw new RangeError('the tree is full');
    let hash = node;
    let rest = this.leaves / span;
    for (let at = level; at < LEVELS_MAX && rest % 2 === 1; at += 1) {
      hash = this.tree.node(this.nodes.pop()!, hash);
      rest = (rest - 1) / 2;
    }
    this.nodes.push(hash);
    this.leaves += span;
  }

  /** The root of RFC 6962 over all leaves so far. */
  root(): Hash {
    return this.leaves === 0 ? this.tree.empty() : foldNodes(this.tree, this.nodes);
  }

  copy(): CompactRange {
    return new CompactRange(this.tree, this.leaves, [...this.nodes]);
  }

  /** The hashes one after the other; the size is kept beside them. */
  serialise(): Uint8Array {
    const bytes = new Uint8Array(this.nodes.length * HASH_BYTES);
    this.nodes.forEach((hash, i) => bytes.set(hash, i * HASH_BYTES));
    return bytes;
  }
}
