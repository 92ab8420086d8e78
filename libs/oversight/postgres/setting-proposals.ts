import type { SettingTerms } from '@fundflow/domain/oversight/setting-proposals';
import type { RegionCode } from '@fundflow/domain/region';
import type { Pool } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CONTAINS } from './personal-settings.js';

/** Limits of rules and second checkers wait for a second administrator as what counts for personal data does. */
export class SettingProposals1750000000720 implements MigrationInterface {
  readonly name = 'SettingProposals1750000000720';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE oversight_settings
        DROP CONSTRAINT oversight_settings_value_check,
        ALTER value TYPE text,
        ADD rule text,
        ADD fund_types text[],
        ADD CHECK ((setting = 'rule-limit') = (rule IS NOT NULL)),
        ADD CHECK (fund_types IS NULL OR rule IS NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM oversight_settings
      WHERE setting IN ('rule-limit', 'second-checker-from-fen')`);
    await runner.query(`
      ALTER TABLE oversight_settings
        DROP rule,
        DROP fund_types,
        ALTER value TYPE integer USING value::integer,
        ADD CHECK (value >= 0)`);
  }
}

export interface SettingProposal extends SettingTerms {
  readonly id: string;
  readonly proposedBy: string;
  readonly proposedAt: Date;
}

export interface KeptSetting extends SettingProposal {
  readonly approvedBy: string | null;
  /** Of the event that brought it into force; null: it waits. */
  readonly position: string | null;
}

const COLUMNS = `id, setting, rule, fund_types AS "fundTypes", region, value,
  valid_from::text AS "validFrom", basis, proposed_by AS "proposedBy",
  proposed_at AS "proposedAt", approved_by AS "approvedBy", position::text`;

const LISTED_MAX = 500;

/** What administrators proposed and approved. The database holds that they are two, but where there is only one. */
export class SettingProposals {
  constructor(private readonly pool: Pool) {}

  async propose(proposal: SettingProposal): Promise<void> {
    const { id, setting, rule, fundTypes, region, value, validFrom, basis } = proposal;
    await this.pool.query(
      `INSERT INTO oversight_settings
         (id, setting, rule, fund_types, region, value, valid_from, basis, proposed_by, proposed_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [
        ...[id, setting, rule, fundTypes, region, value, validFrom, basis],
        ...[proposal.proposedBy, proposal.proposedAt],
      ],
    );
  }

  async find(id: string): Promise<KeptSetting | null> {
    const text = `SELECT ${COLUMNS} FROM oversight_settings WHERE id = $1`;
    return (await this.pool.query<KeptSetting>(text, [id])).rows[0] ?? null;
  }

  /** What was set for a region, for what it lies in and for what lies in it, the newest first; at most 500. */
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
   * @param by the actor of the event that brought it into force
   * @param position of that event
   * @returns false where it was approved already
   */
  async approve(id: string, by: string, position: bigint): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `UPDATE oversight_settings
       SET approved_by = $2, position = $3, alone = (proposed_by = $2)
       WHERE id = $1 AND position IS NULL`,
      [id, by, position.toString()],
    );
    return rowCount === 1;
  }
}
