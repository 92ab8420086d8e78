import type { EventHead } from '../holding/events.js';

/** A limit of a rule was set for a region from a day on. Stream `setting-limits`, key `limit:<uuid>`, index 0. */
export interface RuleLimitSet extends EventHead<'RuleLimitSet'> {
  readonly data: {
    readonly rule: string;
    /** Applies to subjects lying in it; the longest matching region wins. Also in `region`. */
    readonly limitDays: number;
    /** Only for these fund types; null = all. */
    readonly fundTypes: readonly string[] | null;
    readonly validFrom: string;
    readonly basis: string;
  };
}
export type RuleEvent = RuleLimitSet;
