import type { ClientBase, Pool } from 'pg';
import { identityMigrations } from '@fundflow/identity/tables';
import { MIGRATION_TABLE } from '@fundflow/nest-edge/database';
import { edgeMigrations } from '@fundflow/nest-edge/tables';
import { oversightMigrations } from '@fundflow/oversight/postgres/reasons';
import { alertMigrations } from '@fundflow/projections/alerts/migrations';
import { projectionMigrations } from '@fundflow/projections/read-model';
import { publicTotalsMigrations } from '@fundflow/public-totals/migrations';
import { submissionMigrations } from '@fundflow/submissions/postgres/schema';

/** What lifts the tables to this release, in order. */
export const migrations = [
  ...edgeMigrations,
  ...projectionMigrations,
  ...alertMigrations,
  ...identityMigrations,
  ...submissionMigrations,
  ...oversightMigrations,
  ...publicTotalsMigrations,
];

/** The database has no tables yet, or those of another program, and this process may not make any. */
export class DatabaseNotPrepared extends Error {
  override readonly name = 'DatabaseNotPrepared';
}

/** The tables were lifted further than this program knows, or not as far as it needs (zh-CN). */
export class ReleaseMismatch extends Error {
  override readonly name = 'ReleaseMismatch';
}

/**
 * Whoever works as the owner on tables without lifting them first asks here: a statement that meets tables of another release fails with
 * a sentence of the database that tells nobody what to do.
 *
 * @throws DatabaseNotPrepared, ReleaseMismatch
 */
export async function assertSameRelease(database: ClientBase | Pool): Promise<void> {
  const there = await liftedBy(database);
  if (there === null) {
    throw new DatabaseNotPrepared('账本的数据库尚未初始化：请先启动一次账本。');
  }
  const lacking = [...known].filter((name) => !there.has(name));
  if (lacking.length > 0) throw new ReleaseMismatch(olderTables(lacking));
  refuseFurther(there);
}

/**
 * Whoever lifts the tables, or works on what another process lifted, asks here first: a program that is put back would
 * write what its successor's tables do not expect.
 *
 * @throws ReleaseMismatch where a later program has lifted them
 */
export async function assertNotLifted(database: ClientBase | Pool): Promise<void> {
  refuseFurther((await liftedBy(database)) ?? new Set());
}

const known: ReadonlySet<string> = new Set(migrations.map(({ name }) => name));

/** Null: nobody has made any table yet. */
async function liftedBy(database: ClientBase | Pool): Promise<ReadonlySet<string> | null> {
  const found = await database.query<{ there: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS there',
    [MIGRATION_TABLE],
  );
  if (found.rows[0]?.there !== true) return null;
  const run = await database.query<{ name: string }>(`SELECT name FROM ${MIGRATION_TABLE}`);
  return new Set(run.rows.map(({ name }) => name));
}

function refuseFurther(there: ReadonlySet<string>): void {
  const further = [...there].filter((name) => !known.has(name));
  if (further.length > 0) throw new ReleaseMismatch(newerTables(further));
}

const olderTables = (lacking: readonly string[]): string =>
  `程序与账本的表属于不同版本：表尚未升级（缺 ${lacking.join('、')}）。请以本程序重新启动账本后再试。`;
const newerTables = (further: readonly string[]): string =>
  `程序与账本的表属于不同版本：表已由更新的程序升级（多 ${further.join('、')}）。请改用那一版本的程序。`;
