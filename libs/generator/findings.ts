import { type Fen, fen, ZERO } from '@fundflow/domain/money';
import { HUNDRED_YUAN, permille, roundDown } from './amounts.js';
import { BASE_RATES } from './base-rates.js';
import { dayNo, PLAN_END } from './days.js';
import type { IdleQuota } from './idle-quota.js';
import type { Activity, Left } from './plan.js';
import type { Random } from './random.js';

/** Decides what stays unspent of an activity, and the rare things that go wrong with it. */
export function leaveMoney(activity: Activity, quota: IdleQuota, random: Random): void {
  const { grant, amountFen } = activity;
  if (activity.extra === null && random.chance(BASE_RATES.unacknowledged)) {
    return leave(activity, 'unacknowledged', amountFen);
  }
  // Money of two ages in one allocation counts as the older: such an allocation is left in order.
  if (activity.extra !== null) return quota.accrue(grant.age, amountFen);
  const held = quota.claim(grant.age, amountFen);
  if (held === amountFen) return leave(activity, 'untouched', held);
  if (held > ZERO) {
    const byCash: Left[] = ['cash', 'cash', 'cash', 'cash-returned'];
    const byAuthority: Left[] = ['authority', 'authority', 'recalled'];
    leave(activity, random.pick(activity.byCash ? byCash : byAuthority), held);
    activity.enteredTwice = activity.left === 'authority' && random.chance(BASE_RATES.enteredTwice);
    return;
  }
  if (activity.byCash && random.chance(BASE_RATES.notCredited)) {
    const sent = roundDown(permille(amountFen, random.between(100, 300)), HUNDRED_YUAN);
    if (sent > ZERO) return leave(activity, 'not-credited', sent);
  }
  activity.overdrawn = activity.byCash && random.chance(BASE_RATES.overdrawn);
  activity.corrected = !activity.overdrawn && random.chance(BASE_RATES.corrected);
}

function leave(activity: Activity, left: Left, amount: Fen): void {
  activity.left = left;
  activity.leftFen = amount;
}

const isClean = (activity: Activity): boolean =>
  activity.left === 'nothing' &&
  activity.extra === null &&
  !activity.overdrawn &&
  !activity.corrected &&
  activity.project.activities.length === 1;

interface Showpiece {
  readonly fits: (activity: Activity) => boolean;
  readonly show: (activity: Activity) => void;
}

const HALF_YEAR = 180;
const toHouseholds = ({ project }: Activity): boolean => project.archetype.pays === 'households';
const inCash = ({ byCash, schedule }: Activity): boolean =>
  byCash && schedule.paidTo <= PLAN_END - HALF_YEAR;
const old = ({ grant }: Activity): boolean => grant.age === 'two';
const oneYear = ({ grant }: Activity): boolean => grant.age === 'one';
const part = (activity: Activity, share: number): Fen => {
  const rounded = roundDown(permille(activity.amountFen, share), HUNDRED_YUAN);
  return rounded > ZERO ? rounded : fen(activity.amountFen / 4n);
};

/**
 * What everybody should be able to see in the showcase county: each idle-fund rule of contract §4 and each kind of
 * return and reversal once, in this order, on the first activity that fits and is otherwise in order.
 */
const SHOWPIECES: readonly Showpiece[] = [
  { fits: (a) => old(a) && !a.byCash, show: (a) => leave(a, 'authority', part(a, 350)) },
  { fits: oneYear, show: (a) => leave(a, 'untouched', a.amountFen) },
  {
    fits: (a) => inCash(a) && oneYear(a),
    show: (a) => {
      leave(a, 'cash', part(a, 250));
      a.project.finished = true;
    },
  },
  {
    fits: (a) => a.schedule.issued < dayNo('2020-10-01') && !old(a),
    show: (a) => leave(a, 'unacknowledged', a.amountFen),
  },
  { fits: (a) => inCash(a) && toHouseholds(a), show: (a) => (a.overdrawn = true) },
  { fits: (a) => inCash(a) && toHouseholds(a), show: (a) => (a.bounces = true) },
  { fits: inCash, show: (a) => leave(a, 'cash-returned', part(a, 200)) },
  { fits: (a) => old(a) && !a.byCash, show: (a) => leave(a, 'recalled', part(a, 300)) },
  { fits: toHouseholds, show: (a) => (a.corrected = true) },
  {
    fits: (a) => !a.byCash,
    show: (a) => {
      leave(a, 'authority', part(a, 400));
      a.enteredTwice = true;
    },
  },
  { fits: toHouseholds, show: (a) => (a.project.misuse = 'paid-twice') },
  {
    fits: (a) => !toHouseholds(a),
    show: (a) => (a.project.misuse = 'library-after-payment'),
  },
];

/** Puts every showpiece somewhere among the activities of a county; the quota counts what they leave. */
export function showFindings(activities: readonly Activity[], quota: IdleQuota): void {
  const taken = new Set<Activity>();
  for (const { fits, show } of SHOWPIECES) {
    const found = activities.find((a) => !taken.has(a) && isClean(a) && fits(a));
    if (!found) continue;
    taken.add(found);
    show(found);
    if (found.left !== 'unacknowledged') quota.hold(found.grant.age, found.leftFen);
  }
}
