import type { AccountChange } from '@fundflow/domain/oversight/events';
import type { ReadScope } from '@fundflow/row-security/read-scope';
import type { IdentityDatabase } from './identity-database.js';

/** What is kept about access, for each person: the records 等保 level 3 asks to keep for six months. */
export type AccessAction = AccountChange | 'session-opened' | 'session-refused' | 'session-ended';

export interface AccessRecord {
  readonly at: Date;
  readonly action: AccessAction;
  /** Who did it; null for a stranger or the process itself. */
  readonly actorId: string | null;
  /** Whose account it is about. */
  readonly subjectId: string;
  readonly address?: string;
  /** What changed, in codes: never a name, never what was typed. */
  readonly detail?: string;
}

/** A transaction, of TypeORM or of the driver. */
interface Transaction {
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** Adds a record, in the transaction of what it is about. Records are never changed. */
export async function recordAccess(manager: Transaction, record: AccessRecord): Promise<void> {
  await manager.query(
    `INSERT INTO identity_access_records (at, action, actor_id, subject_id, address, detail)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      record.at,
      record.action,
      record.actorId,
      record.subjectId,
      record.address ?? null,
      record.detail ?? null,
    ],
  );
}

export interface ShownRecord {
  readonly position: string;
  readonly at: Date;
  readonly action: AccessAction;
  readonly actorId: string | null;
  readonly address: string | null;
  readonly detail: string | null;
}

/** The records, for those who supervise access. */
export class AccessRecords {
  constructor(private readonly database: IdentityDatabase) {}

  /** The same records as far as the accounts they are about lie in a scope. */
  within(scope: ReadScope): AccessRecords {
    return new AccessRecords(this.database.within(scope));
  }

  /** About this account, newest first; those before the position `before`. */
  async about(
    userId: string,
    page: { readonly before: string | null; readonly limit: number },
  ): Promise<ShownRecord[]> {
    return this.database.query<ShownRecord[]>(
      `SELECT position::text, at, action, actor_id AS "actorId", address, detail
       FROM identity_access_records
       WHERE subject_id = $1 AND ($2::bigint IS NULL OR position < $2::bigint)
       ORDER BY identity_access_records.position DESC LIMIT $3`,
      [userId, page.before, page.limit],
    );
  }
}
