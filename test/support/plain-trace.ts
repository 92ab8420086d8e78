import type { Row } from '@fundflow/domain/rows';
import { LEFT, type Movement, OUTSIDE, PAID } from './movements.js';
import type { PlainBooks } from './plain-books.js';

/** An edge as `from → to amount on date`, with `~` before a share. */
export type EdgeText = string;

interface Trace {
  readonly edges: readonly EdgeText[];
  readonly untracedFen: bigint;
}

/**
 * Traces drawn by hand: look at every movement, and keep those that belong. No index, no pages, no order.
 */
export class PlainTrace {
  readonly #rows: ReadonlyMap<string, Row>;

  constructor(
    private readonly plain: PlainBooks,
    rows: readonly Row[],
  ) {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }

  /** Everything below a holding. */
  down(start: string): Trace {
    const below = this.#below(start);
    const edges: EdgeText[] = [];
    let untracedFen = 0n;
    for (const m of this.plain.movements) {
      const [upper] = this.#ends(m);
      if (m.sentOn > this.plain.day || !below.has(upper)) continue;
      edges.push(...this.#bothEdges(m));
      if (!this.plain.reversed(m) && !this.plain.arrived(m)) untracedFen += m.amountFen;
    }
    return { edges: edges.sort(), untracedFen };
  }

  /** Everything above a holding. */
  up(start: string): Trace {
    const above = new Set([start]);
    for (const id of above)
      for (const { from } of this.#live(id)) if (from !== OUTSIDE) above.add(from);
    const carriedBy = (id: string): bigint =>
      id === start
        ? this.plain.numbers(start).amountFen
        : [...above].reduce((sum, lower) => sum + this.#given(lower, id, carriedBy, exact), 0n);
    const exact = (id: string): boolean =>
      id === start ||
      [...above].every(
        (lower) =>
          this.#live(lower).every(({ from }) => from !== id) ||
          (exact(lower) && this.#live(lower).length === 1),
      );
    const edges: EdgeText[] = [];
    for (const m of this.plain.movements) {
      const [, lower] = this.#ends(m);
      if (m.sentOn > this.plain.day || !above.has(lower)) continue;
      const live = this.#live(lower);
      const shared = live.length > 1 || !exact(lower);
      if (live.includes(m) && shared) edges.push(this.#share(m, live, carriedBy(lower)));
      else if (exact(lower)) edges.push(...this.#bothEdges(m));
      else if (m.kind !== 'returns' && !this.plain.arrived(m) && !this.plain.reversed(m)) {
        edges.push(...this.#bothEdges(m));
      }
    }
    const untracedFen = [...above].reduce((short, id) => {
      const { availableFen } = this.plain.numbers(id);
      return availableFen < 0n ? short - availableFen : short;
    }, 0n);
    return { edges: edges.sort(), untracedFen };
  }

  /** Lines that brought money and stand; none into what is reversed. */
  #live(holdingId: string): Movement[] {
    const [first, ...supplements] = this.plain.lines(holdingId) as [Movement, ...Movement[]];
    if (this.plain.reversed(first)) return [];
    return [first, ...supplements.filter((m) => this.plain.stands(m) && this.plain.arrived(m))];
  }

  #below(start: string): Set<string> {
    const below = new Set<string>(this.#live(start).length > 0 ? [start] : []);
    for (const id of below) {
      for (const lower of this.plain.holdingIds) {
        if (this.#live(lower).some(({ from }) => from === id)) below.add(lower);
      }
    }
    return below;
  }

  #given(
    lower: string,
    giver: string,
    carriedBy: (id: string) => bigint,
    exact: (id: string) => boolean,
  ): bigint {
    const live = this.#live(lower);
    const from = live.filter((m) => m.from === giver);
    if (from.length === 0) return 0n;
    if (live.length === 1 && exact(lower)) return carriedBy(lower);
    return from.reduce((sum, m) => sum + shareOf(m, live, carriedBy(lower)), 0n);
  }

  #share(m: Movement, live: readonly Movement[], carried: bigint): EdgeText {
    const [upper, lower] = this.#ends(m);
    return `~${upper} → ${lower} ${shareOf(m, live, carried)} on ${m.sentOn}`;
  }

  #bothEdges(m: Movement): EdgeText[] {
    const [upper, lower] = this.#ends(m);
    const [from, to] = m.kind === 'returns' ? [lower, upper] : [upper, lower];
    const edges = [`${from} → ${to} ${m.amountFen} on ${m.sentOn}`];
    if (this.plain.reversed(m)) edges.push(`${to} → ${from} ${m.amountFen} on ${m.reversedOn}`);
    return edges;
  }

  /** What lies above and what below the movement. */
  #ends(m: Movement): [string, string] {
    const row = this.#rows.get(m.id) as Row;
    if (m.kind === 'payments') return [m.from, m.id];
    if (row.kind === 'returns' && m.from === PAID) return [m.to, row.ofId];
    if (row.kind === 'returns') {
      return [m.to === LEFT ? this.#outsideOf(row.ofId) : m.to, m.from];
    }
    return [m.from === OUTSIDE ? this.#outsideOf(m.id) : m.from, m.to];
  }

  #outsideOf(lineId: string): string {
    const row = this.#rows.get(lineId);
    return row && 'issuerRegion' in row ? `outside:${row.issuerRegion}` : 'outside:?';
  }
}

function shareOf(m: Movement, live: readonly Movement[], carried: bigint): bigint {
  const all = live.reduce((sum, { amountFen }) => sum + amountFen, 0n);
  const share = (one: Movement): bigint => (all === 0n ? 0n : (carried * one.amountFen) / all);
  if (m !== live[0]) return share(m);
  return carried - live.slice(1).reduce((sum, one) => sum + share(one), 0n);
}
