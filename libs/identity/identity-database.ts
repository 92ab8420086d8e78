import { SCOPE_REFUSED, settingsOf } from '@fundflow/row-security/acting-scope';
import type { ReadScope } from '@fundflow/row-security/read-scope';
import type { DataSource, EntityManager } from 'typeorm';
import { outOfJurisdiction } from './refusals.js';

/**
 * The tables of accounts. As it is they are the program's own: a session has to be found before anybody is known. Within a
 * scope, every statement is one of a transaction that PostgreSQL holds to it (`account-protection.ts`): accounts beyond are
 * not there, and cannot be written.
 */
export class IdentityDatabase {
  constructor(
    private readonly source: DataSource,
    private readonly scope: ReadScope | null = null,
  ) {}

  /** @param scope null: as it is */
  within(scope: ReadScope | null): IdentityDatabase {
    return new IdentityDatabase(this.source, scope);
  }

  async query<Rows>(text: string, values: readonly unknown[] = []): Promise<Rows> {
    if (this.scope === null) return this.source.query<Rows>(text, [...values]);
    return this.transaction((manager) => manager.query<Rows>(text, [...values]));
  }

  /** @throws Problem 403 `out-of-jurisdiction` where the database refuses to write beyond the scope */
  async transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const { scope } = this;
    if (scope === null) return this.source.transaction(work);
    try {
      return await this.source.transaction(async (manager) => {
        await manager.query(settingsOf(scope));
        return work(manager);
      });
    } catch (error) {
      if ((error as { code?: unknown }).code === SCOPE_REFUSED) throw outOfJurisdiction();
      throw error;
    }
  }
}
