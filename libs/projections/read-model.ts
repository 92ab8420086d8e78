import type { EntitySchema, MigrationInterface, QueryRunner } from 'typeorm';
import { checkpointTables } from './checkpoint/table.js';
import { flowProjection } from './flow/apply.js';
import { WITHOUT_PAYMENTS } from './flow/table.js';
import { holdingMonths, MONTHS_OF_DAYS } from './holdings/sums-table.js';
import { holdingsProjection } from './holdings/write.js';
import { inSchema } from './in-schema.js';
import { journalProjection } from './journal/apply.js';
import { ENTRIES_OF_SIDES } from './journal/table.js';
import { movementsProjection } from './movements/apply.js';
import { projectsProjection } from './projects/apply.js';
import { Lineage1750000000210, LINEAGE_VIEWS } from './lineage.js';
import { READ_SCHEMA, type ReadTable } from './read-table.js';
import type { Projection } from './projection.js';
import { ruleLimitsProjection } from './rule-limits/apply.js';

/** Everything the read model keeps, in the order it is written: a later one may read what an earlier one wrote. */
export const projections: readonly Projection[] = [
  holdingsProjection,
  movementsProjection,
  flowProjection,
  journalProjection,
  projectsProjection,
  ruleLimitsProjection,
];

export const readTables: readonly ReadTable[] = [
  ...checkpointTables,
  ...projections.flatMap(({ tables }) => tables),
];

export const projectionEntities: readonly EntitySchema[] = readTables.map(({ entity }) => entity);

/**
 * The empty read model. Later migrations change tables that hold data; or they leave them and a rebuild, which makes
 * its tables from `readTables`, brings the new ones.
 */
class ReadModel1750000000200 implements MigrationInterface {
  readonly name = 'ReadModel1750000000200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE SCHEMA ${READ_SCHEMA}`);
    await inSchema(runner, READ_SCHEMA, async () => {
      for (const { create, indexes } of readTables) {
        await runner.query(create);
        for (const index of indexes) await runner.query(index);
      }
      await runner.query(CHECKPOINT_BEGIN);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP SCHEMA ${READ_SCHEMA} CASCADE`);
  }
}

/** The checkpoint of empty tables. */
export const CHECKPOINT_BEGIN = `
  INSERT INTO checkpoint (name, position, generation, retired)
  VALUES ('read-model', 0, gen_random_uuid(), false)`;

/**
 * Gives months to the days of an earlier program's tables. A copy it had set aside before a rebuild has none and cannot be
 * put back in service any more.
 */
export class HoldingMonths1750000000220 implements MigrationInterface {
  readonly name = 'HoldingMonths1750000000220';

  async up(runner: QueryRunner): Promise<void> {
    if (await isThere(runner, 'holding_months')) return;
    await inSchema(runner, READ_SCHEMA, async () => {
      // Nobody moves the tables on from here.
      await runner.query('SELECT 1 FROM checkpoint FOR UPDATE');
      await runner.query(holdingMonths.create);
      await runner.query(MONTHS_OF_DAYS);
      for (const view of LINEAGE_VIEWS) await runner.query(view);
      await runner.query(`DROP SCHEMA IF EXISTS ${READ_SCHEMA}_previous CASCADE`);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE IF EXISTS ${READ_SCHEMA}.holding_months CASCADE`);
  }
}

async function isThere(runner: QueryRunner, table: string): Promise<boolean> {
  const [found] = (await runner.query(
    `SELECT to_regclass('${READ_SCHEMA}.${table}') IS NOT NULL AS there`,
  )) as { there: boolean }[];
  return found?.there === true;
}

/** Tables of an earlier program with a row more for nearly every payment. */
export class FewerRows1750000000230 implements MigrationInterface {
  readonly name = 'FewerRows1750000000230';

  async up(runner: QueryRunner): Promise<void> {
    if (!(await isThere(runner, 'journal_days'))) return;
    await inSchema(runner, READ_SCHEMA, async () => {
      // Nobody moves the tables on from here.
      await runner.query('SELECT 1 FROM checkpoint FOR UPDATE');
      for (const statement of [...ENTRIES_OF_SIDES, ...WITHOUT_PAYMENTS]) {
        await runner.query(statement);
      }
      // A copy set aside before a rebuild cannot be put back in service any more.
      await runner.query(`DROP SCHEMA IF EXISTS ${READ_SCHEMA}_previous CASCADE`);
    });
  }

  down(): Promise<void> {
    throw new Error('what an earlier program kept of payments is made by its own rebuild');
  }
}

export const projectionMigrations: readonly (new () => MigrationInterface)[] = [
  ReadModel1750000000200,
  Lineage1750000000210,
  HoldingMonths1750000000220,
  FewerRows1750000000230,
];
