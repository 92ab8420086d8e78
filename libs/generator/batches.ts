import { type Fen, fen } from '@fundflow/domain/money';
import { HUNDRED_YUAN, permille, roundDown, WAN } from './amounts.js';
import { type DayNo, dayNo } from './days.js';
import { FISCAL_YEARS, type Fund, FUNDS, YEAR_SHARES, YUAN_PER_PAYMENT } from './fund-mix.js';
import { type AgeClass, ageClassOf } from './idle-quota.js';
import type { County } from './places.js';
import { WEIGHTS } from './poor-counties.js';
import { type Random, randomFor } from './random.js';

/** One notice of money and what each county is to get of it. */
export interface Batch {
  /** `ZB18A1`: fiscal year, fund, number. */
  readonly id: string;
  readonly fund: Fund;
  readonly fiscalYear: number;
  /** 第几批, counted from one. */
  readonly ordinal: number;
  readonly advance: boolean;
  readonly issued: DayNo;
  readonly age: AgeClass;
  readonly shares: ReadonlyMap<County, Fen>;
}

/** Always part of a plan: 马山县, where every finding is shown, and 田阳, whose code changes on the way. */
export const SHOWCASE_COUNTY = '450124';
const ALWAYS = [SHOWCASE_COUNTY, '451003'];
/** From this reach on a fund comes to the counties of `ALWAYS` in any case. */
const WIDE_REACH = 400;
const PAYMENTS_PER_COUNTY = 500;
/** From so many counties on the large funds are issued in three batches instead of two. */
const MANY_COUNTIES = 40;
const LARGE_SHARE = 100;

const weightOf = (county: County): number => WEIGHTS[county.poverty ?? 'other'];

/** Poor counties first, by lot; a large plan has all of them. In the order of their codes. */
export function chooseCounties(seed: number, payments: number, all: readonly County[]): County[] {
  const count = Math.min(all.length, Math.max(2, Math.round(payments / PAYMENTS_PER_COUNTY)));
  return drawn(all, count, true, randomFor(seed, 'counties'));
}

function drawn(
  counties: readonly County[],
  count: number,
  always: boolean,
  random: Random,
): County[] {
  const lots = counties.map((county) => {
    const lot = Math.floor((random.below(1_000_000) * 10) / weightOf(county));
    return { county, lot: always && ALWAYS.includes(county.id) ? -1 : lot };
  });
  lots.sort((a, b) => a.lot - b.lot || (a.county.id < b.county.id ? -1 : 1));
  return lots
    .slice(0, count)
    .map(({ county }) => county)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

interface Issue {
  readonly advance: boolean;
  readonly share: number;
  readonly issued: DayNo;
}

function issuesOf(fund: Fund, year: number, many: boolean, share: number, random: Random): Issue[] {
  const inMonths = (from: number, to: number): DayNo => {
    const month = `${random.between(from, to)}`.padStart(2, '0');
    return dayNo(`${year}-${month}-01`) + random.between(2, 26);
  };
  const third = many && share >= LARGE_SHARE;
  const [from, to] = fund.months;
  const issues: Issue[] = [];
  if (fund.advance) {
    const issued = dayNo(`${year - 1}-11-01`) + random.between(0, 35);
    issues.push({ advance: true, share: third ? 450 : 550, issued });
  }
  const main = 1000 - issues.reduce((sum, issue) => sum + issue.share, 0);
  const first = third ? Math.floor((main * 2) / 3) : main;
  issues.push({ advance: false, share: first, issued: inMonths(from, to) });
  if (third) {
    const late = { advance: false, share: main - first, issued: inMonths(7, 8) };
    issues.push(late);
  }
  return issues;
}

/** Round sums are usual in a notice, odd ones occur: whole 万元, hundreds of yuan, or any fen. */
function roundedShare(amount: Fen, random: Random): Fen {
  const grain = random.weighted([70, 20, 10]);
  if (grain === 2) return amount;
  return roundDown(amount, grain === 0 && amount > 50n * WAN ? WAN : HUNDRED_YUAN);
}

function sharesOf(
  amount: Fen,
  counties: readonly County[],
  random: Random,
): ReadonlyMap<County, Fen> {
  const weights = counties.map((county) => weightOf(county) * random.between(70, 130));
  const sum = BigInt(weights.reduce((a, b) => a + b, 0));
  const shares = new Map<County, Fen>();
  counties.forEach((county, index) => {
    const share = fen((amount * BigInt(weights[index] as number)) / sum);
    const rounded = roundedShare(share, random);
    if (rounded > 0n) shares.set(county, rounded);
  });
  return shares;
}

/** All notices of money of the three years, by fiscal year, fund and number. */
export function batchesOf(seed: number, payments: number, counties: readonly County[]): Batch[] {
  const total = fen(BigInt(payments) * YUAN_PER_PAYMENT * 100n);
  const many = counties.length >= MANY_COUNTIES;
  const poor = counties.filter((county) => county.poverty !== null);
  return FISCAL_YEARS.flatMap((fiscalYear, yearIndex) =>
    FUNDS.flatMap((fund) => {
      const random = randomFor(seed, `batch/${fiscalYear}${fund.letter}`);
      const share = fund.share[yearIndex] as number;
      const money = permille(permille(total, YEAR_SHARES[yearIndex] as number), share);
      const among = fund.poorOnly ? poor : counties;
      const count = Math.max(1, Math.round((among.length * fund.reach) / 1000));
      const always = fund.reach >= WIDE_REACH;
      return issuesOf(fund, fiscalYear, many, share, random).map((issue, index) => ({
        id: `ZB${fiscalYear % 100}${fund.letter}${index + 1}`,
        fund,
        fiscalYear,
        ordinal: index + 1,
        advance: issue.advance,
        issued: issue.issued,
        age: ageClassOf(issue.issued),
        shares: sharesOf(permille(money, issue.share), drawn(among, count, always, random), random),
      }));
    }),
  );
}
