import {
  PERSONAL_SETTINGS,
  type PersonalSetting,
} from '@fundflow/domain/oversight/personal-settings';
import type { Pool } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Proposed and approved settings of personal data; who proposes does not approve, but where there is nobody else. */
export class PersonalSettings1750000000710 implements MigrationInterface {
  readonly name = 'PersonalSettings1750000000710';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE oversight_settings (
        id uuid PRIMARY KEY,
        setting text NOT NULL,
        region text COLLATE "C" NOT NULL,
        value integer NOT NULL CHECK (value >= 0),
        valid_from date NOT NULL,
        basis text NOT NULL,
        proposed_by text NOT NULL,
        proposed_at timestamptz NOT NULL,
        approved_by text,
        alone boolean NOT NULL DEFAULT false,
        position bigint UNIQUE,
        CONSTRAINT another_approver CHECK (approved_by <> proposed_by OR alone),
        CHECK ((approved_by IS NULL) = (position IS NULL))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE oversight_settings');
  }
}

/** Whether the region of a setting contains a place. @param place SQL */
export const CONTAINS = (place: string): string =>
  `(region = '000000' OR starts_with(${place}, region))`;
/** The jurisdiction whose word counts first: the longest region that contains the place. */
const FIRST_WORD = `CASE region WHEN '000000' THEN 0 ELSE length(region) END DESC,
  valid_from DESC, oversight_settings.position DESC`;

/** What counts for personal data, by place and day. Asked each time: looking at a person is rare, and a limit must not lag. */
export class PersonalSettings {
  constructor(private readonly pool: Pool) {}

  /** @param day YYYY-MM-DD */
  async valueFor(setting: PersonalSetting, region: string, day: string): Promise<number> {
    const { rows } = await this.pool.query<{ value: string }>(
      `SELECT value FROM oversight_settings
       WHERE setting = $1 AND position IS NOT NULL AND valid_from <= $3 AND ${CONTAINS('$2')}
       ORDER BY ${FIRST_WORD} LIMIT 1`,
      [setting, region, day],
    );
    const [set] = rows;
    return set ? Number(set.value) : PERSONAL_SETTINGS[setting].otherwise;
  }
}
