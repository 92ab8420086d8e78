import { type Day, daysBetween } from '../calendar.js';
import { type RegionLevel, levelOf } from '../region.js';
import { amountOn, balanceOn, type HoldingFacts, lastMovementOn, signChangeDays } from './facts.js';
import { limitDaysFrom, type LimitSteps, limitOn } from './limits.js';
import { CLEAR, type Outcome, type Severity } from './rule.js';

/** An acknowledged allocation of one of these levels that still has something available, counted from its receipt. */
export interface WaitingAuthority {
  readonly levels: readonly RegionLevel[];
  readonly severity: (days: number, limitDays: number) => Severity;
}

const concerns = (rule: WaitingAuthority, holding: HoldingFacts): boolean =>
  holding.kind === 'allocation' && rule.levels.includes(levelOf(holding.region));

/**
 * The clock starts at the receipt of the first line: a supplement never restarts it, and it does not stop while nothing
 * is available (contract §6).
 */
export function judgeWaiting(
  rule: WaitingAuthority,
  holding: HoldingFacts,
  day: Day,
  limits: LimitSteps,
): Outcome {
  const availableFen = balanceOn(holding, day);
  const { receivedOn, documentNo } = holding.firstLine;
  if (!concerns(rule, holding) || availableFen <= 0n || receivedOn === null) return CLEAR;
  const limitDays = limitOn(limits, day);
  if (limitDays === null) return { outcome: 'cannot-be-judged', missing: ['limit'] };
  const days = daysBetween(receivedOn, day);
  if (days <= limitDays) return CLEAR;
  return {
    outcome: 'fires',
    since: receivedOn,
    days,
    amountFen: availableFen,
    severity: rule.severity(days, limitDays),
    evidence: {
      documentNo,
      fundType: holding.fundType,
      receivedOn,
      limitDays,
      amountFen: amountOn(holding, day),
      availableFen,
      lastMovementOn: lastMovementOn(holding, day),
    },
  };
}

export function waitingCandidates(
  rule: WaitingAuthority,
  holding: HoldingFacts,
  limits: LimitSteps,
): readonly Day[] {
  const { receivedOn } = holding.firstLine;
  if (!concerns(rule, holding) || receivedOn === null) return [];
  return [...limitDaysFrom(receivedOn, limits), ...signChangeDays(holding)];
}
