import { query } from './template-database.js';

/**
 * Makes writes of a table fail as a broken disk would, until `mend` is called: so that a test can stop the process at an
 * exact place without killing it at a guessed moment.
 *
 * @param when SQL over NEW
 */
export async function breakWrites(
  databaseUrl: string,
  table: string,
  when: string,
): Promise<{ mend(): Promise<void> }> {
  await query(
    databaseUrl,
    `CREATE OR REPLACE FUNCTION public.broken_disk() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE 'the disk is broken' USING ERRCODE = 'io_error'; END $$`,
  );
  await query(
    databaseUrl,
    `CREATE TRIGGER broken_disk BEFORE INSERT OR UPDATE ON ${table}
     FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION public.broken_disk()`,
  );
  return {
    mend: async () => {
      await query(databaseUrl, `DROP TRIGGER broken_disk ON ${table}`);
    },
  };
}
