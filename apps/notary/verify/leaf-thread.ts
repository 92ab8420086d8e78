import { parentPort } from 'node:worker_threads';
import { sha256Tree, sm3Tree } from '@fundflow/proof/node-hash';
import { HASH_BYTES } from '@fundflow/proof/tree-hash';

/** Records one behind the other, and where each ends. */
export interface LeafOrder {
  readonly tree: 'sha256' | 'sm3';
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/* Hashes records as leaves, in the order they come: 32 bytes each, one behind the other. */
const port = parentPort;
if (port === null) throw new Error('this file runs as a thread');
port.on('message', ({ tree: name, bytes, ends }: LeafOrder) => {
  const tree = name === 'sha256' ? sha256Tree : sm3Tree;
  const hashes = new Uint8Array(ends.length * HASH_BYTES);
  let start = 0;
  ends.forEach((end, at) => {
    hashes.set(tree.leaf(bytes.subarray(start, end)), at * HASH_BYTES);
    start = end;
  });
  port.postMessage(hashes, [hashes.buffer]);
});
