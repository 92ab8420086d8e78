import { type DivisionRow, type RegionCode, RegionTable } from '../region.js';
import { decideLimit, LIMIT_REFUSALS, type SetRuleLimit } from './decide-limit.js';

const place = (code: string): DivisionRow => ({
  code: code as RegionCode,
  name: code,
  parent: null,
  firstYear: 2017,
  lastYear: 2023,
});
const regions = new RegionTable(['45', '4501', '450124', '41'].map(place), []);
const context = { jurisdiction: '45' as RegionCode, regions };

const command: SetRuleLimit = {
  limitId: '0b7e9d0a-6c1f-5a3e-9d5e-2f1f6f0f8a11',
  rule: 'passed-on-late',
  region: '450100',
  limitDays: 20,
  fundTypes: ['city-special', 'bond', 'bond'],
  validFrom: '2019-01-01',
  basis: ' 桂财农〔2019〕1号 ',
};

describe('setting a limit', () => {
  it('becomes one event of the settings stream, in the region it is for', () => {
    expect(decideLimit(command, context)).toEqual({
      outcome: 'accepted',
      events: [
        {
          type: 'RuleLimitSet',
          streamId: 'setting-limits',
          key: 'limit:0b7e9d0a-6c1f-5a3e-9d5e-2f1f6f0f8a11',
          index: 0,
          occurredOn: '2019-01-01',
          region: '4501',
          data: {
            rule: 'passed-on-late',
            limitDays: 20,
            fundTypes: ['bond', 'city-special'],
            validFrom: '2019-01-01',
            basis: '桂财农〔2019〕1号',
          },
        },
      ],
    });
  });

  it.each([
    [{ limitDays: 0 }, 'accepted'],
    [{ limitDays: 3650 }, 'accepted'],
    [{ limitDays: 3651 }, 'bad-value limitDays'],
    [{ limitDays: -1 }, 'bad-value limitDays'],
    [{ limitDays: 1.5 }, 'bad-value limitDays'],
    [{ limitId: 'x', limitDays: -1 }, 'bad-value limitId'],
    [{ fundTypes: [] }, 'bad-value fundTypes'],
    [{ validFrom: '2019-02-29' }, 'bad-value validFrom'],
    [{ basis: ' ' }, 'bad-value basis'],
    [{ rule: 'no-such', basis: '' }, 'bad-value basis'],
    [{ rule: 'no-such', region: '99' }, 'unknown-rule rule'],
    [{ rule: 'idle-one-year', region: '99' }, 'rule-without-limit rule'],
    [{ rule: 'overdrawn' }, 'rule-without-limit rule'],
    [{ region: '99', fundTypes: ['gold'] }, 'unknown-region region'],
    [{ region: 'x' }, 'unknown-region region'],
    [{ region: '41', fundTypes: ['gold'] }, 'unknown-fund-type fundTypes'],
    [{ region: '41', rule: 'left-over' }, 'fund-types-not-applicable fundTypes'],
    [{ rule: 'left-over', fundTypes: null }, 'accepted'],
    [{ region: '41' }, 'out-of-jurisdiction region'],
    [{ region: '000000' }, 'out-of-jurisdiction region'],
  ] as const)('%j: %s', (over, expected) => {
    const decision = decideLimit({ ...command, ...over }, context);
    const answer =
      decision.outcome === 'accepted'
        ? 'accepted'
        : `${decision.refusal.code} ${decision.refusal.field}`;
    expect(answer).toBe(expected);
    if (decision.outcome === 'refused') expect(LIMIT_REFUSALS).toContain(decision.refusal.code);
  });
});
