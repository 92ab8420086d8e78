import { hash } from 'node:crypto';
import { HASH_BYTES, type Hash, type TreeHash } from './tree-hash.js';

/** SHA-256 as the transparency-log specifications ask: the tree of the ledger. */
export const sha256Tree: TreeHash = nodeTreeHash('sha256');

/** SM3 (GB/T 32905): a second tree under an origin of its own. */
export const sm3Tree: TreeHash = nodeTreeHash('sm3');

/** SHA-256 of these bytes. */
export function sha256(bytes: Uint8Array | string): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}

/** SM3 of these bytes, 32 of them. */
export function sm3(bytes: Uint8Array | string): Uint8Array {
  return hash('sm3', bytes, 'buffer');
}

function nodeTreeHash(name: TreeHash['name']): TreeHash {
  // One input for all nodes: hashing is synchronous and copies it.
  const pair = new Uint8Array(1 + 2 * HASH_BYTES);
  pair[0] = 1;
  return {
    name,
    leaf(record): Hash {
      // One string is hashed twice as fast as a hash object that is fed two parts.
      if (typeof record === 'string') return hash(name, `\0${record}`, 'buffer');
      const input = new Uint8Array(1 + record.length);
      input.set(record, 1);
      return hash(name, input, 'buffer');
    },
    node(left, right): Hash {
      if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
        throw new RangeError('a node of the tree has two children of 32 bytes');
      }
      pair.set(left, 1);
      pair.set(right, 1 + HASH_BYTES);
      return hash(name, pair, 'buffer');
    },
    empty: () => hash(name, new Uint8Array(0), 'buffer'),
  };
}
