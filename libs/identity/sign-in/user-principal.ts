import type { RegionCode } from '@fundflow/domain/region';
import type { Role } from '../policy.js';
import type { CaseGrant, Principal } from '../principal.js';
import type { Recognised } from './principal-cache.js';

/** Columns of a credential joined with its user, as the questions below select them. */
export interface RecognisedRow {
  readonly id: string;
  readonly login: string;
  readonly roles: Role[];
  readonly region: RegionCode;
  readonly unit: string;
  readonly mustChangePassword: boolean;
  readonly mustShowSecondFactor: boolean;
  readonly cases: CaseGrant[];
  readonly expiresAt: Date;
}

/** A role of the user `u` demands a second factor, where the user's unit is. */
const FACTOR_DEMANDED = `EXISTS (
    SELECT FROM identity_factor_demands d
    WHERE d.role = ANY (u.roles) AND (d.region = '000000' OR starts_with(u.region, d.region)))`;

/**
 * For RETURNING and SELECT lists in which `u` is the user and $2 is now.
 *
 * @param factorShown SQL that says whether the credential has shown a second factor
 */
export const principalColumns = (factorShown: string): string => `
  u.id, u.login, u.roles, u.region, u.unit, u.must_change_password AS "mustChangePassword",
  (NOT ${factorShown} AND ${FACTOR_DEMANDED}) AS "mustShowSecondFactor",
  coalesce((
    SELECT json_agg(json_build_object('region', g.region, 'caseId', g.case_id,
                                      'untilMs', floor(extract(epoch FROM g.until) * 1000)))
    FROM identity_grants g
    WHERE g.account_id = u.id AND g.kind = 'case' AND g.state = 'in-force' AND g.until > $2
  ), '[]') AS cases`;

export function recognised(row: RecognisedRow | undefined): Recognised | null {
  if (row === undefined) return null;
  const { id, expiresAt, ...user } = row;
  const principal: Principal = { actorId: id, ...user };
  return { principal, expiresAtMs: expiresAt.getTime() };
}
