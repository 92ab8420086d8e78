import type { RegionCode } from '@fundflow/domain/region';
import type { DataSource } from 'typeorm';
import type { Principal } from '../principal.js';

/** Who else could decide what an administrator proposes. */
export class Administrators {
  constructor(private readonly database: Pick<DataSource, 'query'>) {}

  /** Whether nobody but this administrator could decide about what lies in this region. */
  async standsAlone(asker: Principal, region: RegionCode): Promise<boolean> {
    const others = await this.database.query<unknown[]>(
      `SELECT 1 FROM identity_users u
       WHERE 'admin' = ANY (u.roles) AND NOT u.disabled AND u.id <> $1
         AND (u.region = '000000' OR starts_with($2, u.region)) LIMIT 1`,
      [asker.actorId, region],
    );
    return others.length === 0;
  }
}
