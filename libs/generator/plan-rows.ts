import { yuanText, YUAN } from './amounts.js';
import { BASE_RATES } from './base-rates.js';
import { type Batch, batchesOf, chooseCounties } from './batches.js';
import { planCounty } from './county-plan.js';
import { type CountyWriter, nextId } from './county-writer.js';
import { dayText } from './days.js';
import type { Sink } from './file-columns.js';
import { type AgeClass, IdleQuota } from './idle-quota.js';
import type { County } from './places.js';
import { loadCounties } from './places.js';
import { type Activity, type CountyPlan, spentBy } from './plan.js';
import { randomFor } from './random.js';
import { buildUpperPlan, type UpperPlan } from './upper-plan.js';
import { releaseCash, sendBack } from './write-cash.js';
import { postGrant, postPayments, postProject } from './write-notices.js';
import { writePayments } from './write-payments.js';
import { writeActivityAllocation, writeProject, writeUpperAllocation } from './write-plan-rows.js';

export interface PlanSize {
  /** A whole number; the same seed and number of payments give the same rows. */
  readonly seed: number;
  /** Rows of payments, exactly; from `PAYMENTS_MIN` to `PAYMENTS_MAX`. */
  readonly payments: number;
}

export const PAYMENTS_MIN = 300;
export const PAYMENTS_MAX = 10_000_000;

/** Larger plans have larger projects, in thousandths of the smallest plan's. */
const SCALES: readonly (readonly [from: number, scale: number])[] = [
  [5_000_000, 6_000],
  [1_000_000, 4_000],
  [100_000, 2_500],
  [10_000, 1_500],
];

/**
 * Writes every row of a plan, a step an activity: after each step the caller may empty what it holds. Rows of one file
 * come in the order in which they can be posted. Holds the plan of one county at a time.
 *
 * @throws RangeError when seed or size are out of range
 */
export function* planSteps(size: PlanSize, write: Sink): Generator<void, void, void> {
  const { seed, payments } = checked(size);
  const counties = chooseCounties(seed, payments, loadCounties());
  const batches = batchesOf(seed, payments, counties);
  const upper = buildUpperPlan(seed, batches);
  const random = randomFor(seed, 'upper-rows');
  for (const row of upper.allocations) {
    writeUpperAllocation(row, write, random);
    yield;
  }
  const share = shareOut(size, countPayments(size, counties, batches, upper));
  for (const plan of planCounties(size, counties, batches, upper)) {
    share(plan);
    yield* countySteps(plan, seed, write);
  }
}

function checked(size: PlanSize): PlanSize {
  const { seed, payments } = size;
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError('种子须为非负整数');
  if (!Number.isSafeInteger(payments) || payments < PAYMENTS_MIN || payments > PAYMENTS_MAX) {
    throw new RangeError(`支付笔数须为 ${PAYMENTS_MIN} 至 ${PAYMENTS_MAX} 之间的整数`);
  }
  return size;
}

function* planCounties(
  { seed, payments }: PlanSize,
  counties: readonly County[],
  batches: readonly Batch[],
  upper: UpperPlan,
): Generator<CountyPlan, void, void> {
  const quota = idleQuota(batches, upper);
  const scale = SCALES.find(([from]) => payments >= from)?.[1] ?? 1_000;
  for (const county of counties) {
    const grants = upper.grants.get(county.id) ?? [];
    yield planCounty(county, grants, { seed, scale, quota });
  }
}

/** The rates are of all money; the debt of an age falls on the money of that age. */
function idleQuota(batches: readonly Batch[], upper: UpperPlan): IdleQuota {
  const money: Record<AgeClass, bigint> = { two: 0n, one: 0n, young: 0n };
  for (const batch of batches) for (const share of batch.shares.values()) money[batch.age] += share;
  const total = money.two + money.one + money.young;
  const rate = (ppm: number, of: bigint): bigint => (of === 0n ? 0n : (BigInt(ppm) * total) / of);
  const quota = new IdleQuota({
    two: rate(BASE_RATES.idleTwoYearsMoney, money.two),
    one: rate(BASE_RATES.idleOneYearMoney, money.one),
    young: BigInt(BASE_RATES.youngMoneyLeft),
  });
  for (const age of ['two', 'one', 'young'] as const) quota.hold(age, upper.heldFen[age]);
  return quota;
}

interface Totals {
  readonly toUnits: number;
  /** Activities that pay households. */
  readonly lists: number;
  readonly weight: number;
}

const paysHouseholds = (activity: Activity): boolean =>
  activity.project.archetype.pays === 'households' && spentBy(activity) > 0n;

/** How many payments its money usually makes. */
function weightOf(activity: Activity): number {
  const usual = BigInt(activity.project.archetype.yuanPerPayment) * YUAN;
  const count = spentBy(activity) / usual;
  return count < 1n ? 1 : Number(count);
}

/** A first pass over all counties: household payments are shared out when their sum is known, so that none is kept. */
function countPayments(
  size: PlanSize,
  counties: readonly County[],
  batches: readonly Batch[],
  upper: UpperPlan,
): Totals {
  let [toUnits, lists, weight] = [0, 0, 0];
  for (const plan of planCounties(size, counties, batches, upper)) {
    for (const activity of plan.activities) {
      toUnits += activity.payments;
      if (!paysHouseholds(activity)) continue;
      lists += 1;
      weight += weightOf(activity);
    }
  }
  return { toUnits, lists, weight };
}

/** Gives every list of households at least one payment, and the plan exactly as many as were asked for. */
function shareOut({ payments }: PlanSize, { toUnits, lists, weight }: Totals) {
  const free = payments - toUnits - lists;
  if (free < 0) throw new Error(`${payments} payments are too few for ${lists} lists`);
  let passed = 0;
  return (plan: CountyPlan): void => {
    for (const activity of plan.activities.filter(paysHouseholds)) {
      const before = Math.floor((free * passed) / weight);
      passed += weightOf(activity);
      activity.payments = 1 + Math.floor((free * passed) / weight) - before;
    }
  };
}

function* countySteps(plan: CountyPlan, seed: number, write: Sink): Generator<void, void, void> {
  const { county, grants, projects, activities, recalls } = plan;
  const writer: CountyWriter = {
    ...{ county, seed, write },
    random: randomFor(seed, `rows/${county.id}`),
    counts: { payment: 0, return: 0, reversal: 0, notice: 0 },
  };
  for (const grant of grants) postGrant(grant, writer);
  for (const { grant, amountFen, returned, received } of recalls) {
    const dates = [dayText(returned), dayText(received)];
    const id = nextId(writer, 'return');
    write('returns', [id, '收回', grant.id, yuanText(amountFen), '元', ...dates, '收回存量资金']);
  }
  for (const project of projects) {
    writeProject(project, writer);
    postProject(project, writer);
  }
  for (const activity of activities) {
    writeActivityAllocation(activity, writer);
    const sources = releaseCash(activity, writer);
    sources.forEach((source, at) => {
      const first = writePayments(source, at === sources.length - 1, activity, writer);
      if (at === 0) postPayments(activity, first, writer);
    });
    sendBack(activity, writer);
    yield;
  }
}
