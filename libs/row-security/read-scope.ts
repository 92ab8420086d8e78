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
  /** Of the log, what moves money, or what those did who look; of what two persons decide, accounts or cases. */
  readonly about: 'money' | 'oversight' | 'accounts' | 'cases';
  /** Who asks: sees what he handed in himself, wherever that was. Empty: nobody. */
  readonly person: string;
}

/** Everything is below ':', the character behind '9'. */
const OF_MONEY = { about: 'money', person: '' } as const;
export const EVERYTHING: ReadScope = { from: '', below: ':', among: '', listed: ',', ...OF_MONEY };
export const NOTHING: ReadScope = { from: ':', below: '', among: '', listed: '', ...OF_MONEY };

const CODE = /^\d{2,12}$/;

/**
 * The scope of places and of all that lies in them, under each of their names (contract §6); none: nothing is visible.
 *
 * @throws Error for a code that is none: it would stand in a statement
 */
export function readScopeOf(
  regions: readonly RegionCode[],
  table: Pick<RegionTable, 'codesIn'>,
): ReadScope {
  if (regions.includes(CENTRE)) return EVERYTHING;
  const codes = outermost(regions.flatMap((region) => table.codesIn(region)));
  const first = codes[0];
  const last = codes.at(-1);
  if (first === undefined || last === undefined) return NOTHING;
  if (!codes.every((code) => CODE.test(code))) throw new Error(`${codes.join()} are no codes`);
  const pattern = `(${codes.join('|')})`;
  const among = codes.length === 1 ? '' : `^${pattern}`;
  return { from: first, below: `${last}:`, among, listed: `,${pattern}`, ...OF_MONEY };
}

/**
 * The scope of what those did who look, in places strictly below these where one's equals are out of reach.
 *
 * @throws Error as `readScopeOf`
 */
export function oversightScopeOf(
  regions: readonly RegionCode[],
  table: RegionTable,
  strictlyBelow: boolean,
): ReadScope {
  const scope: ReadScope = { ...readScopeOf(regions, table), about: 'oversight' };
  if (!strictlyBelow || scope.from > scope.below) return scope;
  const own = regions.includes(CENTRE)
    ? '0+'
    : regions.flatMap((region) => table.codesIn(region)).join('|');
  return { ...scope, among: `^(?!(${own})$)${scope.among.replace('^', '')}` };
}

/** In "C" order, without those that lie in another one. */
function outermost(codes: readonly RegionCode[]): RegionCode[] {
  const sorted = [...new Set(codes)].sort();
  const kept: RegionCode[] = [];
  for (const code of sorted) if (!code.startsWith(kept.at(-1) ?? ':')) kept.push(code);
  return kept;
}
