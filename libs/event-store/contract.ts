import { appendContract } from './append-contract.js';
import { concurrencyContract } from './concurrency-contract.js';
import type { OpenLog } from './contract-events.js';
import { groupContract } from './group-contract.js';
import { readingContract } from './reading-contract.js';

/**
 * The promises of the port as Jest tests; the spec of every adapter calls this.
 *
 * @param name of the adapter, for the report
 * @param openLog makes an empty log and gives a way to open stores on it: each as another process
 * would have it, where the adapter can; an adapter within one process may give the same one again
 */
export function eventStoreContract(name: string, openLog: OpenLog): void {
  describe(`${name} keeps the promises of the event store`, () => {
    appendContract(openLog);
    groupContract(openLog);
    readingContract(openLog);
    concurrencyContract(openLog);
  });
}
