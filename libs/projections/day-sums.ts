/**
 * What a page sums up by moment of record, date and one more key. Neighbours in the log share their moment, and dates
 * are few, so no joined key has to be made and hashed for every event.
 */
export class DaySums<Day> {
  readonly #moments = new Map<string, Map<string, Map<string, Day>>>();
  #lastAt = '';
  #last: Map<string, Map<string, Day>> | undefined;

  /** The day of this key, made when it is new. */
  day(at: string, on: string, key: string, make: () => Day): Day {
    const dates = this.#datesAt(at);
    let days = dates.get(on);
    if (!days) dates.set(on, (days = new Map()));
    let day = days.get(key);
    if (!day) days.set(key, (day = make()));
    return day;
  }

  *values(): Generator<Day> {
    for (const dates of this.#moments.values()) {
      for (const days of dates.values()) yield* days.values();
    }
  }

  #datesAt(at: string): Map<string, Map<string, Day>> {
    if (this.#last && this.#lastAt === at) return this.#last;
    let dates = this.#moments.get(at);
    if (!dates) this.#moments.set(at, (dates = new Map()));
    this.#lastAt = at;
    this.#last = dates;
    return dates;
  }
}
