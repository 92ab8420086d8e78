import type { Day } from '../calendar.js';
import { type Fen, fen, ZERO } from '../money.js';

/**
 * End-of-day balances of one holding, kept as a change a day. Amounts may be posted for any day in any order, which is
 * why a draw is judged against the lowest balance on or after its date: a back-dated draw may not starve a later one.
 */
export class Timeline {
  readonly #days: Day[] = [];
  readonly #changes = new Map<Day, bigint>();
  #total = 0n;
  /** The last day for which something was added that makes it more; before all days while there is none. */
  #lastRise: Day | '' = '';

  add(day: Day, change: Fen): void {
    if (change > 0n && day > this.#lastRise) this.#lastRise = day;
    const known = this.#changes.get(day);
    this.#changes.set(day, (known ?? 0n) + change);
    this.#total += change;
    if (known !== undefined) return;
    let at = this.#days.length;
    while (at > 0 && (this.#days[at - 1] as Day) > day) at -= 1;
    this.#days.splice(at, 0, day);
  }

  /**
   * The lowest end-of-day balance on or after `day`: the last one where nothing makes it more behind that day, as of a holding
   * that is drawn on; else found by walking back from the end, which is cheap for postings in order.
   */
  lowestFrom(day: Day): Fen {
    if (this.#lastRise <= day) return fen(this.#total);
    let balance = this.#total;
    let lowest = balance;
    for (let at = this.#days.length - 1; at >= 0; at -= 1) {
      const changed = this.#days[at] as Day;
      if (changed <= day) break;
      balance -= this.#changes.get(changed) as bigint;
      if (balance < lowest) lowest = balance;
    }
    return fen(lowest);
  }

  /** The balance at the end of `day`. */
  at(day: Day): Fen {
    let balance = 0n;
    for (const changed of this.#days) {
      if (changed > day) break;
      balance += this.#changes.get(changed) as bigint;
    }
    return fen(balance);
  }

  copy(): Timeline {
    const copy = new Timeline();
    for (const day of this.#days) copy.add(day, fen(this.#changes.get(day) as bigint));
    return copy;
  }

  get total(): Fen {
    return this.#days.length === 0 ? ZERO : fen(this.#total);
  }
}
