/** More keys than a page has: a date's number times it, plus a key's, is one number for both. */
const KEYS_MAX = 2 ** 15;

/**
 * What a page sums up by moment of record, date and one more key. Keys and dates are numbered as they come and neighbours in
 * the log share their moment, so that an event costs no text to be joined and no table of its own.
 */
export class DaySums<Day> {
  readonly #keys = new Map<string, number>();
  readonly #dates = new Map<string, number>();
  readonly #moments = new Map<string, Map<number, Day>>();
  readonly #all: Day[] = [];
  #lastOn: string | null = null;
  #dateNumber = 0;
  #lastAt = '';
  #last: Map<number, Day> | undefined;

  /**
   * The day of this key, made when it is new.
   *
   * @throws RangeError for more keys than a page can have
   */
  day(at: string, on: string, key: string, make: () => Day): Day {
    const days = this.#daysAt(at);
    const place = this.#numberOf(on) * KEYS_MAX + numberIn(this.#keys, key);
    let day = days.get(place);
    if (day === undefined) {
      days.set(place, (day = make()));
      this.#all.push(day);
    }
    return day;
  }

  /** In the order in which they were made: that of the log, in which an index by position grows at its end. */
  get all(): readonly Day[] {
    return this.#all;
  }

  /** Neighbours in a file share their date. */
  #numberOf(on: string): number {
    if (on === this.#lastOn) return this.#dateNumber;
    this.#lastOn = on;
    return (this.#dateNumber = numberIn(this.#dates, on));
  }

  #daysAt(at: string): Map<number, Day> {
    if (this.#last && this.#lastAt === at) return this.#last;
    let days = this.#moments.get(at);
    if (!days) this.#moments.set(at, (days = new Map()));
    this.#lastAt = at;
    this.#last = days;
    return days;
  }
}

function numberIn(numbers: Map<string, number>, text: string): number {
  const known = numbers.get(text);
  if (known !== undefined) return known;
  const number = numbers.size;
  if (number >= KEYS_MAX) throw new RangeError(`more than ${KEYS_MAX} keys in a page`);
  numbers.set(text, number);
  return number;
}
