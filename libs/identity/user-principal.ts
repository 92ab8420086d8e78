import type { RegionCode } from '@fundflow/domain/region';
import type { Role } from './policy.js';
import type { Principal } from './principal.js';
import type { Recognised } from './principal-cache.js';

/** Columns of a credential joined with its user, as the questions below select them. */
export interface RecognisedRow {
  readonly id: string;
  readonly login: string;
  readonly roles: Role[];
  readonly region: RegionCode;
  readonly unit: string;
  readonly mustChangePassword: boolean;
  readonly expiresAt: Date;
}

/** For RETURNING and SELECT lists in which `u` is the user. */
export const PRINCIPAL_COLUMNS =
  'u.id, u.login, u.roles, u.region, u.unit, u.must_change_password AS "mustChangePassword"';

export function recognised(row: RecognisedRow | undefined): Recognised | null {
  if (row === undefined) return null;
  const { id, expiresAt, ...user } = row;
  const principal: Principal = { actorId: id, ...user };
  return { principal, expiresAtMs: expiresAt.getTime() };
}
