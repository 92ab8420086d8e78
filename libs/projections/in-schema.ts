import type { QueryRunner } from 'typeorm';

/** Runs statements that name no schema in this one, and gives the transaction back the search path it had. */
export async function inSchema(
  runner: QueryRunner,
  schema: string,
  work: () => Promise<void>,
): Promise<void> {
  const before = (await runner.query('SHOW search_path')) as { search_path: string }[];
  await runner.query(`SET LOCAL search_path TO ${schema}`);
  await work();
  await runner.query(`SET LOCAL search_path TO ${before[0]?.search_path ?? 'public'}`);
}
