import { loadDivisions, shippedDivisions } from '@fundflow/divisions/load-divisions';
import { levelOf, type RegionCode, type RegionTable } from '@fundflow/domain/region';
import { POOR_COUNTIES, type Poverty } from './poor-counties.js';

/** A township or village by what follows its county's code: three or six digits that outlive a renamed county. */
export interface Place {
  readonly suffix: string;
  readonly name: string;
}

export interface County {
  /** Its code of 2020: the name the generator uses in ids. */
  readonly id: string;
  /** Without 县, 区, 市 and the nationality: 马山, 融水. */
  readonly shortName: string;
  readonly cityCode: string;
  readonly cityName: string;
  readonly poverty: Poverty | null;
  /** As in the table of that year. */
  readonly codeIn: (year: number) => string;
  readonly nameIn: (year: number) => string;
  readonly townships: readonly Place[];
  readonly villages: readonly Place[];
}

const YEARS = [2017, 2018, 2019, 2020];
const COUNTY_KIND = /(?:各族|壮族|瑶族|苗族|侗族|仫佬族|毛南族)?(?:自治县|县|区|市)$/;
const TOWNSHIP = /^[\u4e00-\u9fff]{2,12}(?:镇|乡|街道|街道办事处)$/;
const VILLAGE = /^[\u4e00-\u9fff]{2,16}(?:村委会|村民委员会|社区居委会|社区居民委员会|社区)$/;

function shorten(name: string): string {
  const short = name.replace(COUNTY_KIND, '');
  return short.length >= 2 ? short : name;
}

/** The tables wrote 新汉村委会 and later 新汉村民委员会, 秀峰街道, 秀峰街道办事处 and 秀峰街道乐群社区. */
const stem = (name: string): string =>
  name
    .replace(/(?:村民委员会|村委会)$/, '村')
    .replace(/(?:办事处|居民委员会|居委会)$/, '')
    .replace(/^.+街道(?=.)/, '');

/** Its code in each year of the plan; null when some year does not know it. */
function codesOf(latest: RegionCode, table: RegionTable, all: readonly RegionCode[]) {
  const names = all.filter((code) => table.current(code) === table.current(latest));
  const codes = YEARS.map((year) => names.find((code) => table.knowsInYear(code, year)));
  return codes.includes(undefined) ? null : (codes as string[]);
}

/** Known in every year of the plan, under the same name: no row of the generator is a `region-vintage`. */
function keepsItsName(codes: readonly string[], suffix: string, table: RegionTable): boolean {
  const names = codes.map((code, index) => {
    const place = `${code}${suffix}` as RegionCode;
    const year = YEARS[index] as number;
    return table.knowsInYear(place, year) ? stem(table.nameOf(place, year) ?? '') : null;
  });
  return names.every((name) => name !== null && name === names[0]);
}

let loaded: readonly County[] | null = null;

/**
 * Guangxi's county units, in the order of their codes, with the townships and villages that bear one name through all
 * years of the plan. Reads the region tables, some 200 ms, once a process.
 */
export function loadCounties(): readonly County[] {
  loaded ??= readCounties();
  return loaded;
}

function readCounties(): County[] {
  const table = loadDivisions();
  const inGuangxi = [...new Set(shippedDivisions().map((row) => row.code))].filter(
    (code) => code.startsWith('45') && code.length >= 4,
  );
  const counties = inGuangxi.filter((code) => levelOf(code) === 'county');
  const below = new Map<string, RegionCode[]>();
  for (const code of inGuangxi) {
    if (code.length <= 6) continue;
    const county = code.slice(0, 6);
    const places = below.get(county);
    if (places) places.push(code);
    else below.set(county, [code]);
  }
  return counties
    .filter((code) => table.knowsInYear(code, 2020))
    .sort()
    .flatMap((code) => countyOf(code, counties, below.get(code) ?? [], table) ?? []);
}

function countyOf(
  code: RegionCode,
  counties: readonly RegionCode[],
  below: readonly RegionCode[],
  table: RegionTable,
): County | null {
  const codes = codesOf(code, table, counties);
  if (!codes) return null;
  const at = (year: number): string => codes[Math.min(Math.max(year - 2017, 0), 3)] as string;
  const places = (length: number, name: RegExp): Place[] =>
    below
      .filter((place) => place.length === length)
      .map((place) => ({ suffix: place.slice(6), name: table.nameOf(place, 2020) ?? '' }))
      .filter((place) => name.test(place.name) && keepsItsName(codes, place.suffix, table))
      .map((place) => ({ ...place, name: stem(place.name) }));
  const cityCode = code.slice(0, 4);
  const townships = places(9, TOWNSHIP);
  const known = new Set(townships.map((place) => place.suffix));
  const villages = places(12, VILLAGE).filter((place) => known.has(place.suffix.slice(0, 3)));
  if (villages.length === 0) return null;
  return {
    id: code,
    shortName: shorten(table.nameOf(code, 2020) ?? code),
    cityCode,
    cityName: table.nameOf(cityCode as RegionCode, 2020) ?? cityCode,
    poverty: POOR_COUNTIES[code] ?? null,
    codeIn: at,
    nameIn: (year) => table.nameOf(at(year) as RegionCode, Math.min(year, 2020)) ?? code,
    townships,
    villages,
  };
}
