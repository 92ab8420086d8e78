import type { Pool } from 'pg';

const ASK = {
  name: 'vault_held_keys',
  text: 'SELECT vault_held_keys($1) AS held',
};

/** As `PostgresVault.heldKeysOf`. No value of anybody is read or opened. */
export async function heldKeysOf(pool: Pool, subjects: Buffer): Promise<Buffer> {
  const { rows } = await pool.query<{ held: Buffer | null }>({ ...ASK, values: [subjects] });
  // An aggregate over nothing.
  return rows[0]?.held ?? Buffer.alloc(0);
}
