import { daysBetween } from '../calendar.js';
import { amountOn, balanceOn, belowZeroSince, lastMovementOn, signChangeDays } from './facts.js';
import { CLEAR, type HoldingRule } from './rule.js';

/**
 * 超支: a payment that had already happened took its holding below zero. Counted from the first day of the present spell;
 * the amount is how far below zero. High, at once, until it is no longer negative. No limit in days.
 *
 * @rule contract §6 already_happened
 */
export const overdrawn: HoldingRule = {
  id: 'overdrawn',
  title: '超支',
  legalBasis:
    '《中华人民共和国预算法》第十三条：各级政府、各部门、各单位的支出必须以经批准的预算为依据，未列入预算的不得支出',
  defaultLimits: null,
  subject: 'holding',
  evaluate: (holding, day) => {
    const since = belowZeroSince(holding, day);
    if (since === null) return CLEAR;
    const balanceFen = balanceOn(holding, day);
    return {
      outcome: 'fires',
      since,
      days: daysBetween(since, day),
      amountFen: -balanceFen as typeof balanceFen,
      severity: 'high',
      evidence: {
        documentNo: holding.firstLine.documentNo,
        fundType: holding.fundType,
        receivedOn: holding.firstLine.receivedOn,
        amountFen: amountOn(holding, day),
        balanceFen,
        lastMovementOn: lastMovementOn(holding, day),
      },
    };
  },
  candidateDays: (holding) => signChangeDays(holding),
};
