import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';

/**
 * A random key of 32 bytes under this name, the same for every process on this database and after every restart. It
 * protects nothing from whoever can read the database, so nothing in the database may be protected by it.
 */
export async function sharedSecret(database: DataSource, name: string): Promise<Buffer> {
  await database.query(
    'INSERT INTO edge_shared_secret (name, secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
    [name, randomBytes(32)],
  );
  const rows = await database.query<{ secret: Buffer }[]>(
    'SELECT secret FROM edge_shared_secret WHERE name = $1',
    [name],
  );
  const secret = rows[0]?.secret;
  if (secret === undefined) throw new Error(`the shared secret ${name} vanished`);
  return secret;
}
