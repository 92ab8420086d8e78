import { daysBetween } from '../calendar.js';
import { limitDaysFrom, limitOn } from './limits.js';
import { CLEAR, type LineRule } from './rule.js';

/**
 * 下达未收文: an allocation or supplement was issued and its receiver has not acknowledged it; also one from outside.
 * Counted from the issue; the amount is that of the line. Medium.
 *
 * @rule contract §4 not-acknowledged; the basis is internal, no statute sets these days
 */
export const notAcknowledged: LineRule = {
  id: 'not-acknowledged',
  title: '下达未收文',
  legalBasis: '内部管理要求：指标下达后收文单位应及时登记收文',
  defaultLimits: [{ fundTypes: null, limitDays: 10 }],
  subject: 'line',
  evaluate: ({ holding, line }, day, limits) => {
    if (holding.kind !== 'allocation' || line.issuedOn > day) return CLEAR;
    if (line.receivedOn !== null && line.receivedOn <= day) return CLEAR;
    if (line.reversedOn !== null && line.reversedOn <= day) return CLEAR;
    const limitDays = limitOn(limits, day);
    if (limitDays === null) return { outcome: 'cannot-be-judged', missing: ['limit'] };
    const days = daysBetween(line.issuedOn, day);
    if (days <= limitDays) return CLEAR;
    return {
      outcome: 'fires',
      since: line.issuedOn,
      days,
      amountFen: line.amountFen,
      severity: 'medium',
      evidence: {
        holdingId: holding.id,
        documentNo: line.documentNo,
        fundType: holding.fundType,
        issuedOn: line.issuedOn,
        limitDays,
      },
    };
  },
  candidateDays: ({ holding, line }, limits) => {
    if (holding.kind !== 'allocation') return [];
    const days = limitDaysFrom(line.issuedOn, limits);
    if (line.receivedOn !== null) days.push(line.receivedOn);
    if (line.reversedOn !== null) days.push(line.reversedOn);
    return days;
  },
};
