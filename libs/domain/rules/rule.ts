import type { Day } from '../calendar.js';
import type { Fen } from '../money.js';
import type { HoldingFacts, LineFacts, ProjectFacts } from './facts.js';
import type { DefaultLimit, LimitSteps } from './limits.js';

export type Severity = 'medium' | 'high';

/** The numbers behind an alert. Never personal data. `…Fen` are amounts, `…On` are days. */
export type Evidence = Readonly<Record<string, string | number | Fen | null>>;

/** What a rule says of a subject on a day. A hit is a lead, never a verdict. */
export type Outcome =
  | {
      readonly outcome: 'fires';
      /** The day the days are counted from. */
      readonly since: Day;
      readonly days: number;
      readonly amountFen: Fen;
      readonly severity: Severity;
      readonly evidence: Evidence;
    }
  | { readonly outcome: 'clear' }
  /** Names the facts or settings that are missing. */
  | { readonly outcome: 'cannot-be-judged'; readonly missing: readonly string[] };

export const CLEAR: Outcome = { outcome: 'clear' };

interface RuleHead<Subject extends string, F> {
  /** Stable: alerts and settings name it. */
  readonly id: string;
  /** zh-CN. */
  readonly title: string;
  /** zh-CN, with the article where there is one. */
  readonly legalBasis: string;
  /**
   * First match wins. Null: the rule knows no limit in days, and none can be set. Empty: there is no national figure, the
   * rule cannot be judged where nobody set one.
   */
  readonly defaultLimits: readonly DefaultLimit[] | null;
  /** What it is asked about; its id is the subject of the alert. */
  readonly subject: Subject;
  /** Pure; `limits` are those of this rule for this subject. */
  readonly evaluate: (facts: F, day: Day, limits: LimitSteps) => Outcome;
  /**
   * Every day on which the rule can begin or cease to fire, in any order, more than needed allowed. Between two of them
   * only `days`, `amountFen`, `severity` and `evidence` move.
   */
  readonly candidateDays: (facts: F, limits: LimitSteps) => readonly Day[];
}

/** One line of a holding: what is sent is judged by itself, also a supplement. */
export interface LineOfHolding {
  readonly holding: HoldingFacts;
  readonly line: LineFacts;
}

export type HoldingRule = RuleHead<'holding', HoldingFacts>;
export type LineRule = RuleHead<'line', LineOfHolding>;
export type ProjectRule = RuleHead<'project', ProjectFacts>;

export type Rule = HoldingRule | LineRule | ProjectRule;
