import type { AppendUnit } from '../append-units.js';
import { type AppendResult, InvalidAppend } from '../event-store.js';

/** Events of a batch, or requests where those are more; a larger unit is a batch of its own. */
const BATCH_ITEMS_MAX = 500;
const BATCH_BYTES_MAX = 8_388_608;

/** Units submitted together, which may be answered by more than one batch. */
interface Submitted {
  readonly results: AppendResult[][];
  missing: number;
  readonly resolve: (results: AppendResult[][]) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting {
  readonly unit: AppendUnit;
  readonly of: Submitted;
  /** Its place among those it was submitted with. */
  readonly place: number;
}

interface Batch<Prepared> {
  readonly waiting: readonly Waiting[];
  readonly prepared: Prepared;
}

/** How batches are applied: `prepare` may run while the batch before is under way. */
export interface BatchAppend<Prepared> {
  prepare(units: readonly AppendUnit[]): Prepared;
  /** Applies the units one after the other; throws when none of them was applied. */
  append(units: readonly AppendUnit[], prepared: Prepared): Promise<AppendResult[][]>;
}

/**
 * Group commit: one batch in flight, and what arrives meanwhile makes the next one, in the order
 * it came. Nobody waits for company: at rest a request takes one round trip, and under load the
 * batches grow by themselves.
 */
export class Coalescer<Prepared> {
  #queue: Waiting[] = [];
  #queuedItems = 0;
  /** The next batch, once it is full: nothing that still comes could join it. */
  #ahead: Batch<Prepared> | null = null;
  #running: Promise<void> | null = null;

  constructor(private readonly batches: BatchAppend<Prepared>) {}

  /** The results of the units; rejects with what befell the first that failed. */
  submit(units: readonly AppendUnit[]): Promise<AppendResult[][]> {
    if (units.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const of: Submitted = { results: [], missing: units.length, resolve, reject };
      units.forEach((unit, place) => {
        this.#queue.push({ unit, of, place });
        this.#queuedItems += itemsOf(unit);
      });
      this.#prepareAhead();
      this.#running ??= this.#run();
    });
  }

  /** Ends when everything submitted before has been answered. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Whatever else this turn of the event loop submits goes along.
    await Promise.resolve();
    while (this.#ahead !== null || this.#queue.length > 0) {
      const batch = this.#ahead ?? this.#take();
      this.#ahead = null;
      const answered = this.#answer(batch);
      this.#prepareAhead();
      await answered;
    }
    this.#running = null;
  }

  #prepareAhead(): void {
    if (this.#ahead === null && this.#queuedItems >= BATCH_ITEMS_MAX) this.#ahead = this.#take();
  }

  #take(): Batch<Prepared> {
    const waiting = firstBatch(this.#queue);
    this.#queue = this.#queue.slice(waiting.length);
    for (const { unit } of waiting) this.#queuedItems -= itemsOf(unit);
    return this.#prepared(waiting);
  }

  #prepared(waiting: readonly Waiting[]): Batch<Prepared> {
    return { waiting, prepared: this.batches.prepare(waiting.map(({ unit }) => unit)) };
  }

  async #answer({ waiting, prepared }: Batch<Prepared>): Promise<void> {
    const units = waiting.map(({ unit }) => unit);
    try {
      const results = await this.batches.append(units, prepared);
      waiting.forEach(({ of, place }, i) => {
        of.results[place] = results[i] ?? [];
        of.missing -= 1;
        if (of.missing === 0) of.resolve(of.results);
      });
    } catch (error) {
      if (error instanceof InvalidAppend && waiting.length > 1) {
        // One of them spoilt a batch of which nothing was written: halve until it stands alone.
        const middle = Math.ceil(waiting.length / 2);
        await this.#answer(this.#prepared(waiting.slice(0, middle)));
        await this.#answer(this.#prepared(waiting.slice(middle)));
      } else {
        for (const { of } of waiting) of.reject(error);
      }
    }
  }
}

function itemsOf(unit: AppendUnit): number {
  return Math.max(unit.events.length, unit.requests.length);
}

/**
 * The longest beginning of the queue that makes a batch: within the limits, and without an event
 * id that stands twice, because the second must find the first in the store.
 */
function firstBatch(queue: readonly Waiting[]): Waiting[] {
  let items = 0;
  let bytes = 0;
  const ids = new Set<string>();
  const end = queue.findIndex(({ unit }, i) => {
    items += itemsOf(unit);
    bytes += unit.recordBytes;
    if (i > 0 && (items > BATCH_ITEMS_MAX || bytes > BATCH_BYTES_MAX)) return true;
    const known = unit.events.some(({ event }) => ids.has(event.eventId));
    for (const { event } of unit.events) ids.add(event.eventId);
    return i > 0 && known;
  });
  return queue.slice(0, end === -1 ? queue.length : end);
}
