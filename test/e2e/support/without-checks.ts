import { PrincipalGuard } from '@fundflow/identity/http/principal-guard';
import { Scope } from '@fundflow/identity/scope';

/**
 * `work` with the application's own checks taken out, so that PostgreSQL's row-level security is alone: the guard knows
 * who asks and lets everybody through; every place counts as within.
 */
export async function withoutChecks<T>(work: () => Promise<T>): Promise<T> {
  const { canActivate } = PrincipalGuard.prototype;
  const { covers } = Scope.prototype;
  PrincipalGuard.prototype.canActivate = () => true;
  Scope.prototype.covers = () => true;
  try {
    return await work();
  } finally {
    PrincipalGuard.prototype.canActivate = canActivate;
    Scope.prototype.covers = covers;
  }
}
