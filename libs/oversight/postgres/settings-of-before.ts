import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What one administrator set before two were asked for stands in the log and counts: it is listed with the rest, as the word of
 * one person.
 */
export class SettingsOfBefore1750000000730 implements MigrationInterface {
  readonly name = 'SettingsOfBefore1750000000730';

  async up(runner: QueryRunner): Promise<void> {
    // The log is made behind the migrations: on an empty database it is not there, nor anything of before.
    const [found] = (await runner.query(
      `SELECT to_regclass('event_store.es_events') IS NOT NULL AS there`,
    )) as { there: boolean }[];
    if (found?.there === true) await runner.query(INSERT);
  }

  async down(): Promise<void> {
    // They cannot be told from what the only administrator set later, and the earlier program lists both.
  }
}

const INSERT = `
  INSERT INTO oversight_settings (id, setting, rule, fund_types, region, value, valid_from, basis,
    proposed_by, proposed_at, approved_by, alone, position)
  SELECT event_id, setting, rule, fund_types, region, value, valid_from, record #>> '{data,basis}',
    record ->> 'actor', recorded_at, record ->> 'actor', true, position
  FROM (
    SELECT event_id, record, recorded_at, position, 'rule-limit' AS setting,
      record #>> '{data,rule}' AS rule,
      (SELECT array_agg(type ORDER BY n)
       FROM json_array_elements_text(CASE json_typeof(record #> '{data,fundTypes}')
         WHEN 'array' THEN record #> '{data,fundTypes}' END) WITH ORDINALITY AS of (type, n)
      ) AS fund_types,
      record ->> 'region' AS region, record #>> '{data,limitDays}' AS value,
      (record #>> '{data,validFrom}')::date AS valid_from
    FROM event_store.es_events WHERE stream_id = 'setting-limits' AND type = 'RuleLimitSet'
    UNION ALL
    SELECT event_id, record, recorded_at, position, 'second-checker-from-fen', NULL, NULL,
      region, coalesce(threshold_fen::text, 'none'), valid_from
    FROM submission_thresholds JOIN event_store.es_events USING (position)
  ) AS of_the_log
  WHERE position NOT IN (SELECT position FROM oversight_settings WHERE position IS NOT NULL)`;
