import { cashParked } from './cash-parked.js';
import { idleOneYear } from './idle-one-year.js';
import { idleTwoYears } from './idle-two-years.js';
import { leftOver } from './left-over.js';
import { notAcknowledged } from './not-acknowledged.js';
import { notDisbursed } from './not-disbursed.js';
import { overdrawn } from './overdrawn.js';
import { passedOnLate } from './passed-on-late.js';
import type { Rule } from './rule.js';

/** Every rule the ledger watches. A new rule is one file, one line here and one row in docs/rules.md. */
export const RULES: readonly Rule[] = [
  notAcknowledged,
  passedOnLate,
  notDisbursed,
  idleOneYear,
  idleTwoYears,
  cashParked,
  leftOver,
  overdrawn,
];

const BY_ID: ReadonlyMap<string, Rule> = new Map(RULES.map((rule) => [rule.id, rule]));

export const ruleById = (id: string): Rule | undefined => BY_ID.get(id);
