/**
 * Unpadded GB/T 2260 code: 2, 4, 6, 9 or 12 digits; the centre is `000000` and contains everything.
 */
export type RegionCode = string & { readonly __unit: 'region' };

export const CENTRE = '000000' as RegionCode;

const LEVELS = [12, 9, 6, 4, 2] as const;
export type RegionLevel = 'centre' | 'province' | 'city' | 'county' | 'township' | 'village';

/**
 * Normalises a code as handed in: padded forms are the same region (`450000` = `45`, `411400` =
 * `4114`), `000000` and `100000` are the central government (contract §1, §6). Null when it is no
 * code at all.
 */
export function parseRegion(text: string): RegionCode | null {
  const code = text.trim();
  if (code === '000000' || code === '100000') return CENTRE;
  if (!/^\d+$/.test(code) || !(LEVELS as readonly number[]).includes(code.length)) return null;
  let end = code.length;
  if (end === 12 && code.endsWith('000')) end = 9;
  if (end === 9 && code.slice(6, 9) === '000') end = 6;
  if (end === 6 && code.slice(4, 6) === '00') end = 4;
  if (end === 4 && code.slice(2, 4) === '00') end = 2;
  const unpadded = code.slice(0, end);
  return unpadded === '00' ? null : (unpadded as RegionCode);
}

export function levelOf(code: RegionCode): RegionLevel {
  if (code === CENTRE) return 'centre';
  if (code.length === 2) return 'province';
  if (code.length === 4) return 'city';
  if (code.length === 6) return 'county';
  return code.length === 9 ? 'township' : 'village';
}

/**
 * C lies in R when R's unpadded code is a prefix of C's; everything lies in the centre. Sums go by
 * this.
 */
export function liesIn(code: RegionCode, container: RegionCode): boolean {
  if (container === CENTRE) return true;
  return code !== CENTRE && code.startsWith(container);
}

/**
 * The province, city or county whose trail index a place belongs to: its first six digits at most.
 * A township directly under a city (`441900003`) belongs to the city.
 */
export function countyKey(code: RegionCode): RegionCode {
  if (code === CENTRE || code.length < 6) return code;
  return (code.slice(4, 6) === '00' ? code.slice(0, 4) : code.slice(0, 6)) as RegionCode;
}

export interface DivisionRow {
  readonly code: RegionCode;
  readonly name: string;
  readonly parent: RegionCode | null;
  readonly firstYear: number;
  readonly lastYear: number;
}

export interface SuccessorRow {
  readonly code: RegionCode;
  readonly successor: RegionCode;
}

/** Years for which a statistical table exists; between two the earlier applies (contract §6). */
export const TABLE_YEARS = [2017, 2018, 2019, 2020, 2023] as const;

function tableYear(year: number): number {
  let found: number = TABLE_YEARS[0];
  for (const table of TABLE_YEARS) if (table <= year) found = table;
  return found;
}

/**
 * A code that took over twice (a township renamed, then its county) needs two steps; more is a loop
 * in the table.
 */
const SUCCESSIONS_MAX = 4;

/** What a row handed in asks of the divisions. */
export type KnownRegions = Pick<RegionTable, 'knows' | 'knowsInYear'>;

/** The divisions with their years, and which code took over from which. */
export class RegionTable {
  readonly #byCode = new Map<string, DivisionRow[]>();
  readonly #successorOf: ReadonlyMap<string, RegionCode>;

  constructor(divisions: Iterable<DivisionRow>, successors: readonly SuccessorRow[]) {
    for (const row of divisions) {
      const rows = this.#byCode.get(row.code);
      if (rows) rows.push(row);
      else this.#byCode.set(row.code, [row]);
    }
    this.#successorOf = new Map(successors.map((row) => [row.code, row.successor]));
  }

  /** Valid in any table. */
  knows(code: RegionCode): boolean {
    return code === CENTRE || this.#byCode.has(code);
  }

  /** Known in the table that applies to `year`; a null year is any year. */
  knowsInYear(code: RegionCode, year: number | null): boolean {
    if (code === CENTRE || year === null) return this.knows(code);
    const table = tableYear(year);
    return (this.#byCode.get(code) ?? []).some((r) => r.firstYear <= table && table <= r.lastYear);
  }

  /** Its name in `year`, else its last known name, else null. */
  nameOf(code: RegionCode, year: number | null = null): string | null {
    if (code === CENTRE) return '中央';
    const rows = this.#byCode.get(code);
    if (!rows) return null;
    const table = year === null ? null : tableYear(year);
    const row = rows.find((r) => table !== null && r.firstYear <= table && table <= r.lastYear);
    return (row ?? rows.reduce((a, b) => (b.lastYear > a.lastYear ? b : a))).name;
  }

  /**
   * The code under which this place goes today: successors followed, the longest that is listed
   * first, also for places below a renamed county. Townships were numbered anew where counties were
   * (`451023202` 黎明乡 is not `451082202` 海城乡): a place whose counterpart bears another name keeps
   * its code rather than becoming a neighbour.
   */
  current(code: RegionCode): RegionCode {
    let found = code;
    for (let step = 0; step < SUCCESSIONS_MAX; step += 1) {
      const next = this.#next(found);
      if (next === found) break;
      found = next;
    }
    return found;
  }

  /**
   * `liesIn` where a code equals its predecessor and successor: for jurisdiction and issuers, never
   * for sums.
   */
  liesInEitherName(code: RegionCode, container: RegionCode): boolean {
    if (liesIn(code, container)) return true;
    const containerNow = this.current(container);
    if (liesIn(this.current(code), containerNow)) return true;
    // Where the place itself has no proven counterpart, the county it lies in still has.
    return LEVELS.some(
      (length) =>
        length < code.length &&
        liesIn(this.current(code.slice(0, length) as RegionCode), containerNow),
    );
  }

  /**
   * Codes in which exactly those places lie that are `liesInEitherName` of the container: the container, what it is
   * called today, and what is called otherwise. In no order; some may lie in another.
   */
  codesIn(container: RegionCode): readonly RegionCode[] {
    if (container === CENTRE) return [CENTRE];
    const now = this.current(container);
    const found = new Set([container, now]);
    for (const [code] of this.#successorOf) {
      if (liesIn(this.current(code as RegionCode), now)) found.add(code as RegionCode);
    }
    // A place below one that took over: what it was called under the name of its county before.
    for (const place of found) {
      for (const [code, successor] of this.#successorOf) {
        if (!place.startsWith(successor)) continue;
        const before = (code + place.slice(successor.length)) as RegionCode;
        if (liesIn(this.current(before), now)) found.add(before);
      }
    }
    return [...found];
  }

  sameRegion(a: RegionCode, b: RegionCode): boolean {
    return a === b || this.current(a) === this.current(b);
  }

  #next(code: RegionCode): RegionCode {
    for (const length of LEVELS) {
      if (length > code.length) continue;
      const successor = this.#successorOf.get(code.slice(0, length));
      if (successor === undefined) continue;
      const counterpart = (successor + code.slice(length)) as RegionCode;
      if (length === code.length || this.#mayBeOnePlace(code, counterpart)) return counterpart;
      return code;
    }
    return code;
  }

  /** Not contradicted by the tables: one of the two is unknown there, or they share a name. */
  #mayBeOnePlace(code: RegionCode, counterpart: RegionCode): boolean {
    const before = this.#byCode.get(code);
    const after = this.#byCode.get(counterpart);
    if (!before || !after) return true;
    return before.some((row) => after.some((other) => other.name === row.name));
  }
}
