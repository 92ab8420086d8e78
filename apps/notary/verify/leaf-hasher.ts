import { Worker } from 'node:worker_threads';
import { HASH_BYTES, type Hash, type TreeHash } from '@fundflow/proof/tree-hash';
import type { LeafOrder } from './leaf-thread.js';

interface Waiting {
  readonly resolve: (hashes: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Hashes leaves in a thread of its own, so that reading and the tree above them have the other core. */
export class LeafHasher {
  readonly #worker: Worker;
  readonly #waiting: Waiting[] = [];
  #ended: Error | null = null;

  /** @param execArgv how Node is started for the thread: tests bring a loader */
  constructor(execArgv?: readonly string[]) {
    const file = new URL(import.meta.url.replace(/leaf-hasher\.(\w+)$/, 'leaf-thread.$1'));
    this.#worker = new Worker(file, execArgv === undefined ? {} : { execArgv: [...execArgv] });
    this.#worker.on('message', (hashes: Uint8Array) => this.#waiting.shift()?.resolve(hashes));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the hashing thread ended')));
  }

  /** The hashes of the records as leaves of the tree, in their order. @throws Error when the thread ended */
  async leaves(tree: TreeHash, records: readonly Uint8Array[]): Promise<readonly Hash[]> {
    if (this.#ended !== null) throw this.#ended;
    const ends = new Uint32Array(records.length);
    let total = 0;
    records.forEach((record, at) => (ends[at] = total += record.length));
    const bytes = new Uint8Array(total);
    records.forEach((record, at) => bytes.set(record, ends[at]! - record.length));
    const order: LeafOrder = { tree: tree.name, bytes, ends };
    const hashes = await new Promise<Uint8Array>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(order, [bytes.buffer, ends.buffer]);
    });
    return records.map((_, at) => hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
