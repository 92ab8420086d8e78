import {
  PERSONAL_SETTINGS,
  type PersonalSetting,
} from '@fundflow/domain/oversight/personal-settings';
import type { RegionCode } from '@fundflow/domain/region';
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

export interface SettingProposal {
  readonly id: string;
  readonly setting: PersonalSetting;
  readonly region: RegionCode;
  readonly value: number;
  /** YYYY-MM-DD. */
  readonly validFrom: string;
  readonly basis: string;
  readonly proposedBy: string;
  readonly proposedAt: Date;
}

export interface KeptSetting extends SettingProposal {
  readonly approvedBy: string | null;
  /** Of the event that says it is approved; null: it is not. */
  readonly position: string | null;
}

const COLUMNS = `id, setting, region, value, valid_from::text AS "validFrom", basis,
  proposed_by AS "proposedBy", proposed_at AS "proposedAt", approved_by AS "approvedBy",
  position::text`;

/** The jurisdiction whose word counts first: the longest region that contains the place. */
const CONTAINS = (place: string): string => `(region = '000000' OR starts_with(${place}, region))`;
const FIRST_WORD = `CASE region WHEN '000000' THEN 0 ELSE length(region) END DESC,
  valid_from DESC, oversight_settings.position DESC`;

const LISTED_MAX = 500;

/** What counts for personal data, by place and day. Asked each time: looking at a person is rare, and a limit must not lag. */
export class PersonalSettings {
  constructor(private readonly pool: Pool) {}

  /** @param day YYYY-MM-DD */
  async valueFor(setting: PersonalSetting, region: string, day: string): Promise<number> {
    const { rows } = await this.pool.query<{ value: number }>(
      `SELECT value FROM oversight_settings
       WHERE setting = $1 AND position IS NOT NULL AND valid_from <= $3 AND ${CONTAINS('$2')}
       ORDER BY ${FIRST_WORD} LIMIT 1`,
      [setting, region, day],
    );
    return rows[0]?.value ?? PERSONAL_SETTINGS[setting].otherwise;
  }

  async propose(proposal: SettingProposal): Promise<void> {
    const { id, setting, region, value, validFrom, basis, proposedBy, proposedAt } = proposal;
    await this.pool.query(
      `INSERT INTO oversight_settings
         (id, setting, region, value, valid_from, basis, proposed_by, proposed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, setting, region, value, validFrom, basis, proposedBy, proposedAt],
    );
  }

  async find(id: string): Promise<KeptSetting | null> {
    const text = `SELECT ${COLUMNS} FROM oversight_settings WHERE id = $1`;
    return (await this.pool.query<KeptSetting>(text, [id])).rows[0] ?? null;
  }

  /** What was set for a region, for what it lies in and for what lies in it, the newest first. */
  async list(region: RegionCode): Promise<KeptSetting[]> {
    const { rows } = await this.pool.query<KeptSetting>(
      `SELECT ${COLUMNS} FROM oversight_settings
       WHERE ${CONTAINS('$1')} OR $1 = '000000' OR starts_with(region, $1)
       ORDER BY proposed_at DESC, id LIMIT ${LISTED_MAX}`,
      [region],
    );
    return rows;
  }

  /**
   * @param position of the event that records it
   * @returns false where it was approved already
   */
  async approve(id: string, by: string, position: bigint, alone: boolean): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE oversight_settings SET approved_by = $2, position = $3, alone = $4
       WHERE id = $1 AND position IS NULL`,
      [id, by, position.toString(), alone],
    );
    return rowCount === 1;
  }
}
