const RETRY_MS = 1_000;
const RETRY_MS_MAX = 60_000;

/** Work that was acknowledged and is therefore carried to its end, now or after a restart. */
export class RepeatedWork {
  readonly #retries = new Set<NodeJS.Timeout>();
  #closed = false;

  /** @param onFailure told of each attempt that failed */
  constructor(readonly onFailure: (id: string, error: unknown) => void) {}

  /** Failures of the database pass: repeats the work until it does not fail, or this is closed. Never rejects. */
  async untilDone(id: string, work: () => Promise<void>): Promise<void> {
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        return await work();
      } catch (error) {
        if (this.#closed) return;
        this.onFailure(id, error);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(() => {
            this.#retries.delete(timer);
            resolve();
          }, waitMs);
          this.#retries.add(timer);
        });
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#retries) clearTimeout(timer);
    this.#retries.clear();
  }
}
