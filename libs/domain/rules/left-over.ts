import { type Day, daysBetween, earliest } from '../calendar.js';
import { fen } from '../money.js';
import { balanceOn, type ProjectFacts, signChangeDays } from './facts.js';
import { limitDaysFrom, limitOn } from './limits.js';
import { CLEAR, type ProjectRule } from './rule.js';

const finishedOn = (project: ProjectFacts): Day | null =>
  earliest(project.acceptedOn, project.closedOn);

/**
 * 项目结余: a project is accepted or closed and its holdings still have something. Counted from the earlier of the two
 * dates; the amount is the sum of the balances above zero. Medium.
 *
 * @rule R10 财预〔2015〕15号, a setting
 */
export const leftOver: ProjectRule = {
  id: 'left-over',
  title: '项目结余',
  legalBasis:
    '《财政部关于推进地方盘活财政存量资金有关事项的通知》（财预〔2015〕15号）（期限由各地设定）',
  defaultLimits: [{ fundTypes: null, limitDays: 90 }],
  subject: 'project',
  evaluate: (project, day, limits) => {
    const since = finishedOn(project);
    if (since === null || since > day) return CLEAR;
    const limitDays = limitOn(limits, day);
    if (limitDays === null) return { outcome: 'cannot-be-judged', missing: ['limit'] };
    const days = daysBetween(since, day);
    if (days <= limitDays) return CLEAR;
    const left = project.holdings.map((h) => balanceOn(h, day)).filter((balance) => balance > 0n);
    if (left.length === 0) return CLEAR;
    const amountFen = fen(left.reduce((sum, balance) => sum + balance, 0n));
    const { acceptedOn, closedOn } = project;
    return {
      outcome: 'fires',
      since,
      days,
      amountFen,
      severity: 'medium',
      evidence: {
        acceptedOn: acceptedOn !== null && acceptedOn <= day ? acceptedOn : null,
        closedOn: closedOn !== null && closedOn <= day ? closedOn : null,
        limitDays,
        holdingsWithBalance: left.length,
        leftFen: amountFen,
      },
    };
  },
  candidateDays: (project, limits) => {
    const since = finishedOn(project);
    if (since === null) return [];
    return [...limitDaysFrom(since, limits), ...project.holdings.flatMap(signChangeDays)];
  },
};
