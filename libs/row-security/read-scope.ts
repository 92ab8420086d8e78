import { CENTRE, type RegionCode, type RegionTable } from '@fundflow/domain/region';

/**
 * Which rows a transaction may see, as PostgreSQL is told (`policy-terms.ts`): codes from one to below another in "C"
 * order, and of those, where there are several places, the ones a pattern lets through.
 */
export interface ReadScope {
  readonly from: string;
  readonly below: string;
  /** A regular expression; empty where the bounds say all of it. */
  readonly among: string;
  /** The same for a list of codes, each with a comma before it. */
  readonly listed: string;
}

/** Everything is below ':', the character behind '9'. */
export const EVERYTHING: ReadScope = { from: '', below: ':', among: '', listed: ',' };
export const NOTHING: ReadScope = { from: ':', below: '', among: '', listed: '' };

const CODE = /^\d{2,12}$/;

/**
 * The scope of places and of all that lies in them, under each of their names (contract §6); none: nothing is visible.
 *
 * @throws Error for a code that is none: it would stand in a statement
 */
export function readScopeOf(regions: readonly RegionCode[], table: RegionTable): ReadScope {
  if (regions.includes(CENTRE)) return EVERYTHING;
  const codes = outermost(regions.flatMap((region) => table.codesIn(region)));
  const first = codes[0];
  const last = codes.at(-1);
  if (first === undefined || last === undefined) return NOTHING;
  if (!codes.every((code) => CODE.test(code))) throw new Error(`${codes.join()} are no codes`);
  const pattern = `(${codes.join('|')})`;
  const among = codes.length === 1 ? '' : `^${pattern}`;
  return { from: first, below: `${last}:`, among, listed: `,${pattern}` };
}

/** In "C" order, without those that lie in another one. */
function outermost(codes: readonly RegionCode[]): RegionCode[] {
  const sorted = [...new Set(codes)].sort();
  const kept: RegionCode[] = [];
  for (const code of sorted) if (!code.startsWith(kept.at(-1) ?? ':')) kept.push(code);
  return kept;
}
