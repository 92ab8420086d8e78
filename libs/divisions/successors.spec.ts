import { type DivisionRow, RegionTable, TABLE_YEARS } from '@fundflow/domain/region';
import { readSuccessors, shippedDivisions } from './load-divisions.js';

/*
 * Derives the successor table anew from the statistical tables, by the rule that data/divisions/README.md states, and
 * compares: the committed file holds what the tables prove and nothing else.
 */

interface Span {
  readonly code: string;
  readonly parent: string | null;
  readonly first: DivisionRow;
  readonly last: DivisionRow;
}

const LAST_TABLE = Math.max(...TABLE_YEARS);

function spans(rows: readonly DivisionRow[]): Map<string, Span> {
  const found = new Map<string, Span>();
  for (const row of rows) {
    const known = found.get(row.code);
    const first = known && known.first.firstYear <= row.firstYear ? known.first : row;
    const last = known && known.last.lastYear >= row.lastYear ? known.last : row;
    found.set(row.code, { code: row.code, parent: row.parent, first, last });
  }
  return found;
}

const COUNTY_KIND = /(?:自治州|自治县|自治旗|地区|盟|市|县|区|旗|林区|特区)$/;
const TOWNSHIP_KIND = /(?:街道办事处|街道|办事处|管委会|镇|乡)$/;

/** 田阳县 and 田阳区; 横县 and 横州市, 沙县 and 沙县区 where one character alone would prove nothing. */
function sameName(before: string, after: string, length: number): boolean {
  if (before === after) return true;
  const kind = length <= 6 ? COUNTY_KIND : TOWNSHIP_KIND;
  const [stem, other] = [before.replace(kind, ''), after.replace(kind, '')];
  if (stem.length >= 2) return stem === other;
  return length <= 6 && (after === `${before}区` || other === `${stem}州`);
}

function derive(all: ReadonlyMap<string, Span>): Map<string, { to: Span; year: number }> {
  const proven = new Map<string, { to: Span; year: number }>();
  for (const length of [4, 6, 9]) {
    const level = [...all.values()].filter((span) => span.code.length === length);
    const begun = level.filter((span) => span.first.firstYear > TABLE_YEARS[0]);
    const pairs = level
      .filter((span) => span.last.lastYear < LAST_TABLE)
      .flatMap((from) => {
        const year = TABLE_YEARS.find((table) => table > from.last.lastYear) ?? 0;
        const parents = [from.parent, proven.get(from.parent ?? '')?.to.code];
        return begun
          .filter((to) => to.first.firstYear === year && parents.includes(to.parent ?? ''))
          .filter((to) => sameName(from.last.name, to.first.name, length))
          .map((to) => ({ from, to, year }));
      });
    const count = (pick: (pair: (typeof pairs)[number]) => string, of: string): number =>
      pairs.filter((pair) => pick(pair) === of).length;
    for (const { from, to, year } of pairs) {
      const unambiguous =
        count((pair) => pair.from.code, from.code) === 1 &&
        count((pair) => pair.to.code, to.code) === 1;
      if (unambiguous) proven.set(from.code, { to, year });
    }
  }
  return proven;
}

const divisions = shippedDivisions();
const all = spans(divisions);
const committed = readSuccessors();

describe('data/divisions/successors.csv', () => {
  const derived = derive(all);

  it('holds exactly what the tables prove, without townships that keep their number', () => {
    const expected = [...derived]
      .filter(([code, { to }]) => {
        const county = derived.get(code.slice(0, 6));
        return code.length < 9 || county?.to.code + code.slice(6) !== to.code;
      })
      .map(([code, { to, year }]) => `${code},${to.code},${year},${to.first.name}`);
    const written = committed.map((row) => `${row.code},${row.successor},${row.year},${row.name}`);
    expect(written).toEqual(expected.sort());
  });

  it.each([
    ['450331', '450381'],
    ['451021', '451003'],
    ['451023', '451082'],
    ['450127', '450181'],
  ])('has the renamed county of the plan %s, now %s', (code, successor) => {
    expect(committed.find((row) => row.code === code)?.successor).toBe(successor);
  });

  it('leads no village to a place of another name', () => {
    const table = new RegionTable(divisions, committed);
    const moved = divisions.filter((row) => table.current(row.code) !== row.code);
    const villages = moved.filter((row) => row.code.length === 12);
    expect(villages.length).toBeGreaterThan(900);
    const named = new Set(divisions.map((row) => `${row.code} ${row.name}`));
    const namesOf = (code: string): string[] =>
      divisions.filter((row) => row.code === code).map((row) => row.name);
    const strangers = villages.filter((row) => {
      const now = table.current(row.code);
      return table.knows(now) && !namesOf(row.code).some((name) => named.has(`${now} ${name}`));
    });
    expect(strangers).toEqual([]);
  });
});
