/** 32 bytes of a tree hash. */
export type Hash = Uint8Array;

/** Bytes of every hash of a tree, SHA-256 and SM3 alike. */
export const HASH_BYTES = 32;

/**
 * The hashes of an RFC 6962 tree (section 2.1): the seam through which proofs are made and checked,
 * so that a browser may bring its own. `node-hash.ts` has those of Node.
 *
 * A log uses one of them for ever, under an origin of its own; they are never mixed in one tree.
 */
export interface TreeHash {
  readonly name: 'sha256' | 'sm3';
  /** H(0x00 ‖ record); a string stands for its UTF-8 bytes. */
  leaf(record: Uint8Array | string): Hash;
  /** H(0x01 ‖ left ‖ right). */
  node(left: Hash, right: Hash): Hash;
  /** H() of nothing: the root of the tree of size 0. */
  empty(): Hash;
}

/** A tree hash over any digest of 32 bytes; the domain separation of RFC 6962 is added here. */
export function treeHashOf(
  name: TreeHash['name'],
  digest: (bytes: Uint8Array) => Uint8Array,
): TreeHash {
  return {
    name,
    leaf(record) {
      const bytes = typeof record === 'string' ? new TextEncoder().encode(record) : record;
      const input = new Uint8Array(1 + bytes.length);
      input.set(bytes, 1);
      return digest(input);
    },
    node(left, right) {
      const input = new Uint8Array(1 + left.length + right.length);
      input[0] = 1;
      input.set(left, 1);
      input.set(right, 1 + left.length);
      return digest(input);
    },
    empty: () => digest(new Uint8Array(0)),
  };
}

/** Whether two byte strings are the same; not in constant time: nothing compared here is secret. */
export function isEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
