import { fen, ZERO } from '@fundflow/domain/money';
import { permille, YUAN } from './amounts.js';
import { BASE_RATES } from './base-rates.js';
import { type DayNo, PLAN_END } from './days.js';
import type { IdleQuota } from './idle-quota.js';
import { type Activity, type Misuse, type Project, type ProjectDates, spentBy } from './plan.js';
import type { Random } from './random.js';

const PAYMENTS_TO_UNITS_MAX = 24;
const KEEPS_RETENTION_PPM = 600_000;
const RETENTION_PERMILLE = 30;
const ACCEPTED_PPM = 900_000;
const CLOSED_PPM = 700_000;

/** What can only be known when all money of a project is: stages of payment, retention, acceptance, closing. */
export function settle(projects: readonly Project[], quota: IdleQuota, random: Random): void {
  for (const project of projects) {
    project.misuse ??= misuseOf(project, random);
    for (const activity of project.activities) {
      if (project.archetype.pays === 'households') continue;
      countStages(activity);
      if (project.archetype.works) keepRetention(activity, quota, random);
    }
    project.dates = datesOf(project, random);
  }
}

function misuseOf(project: Project, random: Random): Misuse | null {
  if (!random.chance(BASE_RATES.misusedProjects)) return null;
  if (random.chance(400_000)) return 'library-after-payment';
  if (project.archetype.pays === 'households') return 'paid-twice';
  const byCash = project.activities.some((activity) => activity.byCash);
  return project.level !== 'department' && byCash ? 'paid-in-cash' : 'library-after-payment';
}

function countStages(activity: Activity): void {
  const spent = spentBy(activity);
  if (spent === 0n) return;
  const usual = BigInt(activity.project.archetype.yuanPerPayment) * YUAN;
  const stages = Number((spent + usual / 2n) / usual);
  activity.payments = Math.min(
    Math.max(stages, activity.corrected || activity.overdrawn ? 2 : 1),
    PAYMENTS_TO_UNITS_MAX,
  );
}

/** Three per cent stay for a year (R16). Beyond the end of the plan they are idle money that has every reason to be. */
function keepRetention(activity: Activity, quota: IdleQuota, random: Random): void {
  const { left, overdrawn, corrected, byCash, schedule, grant, extra } = activity;
  if (left !== 'nothing' || overdrawn || corrected || byCash || activity.payments < 2) return;
  if (extra !== null || !random.chance(KEEPS_RETENTION_PPM)) return;
  const kept = permille(fen(spentBy(activity)), RETENTION_PERMILLE);
  if (kept === ZERO) return;
  const released = schedule.paidTo + 365 + random.between(0, 40);
  activity.retentionFen = kept;
  if (released <= PLAN_END - 5) {
    activity.retentionOn = released;
    activity.schedule = { ...schedule, lastOn: Math.max(schedule.lastOn, released) };
    return;
  }
  activity.left = 'retention';
  activity.leftFen = kept;
  quota.hold(grant.age, kept);
}

const NOTHING_HAPPENED: readonly string[] = ['untouched', 'unacknowledged'];

function datesOf(project: Project, random: Random): ProjectDates {
  const days = (pick: (activity: Activity) => DayNo): DayNo[] => project.activities.map(pick);
  const issued = Math.min(...days((activity) => activity.schedule.issued));
  const paidTo = Math.max(...days((activity) => activity.schedule.paidTo));
  const lastOn = Math.max(...days((activity) => activity.schedule.lastOn));
  if (project.misuse === 'library-after-payment') {
    const library = Math.min(paidTo + random.between(10, 60), PLAN_END);
    const unknown = { approved: null, plannedStart: null, plannedEnd: null };
    return { library, ...unknown, accepted: null, closed: null };
  }
  const approved = issued - random.between(4, 40);
  const library = approved - random.between(20, 200);
  const plannedStart = issued + random.between(3, 30);
  const plannedEnd = Math.max(plannedStart + 10, paidTo - random.between(0, 20));
  const begun = { library, approved, plannedStart, plannedEnd };
  const acceptedOn = Math.max(plannedEnd, paidTo + random.between(3, 40));
  const done = project.activities.every(({ left }) => !NOTHING_HAPPENED.includes(left));
  const accepted = random.chance(ACCEPTED_PPM) && done && acceptedOn <= PLAN_END;
  if (!accepted && !project.finished) return { ...begun, accepted: null, closed: null };
  const closedOn = Math.max(lastOn, acceptedOn) + random.between(10, 90);
  const settled = project.activities.every(({ left }) => left !== 'retention');
  const closed = random.chance(CLOSED_PPM) && settled && closedOn <= PLAN_END;
  return { ...begun, accepted: acceptedOn, closed: closed ? closedOn : null };
}
