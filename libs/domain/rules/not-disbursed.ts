import type { HoldingRule } from './rule.js';
import { judgeWaiting, type WaitingAuthority, waitingCandidates } from './waiting-authority.js';

/** Days from which it is high, whatever the limit (contract §4). */
const NOT_DISBURSED_HIGH_FROM_DAYS = 180;

const WAITING: WaitingAuthority = {
  levels: ['county', 'township', 'village'],
  severity: (days) => (days >= NOT_DISBURSED_HIGH_FROM_DAYS ? 'high' : 'medium'),
};

/**
 * 滞留: a county or a place in it has acknowledged an allocation and still has something of it available. Counted from the
 * receipt; the amount is what is available. Medium, high from 180 days.
 *
 * @rule R3 no national figure: dynamic-monitoring practice, a setting
 */
export const notDisbursed: HoldingRule = {
  id: 'not-disbursed',
  title: '滞留',
  legalBasis: '扶贫资金动态监控工作惯例（无全国统一期限，期限由各地设定）',
  defaultLimits: [{ fundTypes: null, limitDays: 60 }],
  subject: 'holding',
  evaluate: (holding, day, limits) => judgeWaiting(WAITING, holding, day, limits),
  candidateDays: (holding, limits) => waitingCandidates(WAITING, holding, limits),
};
