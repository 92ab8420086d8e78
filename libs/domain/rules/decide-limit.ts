import { isDay } from '../calendar.js';
import { parseRegion, type RegionCode, type RegionTable } from '../region.js';
import type { FundType } from '../rows.js';
import type { RuleLimitSet } from './events.js';
import { ruleById } from './registry.js';

/** Sets a limit of a rule for a region from a day on; values as handed in. */
export interface SetRuleLimit {
  /** UUID of the command: the same one again is the same event. */
  readonly limitId: string;
  readonly rule: string;
  /** A code as handed in, padded or not; `000000` sets it for the whole country. */
  readonly region: string;
  readonly limitDays: number;
  /** null = all. */
  readonly fundTypes: readonly string[] | null;
  readonly validFrom: string;
  /** The document or decision the limit rests on. */
  readonly basis: string;
}

export interface LimitContext {
  /** Region of the submitter's unit. */
  readonly jurisdiction: RegionCode;
  readonly regions: RegionTable;
}

/** Every reason to refuse a limit, in order of precedence: the first that holds is the answer. */
export const LIMIT_REFUSALS = [
  'bad-value',
  'unknown-rule',
  'rule-without-limit',
  'unknown-region',
  'unknown-fund-type',
  'fund-types-not-applicable',
  'out-of-jurisdiction',
] as const;
export type LimitRefusalCode = (typeof LIMIT_REFUSALS)[number];

export interface LimitRefusal {
  readonly code: LimitRefusalCode;
  readonly field: keyof SetRuleLimit;
  readonly value: string | null;
}

export type LimitDecision =
  | { readonly outcome: 'accepted'; readonly events: readonly [RuleLimitSet] }
  | { readonly outcome: 'refused'; readonly refusal: LimitRefusal };

/** Ten years: a longer limit would switch the rule off without saying so. */
const LIMIT_DAYS_MAX = 3_650;
const LIMIT_BASIS_LENGTH_MAX = 500;
const LIMIT_STREAM = 'setting-limits';

const FUND_TYPES: Readonly<Record<FundType, true>> = {
  'central-special': true,
  'region-special': true,
  'city-special': true,
  'county-special': true,
  pooled: true,
  bond: true,
  guangdong: true,
  'world-bank': true,
  'land-quota': true,
  relending: true,
  'policy-loan': true,
  'commercial-loan': true,
  microcredit: true,
  donation: true,
  lottery: true,
  'east-west': true,
  special: true,
  sector: true,
};

/**
 * Decides a limit setting. A limit of 0 days is allowed (fires the day after); it may lie in the past: a rule has always
 * to be asked by the limits valid on the day asked about.
 *
 * Refuses, first match wins: bad-value (id, days, fund types empty, date, basis), unknown-rule, rule-without-limit,
 * unknown-region, unknown-fund-type, fund-types-not-applicable (a project has no fund type), out-of-jurisdiction.
 */
export function decideLimit(command: SetRuleLimit, context: LimitContext): LimitDecision {
  const bad = badValue(command);
  if (bad) return refuse('bad-value', bad, command);
  const rule = ruleById(command.rule);
  if (!rule) return refuse('unknown-rule', 'rule', command);
  if (rule.defaultLimits === null) return refuse('rule-without-limit', 'rule', command);
  const region = parseRegion(command.region);
  if (region === null || !context.regions.knows(region)) {
    return refuse('unknown-region', 'region', command);
  }
  const fundTypes = command.fundTypes === null ? null : [...new Set(command.fundTypes)].sort();
  if (fundTypes?.some((type) => !Object.hasOwn(FUND_TYPES, type))) {
    return refuse('unknown-fund-type', 'fundTypes', command);
  }
  if (fundTypes !== null && rule.subject === 'project') {
    return refuse('fund-types-not-applicable', 'fundTypes', command);
  }
  if (!context.regions.liesInEitherName(region, context.jurisdiction)) {
    return refuse('out-of-jurisdiction', 'region', command);
  }
  return { outcome: 'accepted', events: [limitSet(command, region, fundTypes)] };
}

function badValue(command: SetRuleLimit): keyof SetRuleLimit | null {
  const { limitId, limitDays, fundTypes, validFrom, basis } = command;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(limitId)) return 'limitId';
  if (!Number.isInteger(limitDays) || limitDays < 0 || limitDays > LIMIT_DAYS_MAX) {
    return 'limitDays';
  }
  if (fundTypes !== null && fundTypes.length === 0) return 'fundTypes';
  if (!isDay(validFrom)) return 'validFrom';
  const words = basis.trim();
  return words === '' || words.length > LIMIT_BASIS_LENGTH_MAX ? 'basis' : null;
}

function refuse(
  code: LimitRefusalCode,
  field: keyof SetRuleLimit,
  command: SetRuleLimit,
): LimitDecision {
  const value = command[field];
  return {
    outcome: 'refused',
    refusal: { code, field, value: value === null ? null : `${value}` },
  };
}

function limitSet(
  command: SetRuleLimit,
  region: RegionCode,
  fundTypes: readonly string[] | null,
): RuleLimitSet {
  const { rule, limitDays, validFrom, basis } = command;
  return {
    type: 'RuleLimitSet',
    streamId: LIMIT_STREAM,
    key: `limit:${command.limitId}`,
    index: 0,
    occurredOn: validFrom as RuleLimitSet['occurredOn'],
    region,
    data: { rule, limitDays, fundTypes, validFrom, basis: basis.trim() },
  };
}
