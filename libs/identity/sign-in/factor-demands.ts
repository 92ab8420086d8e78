import { CENTRE, type RegionCode } from '@fundflow/domain/region';
import type { ReadScope } from '@fundflow/row-security/read-scope';
import type { IdentityDatabase } from '../identity-database.js';
import type { Role } from '../policy.js';
import type { PrincipalCache } from './principal-cache.js';

/** Which roles have to show a second factor, for the units of a region. Nobody, until an administrator says so. */
export class FactorDemands {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly cache: PrincipalCache,
  ) {}

  /** The same demands, set only in a scope. */
  within(scope: ReadScope): FactorDemands {
    return new FactorDemands(this.database.within(scope), this.cache);
  }

  /** @param record runs in between: what cannot be recorded does not change */
  async set(
    region: RegionCode,
    roles: readonly Role[],
    record: () => Promise<void>,
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.query('DELETE FROM identity_factor_demands WHERE region = $1', [region]);
      await manager.query(
        'INSERT INTO identity_factor_demands (region, role) SELECT $1, unnest($2::text[])',
        [region, roles],
      );
      await record();
    });
    this.cache.forgetAll();
  }

  /** Those of the region and of what it lies in. */
  async of(region: RegionCode): Promise<{ region: RegionCode; role: Role }[]> {
    return this.database.query(
      `SELECT region, role FROM identity_factor_demands
       WHERE region = '${CENTRE}' OR starts_with($1, region) ORDER BY region, role`,
      [region],
    );
  }
}
