import type { AppendUnit } from '../append-units.js';
import { type AppendResult, InvalidAppend } from '../event-store.js';

/** Events and requests of a batch; a larger unit is a batch of its own. */
const BATCH_ITEMS_MAX = 500;
const BATCH_BYTES_MAX = 8_388_608;

interface Waiting {
  readonly unit: AppendUnit;
  readonly resolve: (results: AppendResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: one batch in flight, and what arrives meanwhile makes the next one, in the order
 * it came. Nobody waits for company: at rest a request takes one round trip, and under load the
 * batches grow by themselves.
 */
export class Coalescer {
  #queue: Waiting[] = [];
  #running: Promise<void> | null = null;

  /** @param append applies the units one after the other; throws when none was applied */
  constructor(private readonly append: (units: AppendUnit[]) => Promise<AppendResult[][]>) {}

  /** The results of the units; rejects with what befell the first that failed. */
  async submit(units: readonly AppendUnit[]): Promise<AppendResult[][]> {
    const answers = units.map(
      (unit) =>
        new Promise<AppendResult[]>((resolve, reject) => {
          this.#queue.push({ unit, resolve, reject });
        }),
    );
    this.#running ??= this.#run();
    return Promise.all(answers);
  }

  /** Ends when everything submitted before has been answered. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Whatever else this turn of the event loop submits goes along.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = takeBatch(this.#queue);
      this.#queue = this.#queue.slice(batch.length);
      await this.#answer(batch);
    }
    this.#running = null;
  }

  async #answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.append(batch.map(({ unit }) => unit));
      batch.forEach(({ resolve }, i) => resolve(results[i] ?? []));
    } catch (error) {
      if (error instanceof InvalidAppend && batch.length > 1) {
        // One of them spoilt a batch of which nothing was written: let only that one hear of it.
        for (const waiting of batch) await this.#answer([waiting]);
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}

/**
 * The longest beginning of the queue that makes a batch: within the limits, and without an event
 * id that stands twice, because the second must find the first in the store.
 */
function takeBatch(queue: readonly Waiting[]): Waiting[] {
  let items = 0;
  let bytes = 0;
  const ids = new Set<string>();
  const end = queue.findIndex(({ unit }, i) => {
    items += unit.events.length + unit.requests.length;
    bytes += unit.recordBytes;
    if (i > 0 && (items > BATCH_ITEMS_MAX || bytes > BATCH_BYTES_MAX)) return true;
    const known = unit.events.some(({ event }) => ids.has(event.eventId));
    for (const { event } of unit.events) ids.add(event.eventId);
    return known;
  });
  return queue.slice(0, end === -1 ? queue.length : end);
}
