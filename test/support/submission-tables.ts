import { submissionMigrations } from '@fundflow/submissions/postgres/schema';
import type pg from 'pg';
import type { QueryRunner } from 'typeorm';

/** Makes the tables of submissions in an empty database. */
export async function createSubmissionTables(pool: pg.Pool): Promise<void> {
  const runner = { query: (sql: string) => pool.query(sql) } as unknown as QueryRunner;
  for (const Migration of submissionMigrations) await new Migration().up(runner);
}
