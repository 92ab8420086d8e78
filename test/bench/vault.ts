import { perSecondFrom } from './http-client.js';
import { median } from './median.js';
import { paymentRow, type PostingPlan } from './plan-for-posting.js';
import { type Desk, post, postFile, postSources } from './postings.js';

const CALLERS = 64;
const TURNS = 7;
const BULK_ROWS = 500;
const BULK_REQUESTS = 4;
const SINGLE = 500;
const FILE_TURNS = 3;

export interface VaultBench {
  /** Rows a second in requests of 500 rows, and postings a second of one row from 64 callers. */
  readonly bulkPeople: number;
  readonly bulkUnits: number;
  readonly singlePeople: number;
  readonly singleUnits: number;
  /** Median of the ratios of neighbouring turns: what else the machine does changes both sides of each alike. */
  readonly bulkRatio: number;
  readonly singleRatio: number;
  /** Rows a second of a file, from upload to posted. */
  readonly filePeople: number;
  readonly fileUnits: number;
  readonly fileRatio: number;
}

/**
 * Payments all to people with name, ID and account, nobody known before, beside the same payments to units: the same
 * columns, texts of about the same length, but for the ID that a unit has not. In turns in one run, by the clock, from
 * the first byte of a hand-in to the answer that it is posted.
 */
export async function benchVault(desk: Desk, fileRows: number): Promise<VaultBench> {
  const plan: PostingPlan = { prefix: 'BV', holdings: 256, yuanEach: 1_000_000 };
  await postSources(desk, plan);
  let next = 0;
  const row = (isPerson: boolean): object => {
    next += 1;
    return rowToPay(plan, next, isPerson);
  };
  const bulk = (isPerson: boolean): Promise<number> => {
    const requests = Array.from({ length: BULK_REQUESTS }, () =>
      Array.from({ length: BULK_ROWS }, () => row(isPerson)),
    );
    return rate(BULK_REQUESTS * BULK_ROWS, async () => {
      for (const rows of requests) await post(desk, 'payments', rows);
    });
  };
  const single = (isPerson: boolean): Promise<number> =>
    perSecondFrom(CALLERS, SINGLE, () => post(desk, 'payments', [row(isPerson)]));
  const rates = { bulkPeople: [], bulkUnits: [], singlePeople: [], singleUnits: [] } as Record<
    'bulkPeople' | 'bulkUnits' | 'singlePeople' | 'singleUnits',
    number[]
  >;
  for (let turn = 0; turn < TURNS + 1; turn += 1) {
    // Whichever comes first has the cache warm for the other: they change places.
    for (const isPerson of turn % 2 === 0 ? [true, false] : [false, true]) {
      const [many, one] = [await bulk(isPerson), await single(isPerson)];
      if (turn === 0) continue;
      rates[isPerson ? 'bulkPeople' : 'bulkUnits'].push(many);
      rates[isPerson ? 'singlePeople' : 'singleUnits'].push(one);
    }
  }
  const files = await benchFiles(desk, fileRows, row);
  const bulkPeople = median(rates.bulkPeople);
  const bulkUnits = median(rates.bulkUnits);
  const singlePeople = median(rates.singlePeople);
  const singleUnits = median(rates.singleUnits);
  return {
    ...{ bulkPeople, bulkUnits, singlePeople, singleUnits },
    bulkRatio: ratioOf(rates.bulkPeople, rates.bulkUnits),
    singleRatio: ratioOf(rates.singlePeople, rates.singleUnits),
    ...files,
  };
}

/** The n-th payment of a plan, to somebody nobody else was paid as. */
export function rowToPay(plan: PostingPlan, index: number, isPerson: boolean): object {
  const payee = isPerson
    ? { 收款人类型: '个人', 收款人: `甲例${index}`, 证件号码: made(index) }
    : { 收款人类型: '单位', 收款人: `示例${index}有限公司`, 证件号码: '' };
  const account = `9999${String(index).padStart(9, '0')}`;
  return { ...paymentRow(plan, index), ...payee, 收款账号: account };
}

export function csvOf(rows: readonly object[]): string {
  const heads = Object.keys(rows[0] ?? {});
  return [heads, ...rows.map((row) => Object.values(row) as string[])]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');
}

/** The same rows as files, in turns. */
async function benchFiles(desk: Desk, rows: number, row: (isPerson: boolean) => object) {
  const [people, units]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < FILE_TURNS; turn += 1) {
    for (const isPerson of turn % 2 === 0 ? [true, false] : [false, true]) {
      const lines = Array.from({ length: rows }, () => row(isPerson));
      const { begun, done } = await postFile(desk, csvOf(lines));
      (isPerson ? people : units).push((rows * 1000) / (done - begun));
    }
  }
  const [filePeople, fileUnits] = [median(people), median(units)];
  return { filePeople, fileUnits, fileRatio: ratioOf(people, units) };
}

const ratioOf = (people: readonly number[], units: readonly number[]): number =>
  median(people.map((rate, turn) => rate / (units[turn] ?? NaN)));

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (count * 1000) / (performance.now() - begun);
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** An ID of nobody with its check digit, another one for each number: a warning a row would be measured too. */
function made(number: number): string {
  const serial = String(number % 1_000).padStart(3, '0');
  const day = String(1 + (Math.floor(number / 1_000) % 28)).padStart(2, '0');
  const born = 1950 + (Math.floor(number / 28_000) % 50);
  const division = 459900 + (Math.floor(number / 1_400_000) % 100);
  const body = `${division}${born}01${day}${serial}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + '10X98765432'.charAt(sum % 11);
}
