import { addDays, type Day } from '../calendar.js';
import { CENTRE, liesIn, type RegionCode } from '../region.js';

/** A limit in days that holds where no setting says otherwise; `fundTypes` null = for all others. */
export interface DefaultLimit {
  readonly fundTypes: readonly string[] | null;
  readonly limitDays: number;
}

/** A limit as set by `RuleLimitSet`. */
export interface LimitSetting {
  readonly rule: string;
  /** Applies to the subjects that lie in it. */
  readonly region: RegionCode;
  /** null = all. */
  readonly fundTypes: readonly string[] | null;
  readonly validFrom: Day;
  readonly limitDays: number;
}

/** Holds from `from` (null: from the beginning) until the next step; `limitDays` null: no limit is known. */
export interface LimitStep {
  readonly from: Day | null;
  readonly limitDays: number | null;
}

/** The limit of one rule for one subject as it changes in time; ascending, the first step begins at null. */
export type LimitSteps = readonly LimitStep[];

const NO_LIMIT: LimitSteps = [{ from: null, limitDays: null }];

export function limitOn(steps: LimitSteps, day: Day): number | null {
  for (let at = steps.length - 1; at > 0; at -= 1) {
    const step = steps[at] as LimitStep;
    if (step.from !== null && step.from <= day) return step.limitDays;
  }
  return (steps[0] as LimitStep).limitDays;
}

/**
 * The days on which `days > limit` can change its answer when days are counted from `start`: the day after each limit
 * that ever applies, and the days the limit changes.
 */
export function limitDaysFrom(start: Day, steps: LimitSteps): Day[] {
  const days: Day[] = [];
  for (const { from, limitDays } of steps) {
    if (limitDays !== null) days.push(addDays(start, limitDays + 1));
    if (from !== null) days.push(from);
  }
  return days;
}

const rank = (region: RegionCode): number => (region === CENTRE ? 0 : region.length);

/**
 * True when `a` goes before `b` on a day on which both are valid: the longest region, then the latest validity, then the
 * one that names fund types; of two that are alike the later set (`b`, the settings come in order of record).
 */
function prevails(a: LimitSetting, b: LimitSetting): boolean {
  if (rank(a.region) !== rank(b.region)) return rank(a.region) > rank(b.region);
  if (a.validFrom !== b.validFrom) return a.validFrom > b.validFrom;
  return a.fundTypes !== null && b.fundTypes === null;
}

export interface LimitSubject {
  readonly region: RegionCode;
  /** null: the subject has none (a project); settings for certain fund types do not reach it. */
  readonly fundType: string | null;
}

const covers = (fundTypes: readonly string[] | null, fundType: string | null): boolean =>
  fundTypes === null || (fundType !== null && fundTypes.includes(fundType));

function limitSteps(
  rule: string,
  defaults: readonly DefaultLimit[],
  subject: LimitSubject,
  settings: readonly LimitSetting[],
): LimitSteps {
  const fallback = defaults.find((limit) => covers(limit.fundTypes, subject.fundType));
  const matching = settings.filter(
    (setting) =>
      setting.rule === rule &&
      liesIn(subject.region, setting.region) &&
      covers(setting.fundTypes, subject.fundType),
  );
  const steps: LimitStep[] = [{ from: null, limitDays: fallback?.limitDays ?? null }];
  for (const from of [...new Set(matching.map((setting) => setting.validFrom))].sort()) {
    const winner = matching
      .filter((setting) => setting.validFrom <= from)
      .reduce((best, next) => (prevails(best, next) ? best : next));
    steps.push({ from, limitDays: winner.limitDays });
  }
  return steps;
}

/** All settings in order of record, and what they mean for a subject. Remembers what it has worked out. */
export class LimitBook {
  readonly #settings: readonly LimitSetting[];
  readonly #rulesSet: ReadonlySet<string>;
  readonly #known = new Map<string, LimitSteps>();

  constructor(settings: readonly LimitSetting[]) {
    this.#settings = settings;
    this.#rulesSet = new Set(settings.map((setting) => setting.rule));
  }

  /** The limit of a rule for a subject on every day: settings before defaults, also where the default is kinder. */
  stepsFor(
    rule: { readonly id: string; readonly defaultLimits: readonly DefaultLimit[] | null },
    subject: LimitSubject,
  ): LimitSteps {
    if (rule.defaultLimits === null) return NO_LIMIT;
    // Where nobody set a limit every region has the same one: no entry a village.
    const region = this.#rulesSet.has(rule.id) ? subject.region : '';
    const key = `${rule.id}|${region}|${subject.fundType ?? ''}`;
    const known = this.#known.get(key);
    if (known) return known;
    const steps = limitSteps(rule.id, rule.defaultLimits, subject, this.#settings);
    this.#known.set(key, steps);
    return steps;
  }
}
