import type { RegionCode } from '@fundflow/domain/region';
import { NOTHING, type ReadScope, readScopeOf } from '@fundflow/row-security/read-scope';
import type { Principal } from '../principal.js';
import type { Scope } from '../scope.js';

/** Accounts are kept under the code their unit has now. */
const AS_WRITTEN = { codesIn: (region: RegionCode) => [region] };

/**
 * How far the database lets somebody reach who looks after accounts (administrators) or decides cases (inspectors): nowhere
 * where the action of the request is not granted at all.
 */
export function accountScopeOf({ regions }: Scope, { roles, actorId }: Principal): ReadScope {
  if (regions.length === 0) return NOTHING;
  const about = roles.includes('admin') ? 'accounts' : 'cases';
  return { ...readScopeOf(regions, AS_WRITTEN), about, person: actorId };
}
