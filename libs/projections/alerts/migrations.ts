import type { MigrationInterface, QueryRunner } from 'typeorm';
import { inSchema } from '../in-schema.js';
import { ALERT_CHECKPOINT_NAME, ALERT_SCHEMA, alertTables } from './table.js';

/** The empty alerts: their checkpoint has no generation, so the first round looks at everything. */
class Alerts1750000000300 implements MigrationInterface {
  readonly name = 'Alerts1750000000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE SCHEMA ${ALERT_SCHEMA}`);
    await inSchema(runner, ALERT_SCHEMA, async () => {
      for (const { create, indexes } of alertTables) {
        await runner.query(create);
        for (const index of indexes) await runner.query(index);
      }
      await runner.query('INSERT INTO alert_checkpoint (name, position) VALUES ($1, 0)', [
        ALERT_CHECKPOINT_NAME,
      ]);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP SCHEMA ${ALERT_SCHEMA} CASCADE`);
  }
}

export const alertMigrations: readonly (new () => MigrationInterface)[] = [Alerts1750000000300];
