import type { EventStore } from './event-store.js';

/** A machine's clock further behind is believed: then it is the log that has a moment from the future. */
export const HELD_MS_MAX = 24 * 3_600_000;

/**
 * Moments of record: those of the machine's clock, but none before one that was given before. A clock may be set back, by
 * whoever mends it or by a virtual machine that goes on; were moments to follow, the books as known at a moment between would
 * show what came of a record and not the record. Until the clock has caught up they go on from the last one at half its
 * pace: what was known at that one stays what was known.
 *
 * One a process; it begins at the last record of the log. Processes that share a log keep their clocks together by
 * themselves.
 */
export class RecordClock {
  #lastMs: number;
  /** When that was given, by a clock nobody sets. */
  #givenMs: number;

  /**
   * @param lastMs moment of the last record; `-Infinity` when there is none
   * @param now the machine's clock, epoch milliseconds
   * @param steady milliseconds from anywhere, at the pace of time
   */
  constructor(
    lastMs: number,
    private readonly now: () => number = () => Date.now(),
    private readonly steady: () => number = () => performance.now(),
  ) {
    this.#lastMs = lastMs;
    this.#givenMs = steady();
  }

  static async atHeadOf(store: Pick<EventStore, 'head' | 'readAll'>): Promise<RecordClock> {
    const head = await store.head();
    const [last] = head === 0n ? [] : await store.readAll(head - 1n, 1);
    return new RecordClock(last === undefined ? -Infinity : Date.parse(last.recordedAt));
  }

  /** The moment of what is recorded now, epoch milliseconds. */
  moment(): number {
    const [nowMs, steadyMs] = [this.now(), this.steady()];
    const heldMs = this.#lastMs + Math.floor((steadyMs - this.#givenMs) / 2);
    const isHeld = nowMs < heldMs && this.#lastMs - nowMs <= HELD_MS_MAX;
    if (!isHeld) this.#give(nowMs, steadyMs);
    // Who asks more often than every two milliseconds must not hold it up.
    else if (heldMs > this.#lastMs) this.#give(heldMs, steadyMs);
    return this.#lastMs;
  }

  /** The same as a `recordedAt`. */
  recordedAt(): string {
    return new Date(this.moment()).toISOString();
  }

  #give(ms: number, steadyMs: number): void {
    this.#lastMs = ms;
    this.#givenMs = steadyMs;
  }
}
