import { isWithinPerRow } from '@fundflow/row-security/policy-terms';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { inSchema } from './in-schema.js';
import { READ_SCHEMA } from './read-table.js';

/*
 * Money is followed across borders: to where it came from, which decides how old it is, and to where it went. These views
 * show of every row, wherever it lies, what the following needs: ids, places, dates, and the amounts that shares and
 * balances are computed from. No names, and no papers of movements that lie outside the scope: those are in the tables,
 * behind their policies. An answer about a place outside is made of a bare node.
 */
const VIEWS: readonly (readonly [name: string, columns: string, table: string])[] = [
  ['holdings', 'id, kind, region, project_id, first_parent_id, position', 'holdings'],
  [
    'lines',
    `id, holding_id, giver_id, holding_region, amount_fen, document_no,
     issued_on, issued_at, issued_position, received_on, received_at, received_position,
     reversed_on, reversed_at, reversed_position`,
    'lines',
  ],
  [
    'returns',
    `id, line_id, received_on, received_at, received_position,
     reversed_on, reversed_at, reversed_position`,
    'returns',
  ],
  [
    'days',
    `holding_id, occurred_on, recorded_at, position, amount_in_fen, passed_down_fen,
     disbursed_fen, paid_fen, returned_up_fen`,
    'holding_days',
  ],
  [
    'months',
    `holding_id, month, amount_in_fen, passed_down_fen, disbursed_fen, paid_fen, returned_up_fen,
     last_on`,
    'holding_months',
  ],
  ['projects', 'id, registered_at, closed_on, closed_at', 'projects'],
  [
    'movements',
    `position, occurred_on, recorded_at, kind, event_id, record_id, project_id, holding_region,
     upper_id, lower_id, amount_fen, reversal_of, shown,
     CASE WHEN shown THEN document_no END AS document_no,
     CASE WHEN shown THEN voucher_no END AS voucher_no`,
    `(SELECT *, coalesce(${isWithinPerRow('giver_region')}, false)
        OR coalesce(${isWithinPerRow('holding_region')}, false) AS shown FROM movements) AS m`,
  ],
];

/** `CREATE VIEW` in the schema of the search path, beside the tables. */
export const LINEAGE_VIEWS: readonly string[] = VIEWS.map(
  ([name, columns, table]) =>
    `CREATE OR REPLACE VIEW lineage_${name} AS SELECT ${columns} FROM ${table}`,
);

export const LINEAGE_NAMES: readonly string[] = VIEWS.map(([name]) => `lineage_${name}`);

export class Lineage1750000000210 implements MigrationInterface {
  readonly name = 'Lineage1750000000210';

  async up(runner: QueryRunner): Promise<void> {
    await inSchema(runner, READ_SCHEMA, async () => {
      for (const view of LINEAGE_VIEWS) await runner.query(view);
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of LINEAGE_NAMES) await runner.query(`DROP VIEW ${READ_SCHEMA}.${name}`);
  }
}
