import type { RegionCode } from '@fundflow/domain/region';
import type { Role } from '../policy.js';
import type { UserOrigin, UserRow } from '../tables.js';

/** An account without its secret. */
export interface User {
  readonly id: string;
  readonly login: string;
  readonly roles: readonly Role[];
  readonly region: RegionCode;
  readonly unit: string;
  readonly mustChangePassword: boolean;
  readonly disabled: boolean;
  readonly origin: UserOrigin;
  readonly createdAt: Date;
}

/** Whose login and password were shown, and which of the account's passwords that was: none lasts for ever. */
export interface Verified {
  readonly user: User;
  /** PHC string as it is stored; for `Sessions.openWith` and `replacePassword` alone. */
  readonly passwordHash: string;
}

/** The account as everybody but sign-in knows it. */
export function userOf(row: UserRow): User {
  const { passwordHash: _secret, ...user } = row;
  return user;
}
