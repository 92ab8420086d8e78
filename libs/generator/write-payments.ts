import { type Fen, fen, ZERO } from '@fundflow/domain/money';
import { correctedAccount } from './identities.js';
import { householdShare, permille, splitAmount, YUAN, yuanText } from './amounts.js';
import { BASE_RATES } from './base-rates.js';
import { type CountyWriter, nextId, voucherOf } from './county-writer.js';
import { type DayNo, dayText, shortDay, yearOf } from './days.js';
import type { FileKey } from './file-columns.js';
import { type Person, personOf } from './people.js';
import type { Activity } from './plan.js';
import type { Place } from './places.js';
import { mixed, type Random } from './random.js';
import { company, cooperative, type Unit } from './units.js';
import type { Source } from './write-cash.js';

/** One payment, whoever gets it. */
interface Payment {
  readonly source: string;
  readonly amount: Fen;
  readonly on: DayNo;
  readonly payee: readonly [sort: string, name: string, code: string, account: string];
  readonly region: string;
  readonly method: string;
  readonly voucher: string;
  readonly purpose: string;
  readonly alreadyHappened?: string;
  readonly remark?: string;
}

function writePayment(
  payment: Payment,
  activity: Activity,
  writer: CountyWriter,
  file: FileKey = 'payments',
): string {
  const id = nextId(writer, 'payment');
  const { payee, alreadyHappened } = payment;
  const { archetype, id: projectId } = activity.project;
  writer.write(file, [
    id,
    payment.source,
    // A list for the bank names no project: the payment has that of its source.
    payee[0] === '个人' ? '' : projectId,
    ...payee,
    payment.region,
    yuanText(payment.amount),
    '元',
    dayText(payment.on),
    payment.method,
    payment.voucher,
    archetype.economicCode,
    payment.purpose,
    alreadyHappened === undefined ? '' : '是',
    alreadyHappened ?? '',
    payment.remark ?? '',
  ]);
  return id;
}

/** How the rows of one source divide into first payments and what follows from them. */
interface Division {
  readonly first: number;
  readonly bounced: number;
  readonly paidAgain: number;
  readonly corrected: boolean;
  readonly overdrawn: boolean;
}

function divide(source: Source, activity: Activity, isLast: boolean, random: Random): Division {
  const rows = source.payments;
  const overdrawn = activity.overdrawn && isLast && rows >= 2;
  const corrected = activity.corrected && rows >= 2;
  const byCard = activity.project.archetype.pays === 'households' && !overdrawn;
  const expected = byCard ? rows * BASE_RATES.bounced : 0;
  const whole = Math.floor(expected / 1_000_000);
  const drawn = whole + (random.chance(expected % 1_000_000) ? 1 : 0);
  const room = Math.floor((rows - 2) / 2);
  const bounced = Math.max(0, Math.min(activity.bounces ? Math.max(1, drawn) : drawn, room));
  let paidAgain = 0;
  for (let i = activity.bounces ? 1 : 0; i < bounced; i += 1) {
    if (random.chance(BASE_RATES.paidAgain)) paidAgain += 1;
  }
  const first = rows - paidAgain - (corrected ? 1 : 0) - (overdrawn ? 1 : 0);
  return { first, bounced, paidAgain, corrected, overdrawn };
}

/** Writes the payments of one source; gives the id of the first. */
export function writePayments(
  source: Source,
  isLast: boolean,
  activity: Activity,
  writer: CountyWriter,
): string {
  const division = divide(source, activity, isLast, writer.random);
  const toHouseholds = activity.project.archetype.pays === 'households';
  const payments = toHouseholds
    ? toPeople(source, division.first, activity, writer)
    : toUnit(source, division.first, activity, writer);
  const ids = payments.map((payment) => writePayment(payment, activity, writer));
  const [first] = payments as [Payment];
  if (division.overdrawn) overdraw(first, source, activity, writer);
  if (division.corrected) correct(ids[0] as string, first, activity, writer);
  bounce(payments, ids, division, activity, writer);
  return ids[0] as string;
}

const METHOD_OF_LEVEL = { department: '授权支付', township: '报账', village: '报账' } as const;
const STAGES = ['预付款', '进度款', '结算款'] as const;

function payeeOf(activity: Activity, writer: CountyWriter): Unit {
  const { county, seed } = writer;
  const { archetype, number, village } = activity.project;
  const lot = mixed(number, seed);
  if (archetype.pays === 'companies') return company(county, 1 + (lot % 60));
  return cooperative(county, county.villages[village] as Place, 1 + (lot % 3));
}

function toUnit(
  source: Source,
  count: number,
  activity: Activity,
  writer: CountyWriter,
): Payment[] {
  const { project, byCash, retentionOn, retentionFen } = activity;
  const { name, code, account } = payeeOf(activity, writer);
  const kept = retentionOn === null ? ZERO : retentionFen;
  const stages = kept > 0n ? count - 1 : count;
  const weights = Array.from({ length: stages }, () => writer.random.between(50, 100));
  const amounts = splitAmount(fen(source.spentFen - kept), weights, 100n * YUAN);
  const method =
    project.misuse === 'paid-in-cash'
      ? '现金'
      : byCash
        ? METHOD_OF_LEVEL[project.level]
        : '直接支付';
  const make = (amount: Fen, on: DayNo, stage: string): Payment => ({
    ...{ source: source.id, amount, on, method },
    payee: ['单位', name, code, account],
    region: writer.county.codeIn(yearOf(on)),
    voucher: voucherOf('ZF', shortDay(on), activity.number),
    purpose: project.archetype.works ? stage : project.archetype.purpose,
  });
  const payments = amounts.map((amount, at) => {
    const last = at === stages - 1;
    const passed = stages === 1 ? 1 : at / (stages - 1);
    const on = source.from + Math.floor((source.to - source.from) * passed);
    const stage = last ? STAGES[2] : at === 0 ? STAGES[0] : STAGES[1];
    return make(amount, on, `${project.archetype.purpose}(${stage})`);
  });
  if (kept > 0n && retentionOn !== null) payments.push(make(kept, retentionOn, '质量保证金'));
  return payments;
}

function toPeople(
  source: Source,
  count: number,
  activity: Activity,
  writer: CountyWriter,
): Payment[] {
  const { random } = writer;
  const { project, number } = activity;
  const twice = project.misuse === 'paid-twice' && count >= 4;
  const weights = Array.from({ length: count }, () => householdShare(random));
  if (twice) weights[2] = weights[1] as number;
  const amounts = splitAmount(source.spentFen, weights, random.chance(700_000) ? 10n * YUAN : 1n);
  const runs = Math.min(count, random.between(1, 3));
  const people = peopleOf(activity, writer);
  const begin = random.below(150) + (source.from > activity.schedule.paidFrom ? 256 : 0);
  return amounts.map((amount, index) => {
    const at = twice && index === 2 ? 1 : index;
    const run = Math.floor((at * runs) / count);
    const passed = runs === 1 ? 0 : run / (runs - 1);
    const on = source.from + Math.floor((source.to - source.from) * passed);
    const { person, suffix } = people(begin, at);
    return {
      ...{ source: source.id, amount, on, method: '一卡通' },
      payee: ['个人', person.name, person.residentId, person.account],
      region: writer.county.codeIn(yearOf(on)) + suffix,
      voucher: voucherOf('YKT', shortDay(on), number),
      purpose: project.archetype.purpose,
    };
  });
}

/** Households of all villages of the project's township in turn, so that many benefit and nobody twice. */
function peopleOf({ project }: Activity, { county }: CountyWriter) {
  const { suffix: township } = county.townships[project.township] as Place;
  const villages = county.villages
    .map((place, index) => ({ ...place, index }))
    .filter((place) => place.suffix.startsWith(township));
  return (begin: number, at: number): { person: Person; suffix: string } => {
    const village = villages[(begin + at) % villages.length] as (typeof villages)[number];
    const number = begin + Math.floor(at / villages.length);
    return { person: personOf(county, village.index, number), suffix: village.suffix };
  };
}

/** 既成事实: paid although nothing was left. */
function overdraw(like: Payment, source: Source, activity: Activity, writer: CountyWriter): void {
  const amount = permille(source.spentFen, writer.random.between(10, 60));
  writePayment(
    {
      ...like,
      amount: amount > ZERO ? amount : fen(1n),
      on: source.to,
      alreadyHappened: '已先行垫付，补录入账',
    },
    activity,
    writer,
  );
}

/** 红冲 and paid anew: the first payment stood under a wrong account. */
function correct(id: string, payment: Payment, activity: Activity, writer: CountyWriter): void {
  const { lastOn } = activity.schedule;
  const reversed = Math.min(payment.on + writer.random.between(2, 10), lastOn);
  const reversal = nextId(writer, 'reversal');
  writer.write('reversals', [reversal, id, dayText(reversed), '支付信息录入错误']);
  const on = Math.min(reversed + writer.random.between(1, 5), lastOn);
  const remark = '冲销后重新支付';
  writePayment({ ...again(payment, on, writer), remark }, activity, writer, 'payments-again');
}

/** A second attempt on a later day, which may lie in a year with another region code. */
function again(payment: Payment, on: DayNo, { county }: CountyWriter): Payment {
  const region = county.codeIn(yearOf(on)) + payment.region.slice(6);
  return { ...payment, on, region, voucher: `${payment.voucher}R` };
}

const REASONS = ['收款账号不符', '收款人户名不符', '收款账户已销户', '收款账户长期不动'] as const;

/** 退票, and for most of them a second attempt with the account put right. Never the first payment. */
function bounce(
  payments: readonly Payment[],
  ids: readonly string[],
  { bounced, paidAgain }: Division,
  activity: Activity,
  writer: CountyWriter,
): void {
  const { random } = writer;
  const { lastOn } = activity.schedule;
  const chosen = new Set<number>();
  while (chosen.size < bounced) chosen.add(random.between(1, payments.length - 1));
  let left = paidAgain;
  for (const index of chosen) {
    const payment = payments[index] as Payment;
    const on = Math.min(payment.on + random.between(3, 15), lastOn);
    writer.write('returns', [
      nextId(writer, 'return'),
      '退票',
      ids[index] as string,
      yuanText(payment.amount),
      '元',
      dayText(on),
      '',
      random.pick(REASONS),
    ]);
    if (left === 0) continue;
    left -= 1;
    const second = Math.min(on + random.between(4, 30), lastOn);
    const [sort, name, code, account] = payment.payee;
    writePayment(
      {
        ...again(payment, second, writer),
        payee: [sort, name, code, correctedAccount(account)],
        remark: '退票后重新支付',
      },
      activity,
      writer,
      'payments-again',
    );
  }
}
