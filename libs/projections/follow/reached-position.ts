interface Waiter {
  readonly position: bigint;
  readonly wake: (reached: boolean) => void;
}

/** How far a follower has come, and who waits for it to come further. */
export class ReachedPosition {
  readonly #waiters = new Set<Waiter>();
  #position = 0n;
  #hasEnded = false;

  get position(): bigint {
    return this.#position;
  }

  reach(position: bigint): void {
    this.#position = position;
    for (const waiter of this.#waiters) if (waiter.position <= position) waiter.wake(true);
  }

  /** It goes no further: nobody waits any more. */
  end(): void {
    this.#hasEnded = true;
    for (const { wake } of this.#waiters) wake(false);
  }

  /** @returns false when the position is not reached within the time, or when it goes no further */
  waitFor(position: bigint, timeoutMs: number): Promise<boolean> {
    if (this.#position >= position) return Promise.resolve(true);
    if (this.#hasEnded) return Promise.resolve(false);
    return new Promise((resolve) => {
      const wake = (reached: boolean): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        resolve(reached);
      };
      const waiter = { position, wake };
      const timer = setTimeout(() => wake(false), timeoutMs);
      this.#waiters.add(waiter);
    });
  }
}
