import { type Fen, fen, ZERO } from '@fundflow/domain/money';
import { HUNDRED_YUAN, roundDown } from './amounts.js';
import { type DayNo, dayNo } from './days.js';

/** Money by its age at the end of the plan: two years and over, one to two, younger. */
export type AgeClass = 'two' | 'one' | 'young';

const TWO_YEARS_OLD = dayNo('2018-12-31');
const ONE_YEAR_OLD = dayNo('2019-12-31');

export function ageClassOf(issuedOn: DayNo): AgeClass {
  if (issuedOn <= TWO_YEARS_OLD) return 'two';
  return issuedOn <= ONE_YEAR_OLD ? 'one' : 'young';
}

/** An amount is held when the debt is at least this part of it: one in three. */
const EAGERNESS = 3n;

/**
 * Leaves a fixed share of the money lying, in few places: each amount that passes adds to what is due, and one that is
 * not much larger than the debt pays it off. So a small plan meets the rate as closely as a large one.
 */
export class IdleQuota {
  readonly #ratePpm: Readonly<Record<AgeClass, bigint>>;
  readonly #due: Record<AgeClass, bigint> = { two: 0n, one: 0n, young: 0n };

  constructor(ratePpm: Readonly<Record<AgeClass, bigint>>) {
    this.#ratePpm = ratePpm;
  }

  /** Counts an amount that is never held back itself. */
  accrue(age: AgeClass, amount: Fen): void {
    this.#due[age] += (amount * this.#ratePpm[age]) / 1_000_000n;
  }

  /** How much of the amount is to stay where it is: zero, a part in whole hundreds of yuan, or all. */
  claim(age: AgeClass, amount: Fen): Fen {
    this.accrue(age, amount);
    const due = this.#due[age];
    if (due * EAGERNESS < amount) return ZERO;
    const held = due >= amount ? amount : roundDown(fen(due), HUNDRED_YUAN);
    this.hold(age, held);
    return held;
  }

  /** Notes money that stays for another reason, so that less is held elsewhere. */
  hold(age: AgeClass, amount: Fen): void {
    this.#due[age] -= amount;
  }
}
