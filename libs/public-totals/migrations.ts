import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A row a place; held_for has fewer than five blind indexes, and they go when what is held is told. */
class PublicTotals1750000000900 implements MigrationInterface {
  readonly name = 'PublicTotals1750000000900';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE public_totals (
        place text COLLATE "C" PRIMARY KEY,
        units_fen numeric NOT NULL,
        told_fen numeric NOT NULL,
        held_fen numeric NOT NULL,
        held_for text[] COLLATE "C" NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE public_totals_position (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        position bigint NOT NULL
      )`);
    await runner.query('INSERT INTO public_totals_position (position) VALUES (0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE public_totals, public_totals_position');
  }
}

export const publicTotalsMigrations = [PublicTotals1750000000900];
