import type { Fen } from '@fundflow/domain/money';
import type { Archetype } from './archetypes.js';
import type { DayNo } from './days.js';
import type { County } from './places.js';
import type { Grant } from './upper-plan.js';

/** What stays of an activity's money at the end of the plan, and where. */
export type Left =
  | 'nothing'
  /** Acknowledged and never touched. */
  | 'untouched'
  /** Part of the authority not used; or used and partly sent back up; or parked as cash; or cash sent back. */
  | 'authority'
  | 'recalled'
  | 'cash'
  | 'cash-returned'
  /** Kept back for defects beyond the end of the plan. */
  | 'retention'
  /** Never acknowledged; cash sent and never confirmed. */
  | 'unacknowledged'
  | 'not-credited';

export type Level = 'department' | 'township' | 'village';

/** A second line from another source (a supplement). */
export interface ExtraLine {
  readonly grant: Grant;
  readonly amountFen: Fen;
}

export interface Schedule {
  readonly issued: DayNo;
  readonly received: DayNo;
  readonly disbursed: DayNo;
  readonly credited: DayNo;
  readonly paidFrom: DayNo;
  readonly paidTo: DayNo;
  /** Nothing is drawn later: repeated payments and retention included. */
  readonly lastOn: DayNo;
}

/** Money of one grant for one project: an allocation, its releases and its payments. */
export interface Activity {
  /** Counted within the county, from one. */
  readonly number: number;
  readonly id: string;
  readonly grant: Grant;
  readonly project: Project;
  readonly amountFen: Fen;
  readonly byCash: boolean;
  extra: ExtraLine | null;
  schedule: Schedule;
  left: Left;
  leftFen: Fen;
  retentionFen: Fen;
  /** null while the retention is not paid within the plan. */
  retentionOn: DayNo | null;
  /** Rows of payments; for households set when all activities of the plan are known. */
  payments: number;
  /** Drawn on beyond what was there. */
  overdrawn: boolean;
  /** One payment reversed and made again. */
  corrected: boolean;
  /** A disbursement entered twice and reversed. */
  enteredTwice: boolean;
  /** A card payment comes back in any case, and is not repeated. */
  bounces: boolean;
}

export type Misuse = 'library-after-payment' | 'paid-twice' | 'paid-in-cash';

export interface Project {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly archetype: Archetype;
  readonly fiscalYear: number;
  readonly level: Level;
  /** Indices into the county's lists. */
  readonly township: number;
  readonly village: number;
  readonly activities: Activity[];
  misuse: Misuse | null;
  /** Accepted and closed although money is left. */
  finished: boolean;
  dates: ProjectDates;
}

export interface ProjectDates {
  readonly library: DayNo | null;
  readonly approved: DayNo | null;
  readonly plannedStart: DayNo | null;
  readonly plannedEnd: DayNo | null;
  readonly accepted: DayNo | null;
  readonly closed: DayNo | null;
}

/** Money a county kept and sent back up. */
export interface GrantRecall {
  readonly grant: Grant;
  readonly amountFen: Fen;
  readonly returned: DayNo;
  readonly received: DayNo;
}

export interface CountyPlan {
  readonly county: County;
  readonly grants: readonly Grant[];
  readonly projects: readonly Project[];
  readonly activities: readonly Activity[];
  readonly recalls: readonly GrantRecall[];
}

/** What an activity has to spend: its first line and the one pooled with it. */
export const availableOf = (activity: Activity): bigint =>
  activity.amountFen + (activity.extra?.amountFen ?? 0n);

/** What it spends in the end. */
export const spentBy = (activity: Activity): bigint => availableOf(activity) - activity.leftFen;
