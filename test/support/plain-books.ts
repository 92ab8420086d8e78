import { type Day, fullYears, latest } from '@fundflow/domain/calendar';
import { liesIn, type RegionCode } from '@fundflow/domain/region';
import type { Row } from '@fundflow/domain/rows';
import type { History } from './histories.js';
import {
  balancesOn,
  type Movement,
  movementsOf,
  OUTSIDE,
  PAID,
  regionsOfHoldings,
} from './movements.js';

/**
 * What a plain bookkeeper answers who was given only the rows certified up to a moment, and leaves out what lies behind
 * the day: the definitions of the contract read aloud, without tables, events or an index.
 */
export class PlainBooks {
  readonly movements: readonly Movement[];
  readonly #regions: ReadonlyMap<string, RegionCode>;
  readonly #rows: ReadonlyMap<string, Row>;

  constructor(
    rows: readonly Row[],
    readonly day: Day,
  ) {
    this.movements = movementsOf(rows);
    this.#regions = regionsOfHoldings(rows);
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  /** Allocations and disbursements issued by the day. */
  get holdingIds(): string[] {
    return this.movements
      .filter(({ kind, sentOn }) => isHolding(kind) && sentOn <= this.day)
      .map(({ id }) => id);
  }

  region(holdingId: string): RegionCode {
    return this.#regions.get(holdingId) as RegionCode;
  }

  /** Happened by the day and not undone by it. */
  stands(movement: Movement): boolean {
    return movement.sentOn <= this.day && !this.reversed(movement);
  }

  reversed({ reversedOn }: Movement): boolean {
    return reversedOn !== null && reversedOn <= this.day;
  }

  arrived({ receivedOn }: Movement): boolean {
    return receivedOn !== null && receivedOn <= this.day;
  }

  /** First line first. */
  lines(holdingId: string): Movement[] {
    return this.movements.filter(
      ({ id, to, kind }) => id === holdingId || (to === holdingId && kind === 'supplements'),
    );
  }

  numbers(holdingId: string) {
    const [first, ...supplements] = this.lines(holdingId) as [Movement, ...Movement[]];
    const sum = (which: (movement: Movement) => boolean): bigint =>
      this.movements.reduce((s, m) => (this.stands(m) && which(m) ? s + m.amountFen : s), 0n);
    const back = (kindOfSender: Row['kind']) => (m: Movement) =>
      m.kind === 'returns' &&
      m.to === holdingId &&
      this.arrived(m) &&
      this.#rows.get(m.from)?.kind === kindOfSender;
    const drawn =
      (...kinds: Row['kind'][]) =>
      (m: Movement) =>
        m.from === holdingId && kinds.includes(m.kind);
    return {
      amountFen:
        first.amountFen +
        supplements.reduce((s, m) => (this.stands(m) && this.arrived(m) ? s + m.amountFen : s), 0n),
      passedDownFen: sum(drawn('allocations', 'supplements')) - sum(back('allocations')),
      disbursedFen: sum(drawn('disbursements')) - sum(back('disbursements')),
      paidFen: sum(drawn('payments')) - sum((m) => m.from === PAID && m.to === holdingId),
      returnedUpFen: sum(drawn('returns')),
      availableFen: balancesOn(this.movements, this.day).get(holdingId) ?? 0n,
    };
  }

  status(holdingId: string): string {
    const first = this.lines(holdingId)[0] as Movement;
    if (this.reversed(first)) return 'reversed';
    if (!this.arrived(first)) return 'in-transit';
    const { availableFen } = this.numbers(holdingId);
    if (availableFen < 0n) return 'overdrawn';
    const closedOn = this.#closedOn(this.projectOf(holdingId));
    if (closedOn !== null && closedOn <= this.day) return 'closed';
    return availableFen === 0n ? 'spent' : 'open';
  }

  projectOf(holdingId: string): string | null {
    const row = this.#rows.get(holdingId);
    if (row?.kind === 'disbursements') return row.projectId ?? this.projectOf(row.allocationId);
    if (row?.kind !== 'allocations') return null;
    if (row.projectId !== null) return row.projectId;
    return row.parentId === null ? null : this.projectOf(row.parentId);
  }

  originalIssuedOn(holdingId: string): Day {
    const [first, ...supplements] = this.lines(holdingId) as [Movement, ...Movement[]];
    const counting = supplements.filter((m) => this.stands(m) && this.arrived(m));
    const dates = [first, ...counting].map(({ from, sentOn }) =>
      from === OUTSIDE ? sentOn : this.originalIssuedOn(from),
    );
    return dates.sort()[0] as Day;
  }

  path(holdingId: string): string[] {
    const { from } = this.lines(holdingId)[0] as Movement;
    return from === OUTSIDE ? [holdingId] : [...this.path(from), holdingId];
  }

  lastMovementOn(holdingId: string): Day {
    const days: (Day | null)[] = [];
    for (const m of this.movements) {
      const isLine = m.to === holdingId && m.kind !== 'returns';
      const isReturnInto = m.to === holdingId && m.kind === 'returns';
      // A return that never arrived is nothing to the one it did not reach, nor is its reversal.
      const concerns = isLine || m.from === holdingId || (isReturnInto && m.receivedOn !== null);
      if (!concerns) continue;
      if (isLine || m.from === holdingId) days.push(m.sentOn);
      if (isLine || isReturnInto) days.push(m.receivedOn);
      days.push(m.reversedOn);
    }
    return latest(...days.filter((day) => day !== null && day <= this.day)) as Day;
  }

  /** Contract §4, "How the numbers are defined". */
  summary(region: RegionCode) {
    const within = (account: string): boolean => {
      const lies = this.#regions.get(account);
      return lies !== undefined && liesIn(lies, region);
    };
    const sum = (which: (movement: Movement) => boolean): bigint =>
      this.movements.reduce((s, m) => (this.stands(m) && which(m) ? s + m.amountFen : s), 0n);
    const issue = ({ kind }: Movement): boolean => kind === 'allocations' || kind === 'supplements';
    const recall = ({ kind, from }: Movement): boolean =>
      kind === 'returns' && this.#rows.get(from)?.kind === 'allocations';
    const comesIn = ({ from, to }: Movement): boolean => within(to) && !within(from);
    const goesOut = ({ from, to }: Movement): boolean => within(from) && !within(to);
    const balances = balancesOn(this.movements, this.day);
    const held = (kind: Row['kind']): bigint =>
      this.holdingIds.reduce(
        (s, id) =>
          within(id) && this.#rows.get(id)?.kind === kind ? s + (balances.get(id) ?? 0n) : s,
        0n,
      );
    return {
      receivedFen: sum((m) => issue(m) && comesIn(m) && this.arrived(m)),
      inTransitFen: sum((m) => issue(m) && comesIn(m) && !this.arrived(m)),
      paidFen:
        sum(({ kind, from }) => kind === 'payments' && within(from)) -
        sum(({ from, to }) => from === PAID && within(to)),
      returnedUpFen:
        sum((m) => (issue(m) || recall(m)) && goesOut(m)) -
        sum((m) => recall(m) && comesIn(m) && this.arrived(m)),
      authorityFen: held('allocations'),
      cashFen: held('disbursements'),
      betweenFen: sum((m) => within(m.from) && within(m.to) && !this.arrived(m)),
    };
  }

  /** What the holdings of a region have left, by the whole years since the money was first issued: 0, 1, or more. */
  ageing(region: RegionCode): [bigint, bigint, bigint] {
    const balances = balancesOn(this.movements, this.day);
    const ages: [bigint, bigint, bigint] = [0n, 0n, 0n];
    for (const id of this.holdingIds) {
      if (!liesIn(this.region(id), region)) continue;
      const years = fullYears(this.originalIssuedOn(id), this.day);
      ages[years < 2 ? (years as 0 | 1) : 2] += balances.get(id) ?? 0n;
    }
    return ages;
  }

  #closedOn(projectId: string | null): Day | null {
    const row = projectId === null ? undefined : this.#rows.get(projectId);
    return row?.kind === 'projects' ? row.closedOn : null;
  }
}

const isHolding = (kind: Row['kind']): boolean =>
  kind === 'allocations' || kind === 'disbursements';

/** The rows certified up to a moment; of a row posted again to complete it the last state comes last. */
export const rowsKnownAt = (
  { postings }: Pick<History, 'postings'>,
  knownAt: string | null,
): Row[] =>
  postings
    .filter(({ recordedAt }) => knownAt === null || recordedAt <= knownAt)
    .flatMap(({ rows }) => rows);
