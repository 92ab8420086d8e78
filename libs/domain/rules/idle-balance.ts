import { addYears, type Day, daysBetween } from '../calendar.js';
import { originalIssuedOn } from './age.js';
import { amountOn, balanceOn, type HoldingFacts, lastMovementOn, signChangeDays } from './facts.js';
import { CLEAR, type Outcome, type Severity } from './rule.js';

/** A balance whose age has reached `fromYears` and not yet `belowYears` (null: no end). */
export interface IdleBalance {
  readonly fromYears: number;
  readonly belowYears: number | null;
  readonly severity: Severity;
}

/** Fires on the anniversary itself; 29 February counts as 28 (contract §4). */
export function judgeIdle(rule: IdleBalance, holding: HoldingFacts, day: Day): Outcome {
  const balanceFen = balanceOn(holding, day);
  if (balanceFen <= 0n) return CLEAR;
  const since = originalIssuedOn(holding.origins, day);
  if (since === null) return { outcome: 'cannot-be-judged', missing: ['original-issue'] };
  if (addYears(since, rule.fromYears) > day) return CLEAR;
  if (rule.belowYears !== null && addYears(since, rule.belowYears) <= day) return CLEAR;
  return {
    outcome: 'fires',
    since,
    days: daysBetween(since, day),
    amountFen: balanceFen,
    severity: rule.severity,
    evidence: {
      documentNo: holding.firstLine.documentNo,
      fundType: holding.fundType,
      originalIssuedOn: since,
      yearsFrom: rule.fromYears,
      receivedOn: holding.firstLine.receivedOn,
      amountFen: amountOn(holding, day),
      balanceFen,
      lastMovementOn: lastMovementOn(holding, day),
    },
  };
}

export function idleCandidates(rule: IdleBalance, holding: HoldingFacts): readonly Day[] {
  const days = signChangeDays(holding);
  if (days.length === 0) return days;
  for (const { from, originalIssuedOn: since } of holding.origins) {
    if (from !== null) days.push(from);
    if (since === null) continue;
    days.push(addYears(since, rule.fromYears));
    if (rule.belowYears !== null) days.push(addYears(since, rule.belowYears));
  }
  return days;
}
