import type { Pool } from 'pg';

/** Any number; the same in every process, so that two that start at once create the tables once. */
const SCHEMA_LOCK = 8_123_170_003n;

/**
 * What the log shows to strangers, kept so that any process can serve it and make proofs without the key. All of it can
 * be made again from the log; none of it is believed by who verifies.
 *
 * Hashes do not compress, so PostgreSQL need not try; a partial tile is a beginning of the full one, so one row serves
 * every width.
 */
const STATEMENTS = [
  'CREATE SCHEMA IF NOT EXISTS tlog',
  `CREATE TABLE IF NOT EXISTS tlog.trees (
    log text COLLATE "C" PRIMARY KEY,
    origin text NOT NULL UNIQUE,
    vkey text NOT NULL,
    size bigint NOT NULL,
    range bytea NOT NULL
  )`,
  `CREATE TABLE IF NOT EXISTS tlog.tiles (
    log text COLLATE "C" NOT NULL,
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (log, level, index)
  )`,
  `CREATE TABLE IF NOT EXISTS tlog.checkpoints (
    log text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    witnessed boolean NOT NULL,
    PRIMARY KEY (log, size)
  )`,
  `CREATE TABLE IF NOT EXISTS tlog.cosignatures (
    log text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    witness text COLLATE "C" NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (log, size, witness),
    FOREIGN KEY (log, size) REFERENCES tlog.checkpoints ON DELETE CASCADE
  )`,
];

const COMPLETE = `
  SELECT bool_and(to_regclass('tlog.' || name) IS NOT NULL) AS there
  FROM unnest(ARRAY['trees', 'tiles', 'checkpoints', 'cosignatures']) AS name`;

/** Creates the tables where they are missing. Safe to run at every start, from several processes at once. */
export async function createTlogSchema(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    const { rows } = await client.query<{ there: boolean }>(COMPLETE);
    // Who may not make tables may still find that they are there.
    if (!rows[0]?.there) for (const statement of STATEMENTS) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
