import { type Fen, fen } from '@fundflow/domain/money';
import type { Random } from './random.js';

/** 64 quantiles of a log-normal distribution of mean 1,000: σ = 1.0 for projects, σ = 0.55 for households. */
const PROJECT_SIZES = [
  ...[55, 85, 106, 125, 142, 158, 173, 188, 203, 218, 233, 247, 262, 277, 292, 307, 323, 339, 355],
  ...[371, 388, 405, 422, 440, 459, 478, 498, 518, 539, 561, 583, 606, 631, 656, 682, 710, 738],
  ...[768, 800, 833, 868, 905, 945, 986, 1031, 1078, 1130, 1185, 1244, 1309, 1381, 1459, 1546],
  ...[1644, 1755, 1882, 2031, 2208, 2424, 2699, 3066, 3600, 4512, 6937],
];
const HOUSEHOLD_SHARES = [
  ...[228, 289, 327, 358, 384, 407, 429, 449, 468, 486, 504, 521, 538, 555, 571, 587, 604, 620],
  ...[636, 652, 668, 684, 700, 716, 732, 749, 766, 783, 800, 818, 835, 854, 872, 891, 911, 931],
  ...[951, 972, 994, 1017, 1040, 1064, 1089, 1116, 1143, 1172, 1202, 1234, 1268, 1304, 1342, 1384],
  ...[1429, 1478, 1532, 1592, 1660, 1738, 1829, 1941, 2082, 2274, 2575, 3262],
];

/** A heavy-tailed factor in thousandths, mean about 1,000; one in 64 is up to twice the last quantile. */
export function projectSize(random: Random): number {
  const size = random.pick(PROJECT_SIZES);
  return size === 6937 ? random.between(4600, 13_800) : size;
}

export const householdShare = (random: Random): number => random.pick(HOUSEHOLD_SHARES);

export const YUAN = 1_00n;
export const HUNDRED_YUAN = 100_00n;
export const WAN = 10_000_00n;

export const permille = (amount: Fen, share: number): Fen => fen((amount * BigInt(share)) / 1_000n);
export const minFen = (a: Fen, b: Fen): Fen => (a < b ? a : b);
export const roundDown = (amount: Fen, grain: bigint): Fen => fen(amount - (amount % grain));

/**
 * Splits exactly: shares in proportion to whole weights, each rounded down to `grain` where that leaves it positive; the
 * last takes the remainder.
 *
 * @throws Error when there are fewer fen than shares: the plan above is broken
 */
export function splitAmount(total: Fen, weights: readonly number[], grain: bigint): Fen[] {
  const sum = BigInt(weights.reduce((a, b) => a + b, 0));
  let left: bigint = total;
  const shares = weights.map((weight, index) => {
    if (index === weights.length - 1) return fen(left);
    const exact = (total * BigInt(weight)) / sum;
    const rounded = exact - (exact % grain);
    const share = rounded > 0n ? rounded : exact;
    left -= share;
    return fen(share);
  });
  if (shares.some((share) => share <= 0n)) throw new Error(`${total} fen are too few to split`);
  return shares;
}

/** Yuan with two decimals, as a cell of a file: `1250.00`. */
export function yuanText(amount: Fen): string {
  const digits = amount.toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** 万元 without a trailing zero, exact to the fen: `724.712484`. */
export function wanText(amount: Fen): string {
  const digits = amount.toString().padStart(7, '0');
  const fraction = digits.slice(-6).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -6) : `${digits.slice(0, -6)}.${fraction}`;
}
