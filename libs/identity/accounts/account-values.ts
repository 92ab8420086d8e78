import { CENTRE, parseRegion, type RegionCode } from '@fundflow/domain/region';
import { type Role, rolesRefusal } from '../policy.js';
import { badLogin, badRegion, badRoles, badUnit } from '../refusals.js';
import type { UserOrigin } from '../tables.js';

/** What an account is given: its values as people write them. */
export interface AccountValues {
  readonly login: string;
  readonly roles: readonly Role[];
  /** Padded or not: `450000` is `45`. */
  readonly region: string;
  readonly unit: string;
}

export interface NewAccount extends AccountValues {
  /** Null for systems, which have tokens instead. */
  readonly password: string | null;
  readonly origin: UserOrigin;
  /** Somebody else knows the password. */
  readonly mustChangePassword: boolean;
  /** Who creates it; null for the process itself. */
  readonly by: string | null;
}

export interface AccountChange {
  readonly roles?: readonly Role[];
  readonly region?: string;
  readonly unit?: string;
  readonly disabled?: boolean;
}

const LOGIN = /^[\p{L}\p{N}][\p{L}\p{N}._-]{1,63}$/u;

/** One login for one person: composed characters, full width and capitals are the same. */
export function normalisedLogin(login: string): string {
  return login.trim().normalize('NFKC').toLowerCase();
}

export interface CheckedValues {
  readonly login: string;
  readonly roles: readonly Role[];
  readonly region: RegionCode;
  readonly unit: string;
}

/** @throws Problem 400 `bad-value`, first match wins: login, roles, region, unit */
export function checkedValues(values: AccountValues): CheckedValues {
  const login = normalisedLogin(values.login);
  if (!LOGIN.test(login)) throw badLogin();
  const conflict = rolesRefusal(values.roles);
  if (conflict !== null) throw badRoles(conflict);
  const region = parseRegion(values.region);
  if (region === null) throw badRegion();
  const unit = values.unit.trim();
  if (unit === '' || unit.length > 100) throw badUnit();
  return { login, roles: values.roles, region, unit };
}

/** What codes of places in this region begin with. */
export function regionPrefix(region: RegionCode): string {
  return region === CENTRE ? '' : region;
}
