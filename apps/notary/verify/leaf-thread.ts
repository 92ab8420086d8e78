import { parentPort } from 'node:worker_threads';
import { sha256Tree, sm3Tree } from '@fundflow/proof/node-hash';
import { hashLeaves, type LeafOrder } from './hash-leaves.js';

/* Hashes pages of records, in the order they come. */
const port = parentPort;
if (port === null) throw new Error('this file runs as a thread');
port.on('message', ({ tree, ...records }: LeafOrder) => {
  const hashed = hashLeaves(tree === 'sha256' ? sha256Tree : sm3Tree, records);
  port.postMessage(hashed, [hashed.leaves.buffer, hashed.nodes.buffer]);
});
