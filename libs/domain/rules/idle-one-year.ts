import { type IdleBalance, idleCandidates, judgeIdle } from './idle-balance.js';
import type { HoldingRule } from './rule.js';

const IDLE: IdleBalance = { fromYears: 1, belowYears: 2, severity: 'medium' };

/**
 * 结转一至两年: available authority or unspent cash, from the first anniversary of its original issue to the day before the
 * second. The amount is the balance. Medium. No limit in days.
 *
 * @rule R8 财农〔2017〕115号
 */
export const idleOneYear: HoldingRule = {
  id: 'idle-one-year',
  title: '结转一至两年',
  legalBasis: '《财政专项扶贫资金绩效评价办法》（财农〔2017〕115号）：资金结转结余率指标',
  defaultLimits: null,
  subject: 'holding',
  evaluate: (holding, day) => judgeIdle(IDLE, holding, day),
  candidateDays: (holding) => idleCandidates(IDLE, holding),
};
