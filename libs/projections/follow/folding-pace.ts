/** Events a second until something was measured: what two cores fold beside other work. */
const PACE_FIRST = 25_000;
/**
 * A stretch of fewer says how a program that was just started folds a plan's allocations: 10,000 a second, where payments
 * behind them are folded at 50,000.
 */
const STRETCH_EVENTS_MIN = 10_000;

/** How fast events are folded when nothing waits: stretches of pages behind each other are measured, the last one counts. */
export class FoldingPace {
  #perSecond = PACE_FIRST;
  #begunMs: number | null = null;
  #events = 0;

  /** A page is begun: with the one before it one stretch, unless there was a rest between them. */
  begin(nowMs: number): void {
    this.#begunMs ??= nowMs;
  }

  /** It is written. */
  folded(events: number, nowMs: number): void {
    this.#events += events;
    if (this.#begunMs === null || this.#events < STRETCH_EVENTS_MIN) return;
    this.#perSecond = (this.#events * 1000) / Math.max(1, nowMs - this.#begunMs);
  }

  rest(): void {
    this.#begunMs = null;
    this.#events = 0;
  }

  eventsIn(seconds: number): number {
    return this.#perSecond * seconds;
  }
}
