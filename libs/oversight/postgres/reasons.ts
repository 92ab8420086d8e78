import type { Pool } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { KeptReason, ReasonKeeper } from '../oversight-log.js';
import { PersonalSettings1750000000710 } from './personal-settings.js';
import { SettingProposals1750000000720 } from './setting-proposals.js';
import { SettingsOfBefore1750000000730 } from './settings-of-before.js';

/** Reasons in free words may name somebody, so they stand beside the log and can be deleted; the log commits to them. */
class OversightReasons1750000000700 implements MigrationInterface {
  readonly name = 'OversightReasons1750000000700';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE oversight_reasons (
        event_id uuid PRIMARY KEY,
        opening bytea NOT NULL,
        words text NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE oversight_reasons');
  }
}

export const oversightMigrations = [
  OversightReasons1750000000700,
  PersonalSettings1750000000710,
  SettingProposals1750000000720,
  SettingsOfBefore1750000000730,
];

export class PostgresReasons implements ReasonKeeper {
  constructor(private readonly pool: Pool) {}

  async keep(reasons: readonly KeptReason[]): Promise<void> {
    await this.pool.query(
      `INSERT INTO oversight_reasons (event_id, opening, words)
       SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[])
       ON CONFLICT (event_id) DO UPDATE SET opening = excluded.opening, words = excluded.words`,
      [
        reasons.map(({ eventId }) => eventId),
        reasons.map(({ opening }) => opening),
        reasons.map(({ words }) => words),
      ],
    );
  }

  /** Those still kept, by event id. */
  async wordsOf(eventIds: readonly string[]): Promise<ReadonlyMap<string, KeptReason>> {
    if (eventIds.length === 0) return new Map();
    const { rows } = await this.pool.query<KeptReason>(
      `SELECT event_id AS "eventId", opening, words FROM oversight_reasons
       WHERE event_id = ANY($1::uuid[])`,
      [eventIds],
    );
    return new Map(rows.map((row) => [row.eventId, row]));
  }
}
