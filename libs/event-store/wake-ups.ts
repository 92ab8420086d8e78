/**
 * Those who wait for events after a position. They are told of the highest position known to be
 * there; what they then find, they read themselves.
 */
export class WakeUps {
  #head = 0n;
  readonly #waiting = new Set<{ position: bigint; wake: () => void }>();

  /** An event at this position exists. */
  announce(head: bigint): void {
    if (head <= this.#head) return;
    this.#head = head;
    for (const waiter of this.#waiting) if (waiter.position < head) waiter.wake();
  }

  /**
   * Resolves on an announcement past `position`, after the time, on the signal, on `wakeAll`.
   *
   * @returns false when the time ran out
   */
  async waitAfter(position: bigint, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#head > position || signal?.aborted === true) return true;
    return new Promise<boolean>((resolve) => {
      const end = (woken: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        this.#waiting.delete(waiter);
        resolve(woken);
      };
      const wake = (): void => end(true);
      const waiter = { position, wake };
      const timer = setTimeout(() => end(false), Math.min(Math.max(timeoutMs, 0), TIMEOUT_MAX_MS));
      signal?.addEventListener('abort', wake, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** Something may have been missed, or everything ends: let all of them look. */
  wakeAll(): void {
    for (const waiter of this.#waiting) waiter.wake();
  }
}

/** The longest a timer of Node can be; beyond it would fire at once. */
const TIMEOUT_MAX_MS = 2_147_483_647;
