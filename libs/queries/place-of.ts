import { kindCode } from '@fundflow/projections/movements/effect';
import { READ_SCHEMA } from '@fundflow/projections/read-table';

const PLACE = `
  SELECT region FROM ${READ_SCHEMA}.holdings WHERE id = $1::text
  UNION ALL SELECT holding_region FROM ${READ_SCHEMA}.lines WHERE id = $1::text
  UNION ALL SELECT county FROM ${READ_SCHEMA}.projects WHERE id = $1::text
  UNION ALL SELECT holding_region FROM ${READ_SCHEMA}.movements
    WHERE lower_id = $1::text AND kind = ${kindCode('payment-made')}
  LIMIT 1`;

/**
 * Where a record lies that an answer did not find, so that those who watch hear what was asked about; nobody else does.
 *
 * @param database of the program's own work
 */
export async function placeOf(
  database: { query(sql: string, values: string[]): Promise<{ rows: { region: string }[] }> },
  id: string,
): Promise<string | null> {
  return (await database.query(PLACE, [id])).rows[0]?.region ?? null;
}
