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
    if (days.length === 0) return days;
    for (const { day } of holding.balances) days.push(day, ...limitDaysFrom(day, limits));
    return days;
  },
};
