import { Worker } from 'node:worker_threads';
import type { TreeHash } from '@fundflow/proof/tree-hash';
import { type HashedLeaves, type LeafOrder, packed } from './hash-leaves.js';

interface Waiting {
  readonly resolve: (hashed: HashedLeaves) => void;
  readonly reject: (error: Error) => void;
}

/** Hashes leaves and the nodes over their tiles in a thread of its own, so that reading has the other core. */
export class LeafHasher {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #ended: Error | null = null;

  /** @param execArgv how Node is started for the thread: tests bring a loader */
  constructor(execArgv?: readonly string[]) {
    const file = new URL(import.meta.url.replace(/leaf-hasher\.(\w+)$/, 'leaf-thread.$1'));
    this.#worker = new Worker(file, execArgv === undefined ? {} : { execArgv: [...execArgv] });
    this.#worker.on('message', (hashed: HashedLeaves) => this.#waiting.shift()?.resolve(hashed));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the hashing thread ended')));
  }

  /** The records as leaves of the tree, in their order. @throws Error when the thread ended */
  async hash(tree: TreeHash, records: readonly Uint8Array[]): Promise<HashedLeaves> {
    if (this.#ended !== null) throw this.#ended;
    const order: LeafOrder = { tree: tree.name, ...packed(records) };
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(order, [...order.parts, order.places.buffer]);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
