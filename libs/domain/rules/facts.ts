import type { Day } from '../calendar.js';
import { type Fen, fen, ZERO } from '../money.js';
import type { RegionCode } from '../region.js';
import type { Origins } from './age.js';

/**
 * What the rules look at, independent of where it is stored: everything that counts for one subject, over all days. A
 * question about what was known at a moment gives the rules the facts recorded until then.
 */
export type Facts = HoldingFacts | ProjectFacts;

/** A line into a holding: its first (with the holding's own id), a supplement, or a disbursement's only one. */
export interface LineFacts {
  readonly id: string;
  /** Null for a disbursement. */
  readonly documentNo: string | null;
  readonly amountFen: Fen;
  readonly issuedOn: Day;
  readonly receivedOn: Day | null;
  readonly reversedOn: Day | null;
}

/** The change of a balance on a day, as recorded: amount − passed down − disbursed − paid − returned up. */
export interface DayDelta {
  readonly day: Day;
  readonly deltaFen: Fen;
}

/** The balance at the end of a day of movement; it holds until the next. */
export interface DayBalance {
  readonly day: Day;
  readonly balanceFen: Fen;
}

export interface HoldingFacts {
  readonly subject: 'holding';
  readonly id: string;
  readonly kind: 'allocation' | 'disbursement';
  readonly region: RegionCode;
  readonly fundType: string;
  readonly firstLine: LineFacts;
  readonly supplements: readonly LineFacts[];
  /** One entry a movement day (`lastMovementOn`, contract §6), ascending. Before the first the balance is zero. */
  readonly balances: readonly DayBalance[];
  readonly origins: Origins;
}

export interface ProjectFacts {
  readonly subject: 'project';
  readonly id: string;
  readonly county: RegionCode;
  readonly acceptedOn: Day | null;
  readonly closedOn: Day | null;
  /** Holdings whose effective project it is. */
  readonly holdings: readonly BalanceFacts[];
}

/** The part of a holding its balance depends on. */
export type BalanceFacts = Pick<HoldingFacts, 'id' | 'firstLine' | 'balances'>;

/** Running balances from changes in any order, several a day allowed; a change of zero still marks a movement day. */
export function runningBalances(deltas: readonly DayDelta[]): DayBalance[] {
  const sorted = [...deltas].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  const balances: DayBalance[] = [];
  let balance = 0n;
  for (const { day, deltaFen } of sorted) {
    balance += deltaFen;
    if (balances[balances.length - 1]?.day === day) balances.pop();
    balances.push({ day, balanceFen: fen(balance) });
  }
  return balances;
}

/** The last entry on or before `day`. */
function entryOn(balances: readonly DayBalance[], day: Day): DayBalance | null {
  let low = 0;
  let high = balances.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((balances[middle] as DayBalance).day <= day) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : (balances[low - 1] as DayBalance);
}

const reached = (date: Day | null, day: Day): boolean => date !== null && date <= day;

/** Acknowledged or credited, and not reversed: only then there is a balance to look at. */
const isHeld = (holding: BalanceFacts, day: Day): boolean =>
  reached(holding.firstLine.receivedOn, day) && !reached(holding.firstLine.reversedOn, day);

/** Available authority or unspent cash at the end of `day`, below zero when overdrawn; zero while not held. */
export const balanceOn = (holding: BalanceFacts, day: Day): Fen =>
  isHeld(holding, day) ? (entryOn(holding.balances, day)?.balanceFen ?? ZERO) : ZERO;

/** `lastMovementOn` of contract §6; null before the holding exists. */
export const lastMovementOn = (holding: HoldingFacts, day: Day): Day | null =>
  entryOn(holding.balances, day)?.day ?? null;

/** `amountFen` of contract §4: the first line and the supplements acknowledged and not reversed on the day. */
export function amountOn(holding: HoldingFacts, day: Day): Fen {
  let amount: bigint = holding.firstLine.amountFen;
  for (const line of holding.supplements) {
    if (reached(line.receivedOn, day) && !reached(line.reversedOn, day)) amount += line.amountFen;
  }
  return fen(amount);
}

const sign = (amount: Fen): number => (amount > 0n ? 1 : amount < 0n ? -1 : 0);

/** Every day on which the balance can turn positive, zero or negative. */
export function signChangeDays(holding: BalanceFacts): Day[] {
  const { receivedOn, reversedOn } = holding.firstLine;
  if (receivedOn === null) return [];
  const days = [receivedOn];
  if (reversedOn !== null) days.push(reversedOn);
  let before = 0;
  for (const { day, balanceFen } of holding.balances) {
    const now = sign(balanceFen);
    if (now !== before) days.push(day);
    before = now;
  }
  return days;
}

/** The first day of the run of days with a balance below zero that `day` lies in; null when it is not below zero. */
export function belowZeroSince(holding: BalanceFacts, day: Day): Day | null {
  if (balanceOn(holding, day) >= 0n) return null;
  const receivedOn = holding.firstLine.receivedOn as Day;
  let since = day;
  for (let at = holding.balances.length - 1; at >= 0; at -= 1) {
    const entry = holding.balances[at] as DayBalance;
    if (entry.day > day) continue;
    if (entry.balanceFen >= 0n) break;
    since = entry.day;
  }
  return since < receivedOn ? receivedOn : since;
}
