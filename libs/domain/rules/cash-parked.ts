import { type Day, daysBetween } from '../calendar.js';
import { amountOn, balanceOn, lastMovementOn, signChangeDays } from './facts.js';
import { limitDaysFrom, limitOn } from './limits.js';
import { CLEAR, type HoldingRule } from './rule.js';

/**
 * 以拨代支: cash was credited to a unit, some is unspent, and nothing has moved on it. Counted from the last movement; the
 * amount is the unspent cash. High.
 *
 * @rule R23 audit practice, a setting
 */
export const cashParked: HoldingRule = {
  id: 'cash-parked',
  title: '以拨代支',
  legalBasis: '审计实践：以拨作支、资金滞留用款单位（期限由各地设定）',
  defaultLimits: [{ fundTypes: null, limitDays: 60 }],
  subject: 'holding',
  evaluate: (holding, day, limits) => {
    const unspentFen = balanceOn(holding, day);
    const movedOn = lastMovementOn(holding, day);
    if (holding.kind !== 'disbursement' || unspentFen <= 0n || movedOn === null) return CLEAR;
    const limitDays = limitOn(limits, day);
    if (limitDays === null) return { outcome: 'cannot-be-judged', missing: ['limit'] };
    const days = daysBetween(movedOn, day);
    if (days <= limitDays) return CLEAR;
    return {
      outcome: 'fires',
      since: movedOn,
      days,
      amountFen: unspentFen,
      severity: 'high',
      evidence: {
        fundType: holding.fundType,
        creditedOn: holding.firstLine.receivedOn,
        lastMovementOn: movedOn,
        limitDays,
        amountFen: amountOn(holding, day),
        unspentFen,
      },
    };
  },
  candidateDays: (holding, limits) => {
    if (holding.kind !== 'disbursement') return [];
    const days: Day[] = signChangeDays(holding);
    const limitsEver = limits.flatMap(({ limitDays }) => (limitDays === null ? [] : [limitDays]));
    if (days.length === 0 || limitsEver.length === 0) return days;
    const shortest = Math.min(...limitsEver);
    holding.balances.forEach(({ day }, at) => {
      // Where money moves again in time nothing fires before that day and nothing ends on it.
      const moved = holding.balances[at + 1]?.day;
      if (moved !== undefined && daysBetween(day, moved) <= shortest + 1) return;
      days.push(day, ...limitDaysFrom(day, limits));
      if (moved !== undefined) days.push(moved);
    });
    return days;
  },
};
