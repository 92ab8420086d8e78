import { hash } from 'node:crypto';
import { HASH_BYTES, type Hash, type TreeHash } from './tree-hash.js';

/** Room for the longest record of a ledger, 65,535 bytes, and the byte before it; longer ones get more. */
const LEAF_BYTES = 65_536;

/** The tree hash of Node, which can also write where it is told to: a buffer a hash costs as much as half a hash. */
export interface NodeTreeHash extends TreeHash {
  /** Writes the 32 bytes of `leaf(record)` to `into` from `at` on. */
  leafInto(record: Uint8Array, into: Buffer, at: number): void;
  /** Writes the node over the two hashes at `from` to `into` from `at` on, which may be the same place. */
  nodeInto(children: Buffer, from: number, into: Buffer, at: number): void;
}

/** SHA-256 as the transparency-log specifications ask: the tree of the ledger. */
export const sha256Tree: NodeTreeHash = nodeTreeHash('sha256');

/** SM3 (GB/T 32905): a second tree under an origin of its own. */
export const sm3Tree: NodeTreeHash = nodeTreeHash('sm3');

/** SHA-256 of these bytes. */
export function sha256(bytes: Uint8Array | string): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/** SM3 of these bytes, 32 of them. */
export function sm3(bytes: Uint8Array | string): Uint8Array {
  return hash('sm3', bytes, 'buffer');
}

function nodeTreeHash(name: TreeHash['name']): NodeTreeHash {
  // One input for all: hashing is synchronous.
  let record: Buffer = Buffer.alloc(LEAF_BYTES);
  const pair = Buffer.alloc(1 + 2 * HASH_BYTES);
  pair[0] = 1;
  // Asked for as a string of one character a byte, a hash costs half of what Node takes to hand out a buffer of its own.
  const hashOf = (input: Uint8Array | string): Hash =>
    Buffer.from(hash(name, input, 'binary'), 'binary');
  /** The input of a leaf, good until the next one. */
  const inputOf = (bytes: Uint8Array): Buffer => {
    if (bytes.length >= record.length) record = Buffer.alloc(1 + bytes.length);
    record.set(bytes, 1);
    return record.subarray(0, 1 + bytes.length);
  };
  return {
    name,
    leaf(bytes): Hash {
      // One string is hashed twice as fast as a hash object that is fed two parts.
      if (typeof bytes === 'string') return hashOf(`\0${bytes}`);
      return hashOf(inputOf(bytes));
    },
    leafInto(bytes, into, at): void {
      into.write(hash(name, inputOf(bytes), 'binary'), at, HASH_BYTES, 'latin1');
    },
    nodeInto(children, from, into, at): void {
      children.copy(pair, 1, from, from + 2 * HASH_BYTES);
      into.write(hash(name, pair, 'binary'), at, HASH_BYTES, 'latin1');
    },
    node(left, right): Hash {
      if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
        throw new RangeError('a node of the tree has two children of 32 bytes');
      }
      pair.set(left, 1);
      pair.set(right, 1 + HASH_BYTES);
      return hashOf(pair);
    },
    empty: () => hashOf(''),
  };
}
