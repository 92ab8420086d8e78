import { CENTRE, liesIn, type RegionCode, type RegionTable } from '@fundflow/domain/region';
import { type Action, reachesOf } from './policy.js';
import type { Principal } from './principal.js';

/**
 * The regions a request may ask about: what its action reaches to for this principal, at this moment. Made once a
 * request (`@Within`), held against everything the request names, and plain enough to be set inside a transaction.
 */
export class Scope {
  constructor(
    /** What lies in one of these is within; the centre means everything, none means nothing. */
    readonly regions: readonly RegionCode[],
    /** Only what lies strictly below counts: one's equals are out of reach. */
    readonly strictlyBelow: boolean = false,
  ) {}

  get isEverything(): boolean {
    return !this.strictlyBelow && this.regions.includes(CENTRE);
  }

  /**
   * Whether a place is within; with a table a code equals its predecessor and successor there, as everywhere in
   * jurisdiction (contract §6).
   */
  covers(region: RegionCode, table: RegionTable | null = null): boolean {
    return this.regions.some((own) => {
      if (this.strictlyBelow && (table ? table.sameRegion(region, own) : region === own)) {
        return false;
      }
      return liesIn(region, own) || (table?.liesInEitherName(region, own) ?? false);
    });
  }
}

/** The whole ledger is held together by the centre and by provinces. */
const holdsTogether = (region: RegionCode): boolean => region === CENTRE || region.length === 2;

/**
 * How far the principal's right to an action goes now. Empty (nothing is within) when there is no such right, or the account
 * has to be made ready first.
 */
export function scopeOf(principal: Principal, action: Action, nowMs: number): Scope {
  if (principal.mustChangePassword || principal.mustShowSecondFactor) return new Scope([]);
  const reaches = reachesOf(principal, action);
  const own = principal.region;
  if (reaches.includes('region-and-cases')) {
    const open = principal.cases.filter(({ untilMs }) => untilMs > nowMs);
    return new Scope([own, ...open.map(({ region }) => region)]);
  }
  if (reaches.includes('region')) return new Scope([own]);
  if (reaches.includes('whole')) return new Scope(holdsTogether(own) ? [CENTRE] : []);
  if (reaches.includes('above')) return new Scope([own], true);
  return new Scope([]);
}
