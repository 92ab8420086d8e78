import { type IdleBalance, idleCandidates, judgeIdle } from './idle-balance.js';
import type { HoldingRule } from './rule.js';

const IDLE: IdleBalance = { fromYears: 2, belowYears: null, severity: 'high' };

/**
 * 结转超两年应收回: available authority or unspent cash, from the second anniversary of its original issue on. The amount is
 * the balance. High. No limit in days.
 *
 * @rule R9 预算法 §42, 国办发〔2014〕70号
 */
export const idleTwoYears: HoldingRule = {
  id: 'idle-two-years',
  title: '结转超两年应收回',
  legalBasis:
    '《中华人民共和国预算法》第四十二条；《国务院办公厅关于进一步做好盘活财政存量资金工作的通知》（国办发〔2014〕70号）',
  defaultLimits: null,
  subject: 'holding',
  evaluate: (holding, day) => judgeIdle(IDLE, holding, day),
  candidateDays: (holding) => idleCandidates(IDLE, holding),
};
