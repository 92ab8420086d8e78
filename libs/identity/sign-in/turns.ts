export interface TurnsSettings {
  readonly atOnceMax: number;
  readonly waitingMax: number;
  /** Thrown to whoever finds the queue full. */
  readonly refusal: () => Error;
}

/** Lets a few pieces of costly work run at once; the others wait in order of arrival, and too many are sent away. */
export class Turns {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly settings: TurnsSettings) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.settings.atOnceMax) {
      if (this.#waiting.length >= this.settings.waitingMax) throw this.settings.refusal();
      // Whoever finishes hands its turn over, so the number of those running stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
