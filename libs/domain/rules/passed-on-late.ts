import type { HoldingRule } from './rule.js';
import { judgeWaiting, type WaitingAuthority, waitingCandidates } from './waiting-authority.js';

/** The centre passes on too, but its thirty or ninety days run from the vote on the budget, a date no record has. */
const WAITING: WaitingAuthority = {
  levels: ['province', 'city'],
  severity: (days, limitDays) => (days >= 2 * limitDays ? 'high' : 'medium'),
};

/**
 * 滞拨: region or city has acknowledged an allocation and still has something of it available. Counted from the receipt;
 * the amount is what is available. Medium, high from twice the limit in force.
 *
 * @rule R1 预算法 §52
 */
export const passedOnLate: HoldingRule = {
  id: 'passed-on-late',
  title: '滞拨',
  legalBasis:
    '《中华人民共和国预算法》第五十二条：省级接到中央转移支付后三十日内下达；本级安排的一般性转移支付三十日内、专项转移支付六十日内下达',
  defaultLimits: [
    { fundTypes: ['region-special', 'city-special'], limitDays: 60 },
    { fundTypes: null, limitDays: 30 },
  ],
  subject: 'holding',
  evaluate: (holding, day, limits) => judgeWaiting(WAITING, holding, day, limits),
  candidateDays: (holding, limits) => waitingCandidates(WAITING, holding, limits),
};
