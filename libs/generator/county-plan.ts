import { type Fen, fen, ZERO } from '@fundflow/domain/money';
import { HUNDRED_YUAN, permille, projectSize, roundDown, YUAN } from './amounts.js';
import {
  type Archetype,
  TO_HOUSEHOLDS,
  TO_UNITS,
  TO_UNITS_BY_BOND,
  TO_UNITS_OF_SECTORS,
} from './archetypes.js';
import { BASE_RATES } from './base-rates.js';
import { SHOWCASE_COUNTY } from './batches.js';
import { PLAN_END } from './days.js';
import { leaveMoney, showFindings } from './findings.js';
import type { IdleQuota } from './idle-quota.js';
import type { County } from './places.js';
import type { Activity, CountyPlan, ExtraLine, GrantRecall, Level, Project } from './plan.js';
import { type Random, randomFor } from './random.js';
import { scheduleOf } from './schedule.js';
import { settle } from './settle.js';
import type { Grant } from './upper-plan.js';

export interface CountySetting {
  readonly seed: number;
  /** How much larger projects are than in the smallest plan, in thousandths. */
  readonly scale: number;
  /** Shared by all counties: planning them in another order gives another plan. */
  readonly quota: IdleQuota;
}

interface Work extends CountySetting {
  readonly county: County;
  readonly random: Random;
  readonly projects: Project[];
  readonly activities: Activity[];
  readonly recalls: GrantRecall[];
  /** Kept in hand to be pooled with the money of a later grant. */
  readonly reserves: ExtraLine[];
}

const SMALLEST_ACTIVITY = 5_000n * YUAN;
/** Of money kept for pooling: five to fifteen times this, for each thousandth of scale. */
const PORTION = 4n * YUAN;
const ACTIVITIES_PER_GRANT_MAX = 20_000;
const JOINS_PROJECT_PPM = 120_000;
/** Of activities, in a million: the rest goes to units. Makes a fifth of the money household benefits. */
const TO_HOUSEHOLDS_PPM = 440_000;

/** Details the grants of one county to projects, releases and payments. */
export function planCounty(
  county: County,
  grants: readonly Grant[],
  setting: CountySetting,
): CountyPlan {
  const random = randomFor(setting.seed, `county/${county.id}`);
  const lists = { projects: [], activities: [], recalls: [], reserves: [] };
  const work: Work = { ...setting, ...lists, county, random };
  for (const grant of grants) detail(grant, work);
  // A reserve may still be pooled with another that is left: each leaves the list before it is used.
  for (let kept = work.reserves.shift(); kept; kept = work.reserves.shift()) {
    addActivity(kept.grant, kept.amountFen, null, work);
  }
  if (county.id === SHOWCASE_COUNTY) showFindings(work.activities, work.quota);
  settle(work.projects, work.quota, random);
  const { projects, activities, recalls } = work;
  return { county, grants, projects, activities, recalls };
}

function detail(grant: Grant, work: Work): void {
  let left = fen(grant.amountFen - holdBack(grant, work) - reserve(grant, work));
  for (let count = 0; left > 0n; count += 1) {
    if (count > ACTIVITIES_PER_GRANT_MAX) throw new Error(`${grant.id} is cut too small`);
    const archetype = archetypeFor(grant, work.random);
    const wanted = roundDown(
      fen(
        (BigInt(archetype.yuan * work.scale) * YUAN * BigInt(projectSize(work.random))) /
          1_000_000n,
      ),
      HUNDRED_YUAN,
    );
    const rest = left - wanted;
    const amount = wanted < SMALLEST_ACTIVITY || rest < SMALLEST_ACTIVITY ? null : wanted;
    const taken = amount ?? (rest > SMALLEST_ACTIVITY ? fen(SMALLEST_ACTIVITY) : left);
    addActivity(grant, taken, archetype, work);
    left = fen(left - taken);
  }
}

/** Some counties keep money in hand; a part of what grew old is taken back up. */
function holdBack(grant: Grant, { random, quota, recalls }: Work): Fen {
  if (!random.chance(BASE_RATES.heldByCounty)) return ZERO;
  const held = roundDown(permille(grant.amountFen, random.between(50, 200)), HUNDRED_YUAN);
  if (held === ZERO) return ZERO;
  quota.hold(grant.age, held);
  const likely = grant.age === 'two' ? 400_000 : 60_000;
  if (random.chance(grant.hasParent ? likely : likely / 4)) {
    const returned = Math.min(grant.received + random.between(300, 600), PLAN_END - 20);
    const received = returned + random.between(1, 15);
    recalls.push({ grant, amountFen: held, returned, received });
  }
  return held;
}

/** Kept for pooling, in portions that fit a project. */
function reserve(grant: Grant, work: Work): Fen {
  const { random, reserves, scale } = work;
  if (!random.chance(BASE_RATES.reserved) && !lacksPooling(work)) return ZERO;
  const kept = roundDown(permille(grant.amountFen, random.between(100, 250)), HUNDRED_YUAN);
  let left = kept;
  while (left > ZERO) {
    const wanted = fen(PORTION * BigInt(scale * random.between(5, 15)));
    const amountFen = left < wanted + SMALLEST_ACTIVITY ? left : wanted;
    reserves.push({ grant, amountFen });
    left = fen(left - amountFen);
  }
  return kept;
}

function archetypeFor(grant: Grant, random: Random): Archetype {
  switch (grant.fund.type) {
    case 'bond':
      return random.pick(TO_UNITS_BY_BOND);
    case 'sector':
    case 'land-quota':
      return random.pick(TO_UNITS_OF_SECTORS);
    default:
      return random.pick(random.chance(TO_HOUSEHOLDS_PPM) ? TO_HOUSEHOLDS : TO_UNITS);
  }
}

function addActivity(grant: Grant, amountFen: Fen, wanted: Archetype | null, work: Work): void {
  const { random, activities } = work;
  const archetype = wanted ?? archetypeFor(grant, random);
  const project = projectFor(archetype, grant, work);
  const number = activities.length + 1;
  const toHouseholds = archetype.pays === 'households';
  const schedule = scheduleOf(grant.received, toHouseholds, random);
  const cashPpm = toHouseholds ? 650_000 : project.level === 'department' ? 250_000 : 700_000;
  const activity: Activity = {
    number,
    id: `${grant.id}-${number}`,
    ...{ grant, project, amountFen, schedule },
    byCash: random.chance(cashPpm),
    ...{ extra: null, left: 'nothing', leftFen: ZERO, retentionFen: ZERO, retentionOn: null },
    ...{ payments: 0, overdrawn: false, corrected: false, enteredTwice: false, bounces: false },
  };
  activities.push(activity);
  project.activities.push(activity);
  if (random.chance(BASE_RATES.pooled) || lacksPooling(work)) pool(activity, work);
  leaveMoney(activity, work.quota, random);
}

/** The showcase county pools at least once. */
const lacksPooling = ({ county, activities }: Work): boolean =>
  county.id === SHOWCASE_COUNTY && activities.every(({ extra }) => extra === null);

/** A county's older reserve joins: the allocation then has two sources. */
function pool(activity: Activity, { reserves, quota }: Work): void {
  const { grant, schedule } = activity;
  const at = reserves.findIndex(
    (extra) => extra.grant !== grant && extra.grant.received <= schedule.received,
  );
  const [extra] = at < 0 ? [] : reserves.splice(at, 1);
  if (!extra) return;
  activity.extra = extra;
  quota.accrue(extra.grant.age, extra.amountFen);
}

const LEVELS: readonly Level[] = ['department', 'township', 'village'];

function projectFor(archetype: Archetype, grant: Grant, work: Work): Project {
  const { random, projects, county } = work;
  const { fiscalYear } = grant;
  if (random.chance(JOINS_PROJECT_PPM)) {
    const same = projects.findLast(
      (project) => project.archetype === archetype && project.fiscalYear === fiscalYear,
    );
    if (same) return same;
  }
  const toHouseholds = archetype.pays === 'households';
  const level = LEVELS[random.weighted(toHouseholds ? [60, 40, 0] : [45, 35, 20])] as Level;
  const village = random.below(county.villages.length);
  const { suffix, name: villageName } = county.villages[village] as {
    suffix: string;
    name: string;
  };
  const township = county.townships.findIndex((place) => suffix.startsWith(place.suffix));
  const townshipName = county.townships[township]?.name ?? '';
  const place = toHouseholds ? townshipName : townshipName + villageName;
  const number = projects.length + 1;
  const project: Project = {
    id: `XM${fiscalYear % 100}-${county.id}-${number}`,
    ...{ number, archetype, fiscalYear, level, township, village, activities: [] },
    name: `${fiscalYear}年${place}${archetype.title}`,
    misuse: null,
    finished: false,
    dates: {
      ...{ library: null, approved: null, plannedStart: null, plannedEnd: null },
      ...{ accepted: null, closed: null },
    },
  };
  projects.push(project);
  return project;
}
