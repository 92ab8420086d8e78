import { type Fen, fen } from '@fundflow/domain/money';
import { permille, YUAN, yuanText } from './amounts.js';
import { type CountyWriter, nextId, unitOf, voucherOf } from './county-writer.js';
import { type DayNo, dayText, PLAN_END, shortDay, yearOf } from './days.js';
import { type Activity, availableOf } from './plan.js';

/** What payments are drawn on: a disbursement, or the allocation itself. */
export interface Source {
  readonly id: string;
  /** To be paid out of it, exactly. */
  readonly spentFen: Fen;
  readonly payments: number;
  readonly from: DayNo;
  readonly to: DayNo;
}

const SECOND_RELEASE_FROM = 60_000n * YUAN;

/**
 * Releases the cash of an activity, and says on what its payments are to be drawn. An activity that does not work by
 * cash is paid straight from its allocation.
 */
export function releaseCash(activity: Activity, writer: CountyWriter): Source[] {
  const { schedule, left, leftFen, byCash, payments, id } = activity;
  const { paidFrom: from, paidTo: to, disbursed, credited } = schedule;
  const spent = fen(availableOf(activity) - leftFen);
  if (left === 'unacknowledged' || left === 'untouched') return [];
  if (activity.enteredTwice) enterTwice(activity, writer);
  if (!byCash) return payments === 0 ? [] : [{ id, spentFen: spent, payments, from, to }];
  const inTwo = left === 'nothing' && spent > SECOND_RELEASE_FROM && payments >= 4;
  if (!inTwo || activity.overdrawn || activity.corrected || !writer.random.chance(400_000)) {
    const parked = left === 'cash' || left === 'cash-returned' ? leftFen : 0n;
    const first = disburse(activity, 1, fen(spent + parked), disbursed, credited, writer);
    if (left === 'not-credited') disburse(activity, 2, leftFen, disbursed, null, writer);
    return payments === 0 ? [] : [{ id: first, spentFen: spent, payments, from, to }];
  }
  const first = permille(spent, writer.random.between(450, 700));
  const second = fen(spent - first);
  const later = disbursed + Math.floor((to - disbursed) / 2);
  const secondCredited = Math.min(later + 1, to);
  const inFirst = Math.ceil(payments / 2);
  return [
    {
      id: disburse(activity, 1, first, disbursed, credited, writer),
      ...{ spentFen: first, payments: inFirst, from, to },
    },
    {
      id: disburse(activity, 2, second, later, secondCredited, writer),
      ...{ spentFen: second, payments: payments - inFirst, to },
      from: Math.max(from, secondCredited),
    },
  ];
}

function disburse(
  activity: Activity,
  ordinal: number,
  amount: Fen,
  disbursed: DayNo,
  credited: DayNo | null,
  writer: CountyWriter,
): string {
  const { project } = activity;
  const unit = unitOf(writer, project, project.archetype.department, yearOf(disbursed));
  const id = `BK${writer.county.id}-${activity.number}-${ordinal}`;
  writer.write('disbursements', [
    id,
    activity.id,
    project.id,
    unit.name,
    unit.code,
    unit.account,
    yuanText(amount),
    '元',
    dayText(disbursed),
    credited === null ? '' : dayText(credited),
    voucherOf('BK', shortDay(disbursed), activity.number),
    '',
  ]);
  return id;
}

/** The same release entered a second time, found and reversed: only where that much authority lies idle. */
function enterTwice(activity: Activity, writer: CountyWriter): void {
  const { disbursed, credited } = activity.schedule;
  const id = disburse(activity, 9, activity.leftFen, disbursed, credited, writer);
  const reversed = Math.min(credited + writer.random.between(2, 20), PLAN_END);
  writer.write('reversals', [nextId(writer, 'reversal'), id, dayText(reversed), '重复录入拨付']);
}

/** Unspent money on its way back: cash to its allocation, authority to the county. */
export function sendBack(activity: Activity, writer: CountyWriter): void {
  const { left, leftFen, schedule, id } = activity;
  if (left !== 'cash-returned' && left !== 'recalled') return;
  const { random, county } = writer;
  const cash = left === 'cash-returned';
  const returned = Math.min(schedule.paidTo + random.between(20, 90), PLAN_END - 12);
  const on = Math.max(returned, schedule.paidTo);
  const inTransit = random.chance(150_000) && cash;
  writer.write('returns', [
    nextId(writer, 'return'),
    cash ? '退回' : '收回',
    cash ? `BK${county.id}-${activity.number}-1` : id,
    yuanText(leftFen),
    '元',
    dayText(on),
    inTransit ? '' : dayText(Math.min(on + random.between(1, 9), PLAN_END)),
    cash ? '项目结余资金退回' : '收回存量资金',
  ]);
}
