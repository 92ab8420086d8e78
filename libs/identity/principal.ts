import type { RegionCode } from '@fundflow/domain/region';
import type { Officer } from '@fundflow/domain/submission/submission';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import type { Role } from './policy.js';
import { notAuthenticated } from './refusals.js';

/** A region beyond the own jurisdiction, opened for one case until a moment. */
export interface CaseGrant {
  readonly region: RegionCode;
  readonly caseId: string;
  readonly untilMs: number;
}

/** Who is asking: recognised by a session or a bearer token. */
export interface Principal {
  /** The pseudonymous id that events name as `actor`, UUID. */
  readonly actorId: string;
  readonly login: string;
  readonly roles: readonly Role[];
  /** The jurisdiction: everything that lies in it. Unpadded code. */
  readonly region: RegionCode;
  /** Name of the office. */
  readonly unit: string;
  /** Somebody else knows the password: nothing may be done before it is changed. */
  readonly mustChangePassword: boolean;
  /** A role of theirs demands a second factor and this session has shown none. */
  readonly mustShowSecondFactor: boolean;
  /** For inspectors; some may have ended since they were read. */
  readonly cases: readonly CaseGrant[];
}

/** The same person as what is decided and recorded knows them. */
export const officerOf = ({ actorId, unit, region }: Principal): Officer => ({
  id: actorId,
  unit,
  region,
});

/**
 * The principal of a request behind the guard.
 *
 * @throws Problem 401 `not-authenticated` when there is none
 */
export function principalOf(request: EdgeRequest): Principal {
  const { principal } = request;
  if (principal === null) throw notAuthenticated();
  // Only the credential reader sets it, and it sets a Principal.
  return principal as Principal;
}
