import { recordKey } from '@fundflow/domain/books';
import type pg from 'pg';
import { StagedRow, type SubmissionRecord } from '../staged.js';
import { readStaged, sealedCell, writeStaged } from '../staged-text.js';

/** A submission whose staged rows hold something sealed, not posted yet. */
export interface StagedSubmission {
  readonly id: string;
  readonly status: SubmissionRecord['status'];
}

/** Submissions with staged rows about this person (blind index). Looks through all that is staged: for rare use. */
export async function submissionsNaming(
  pool: pg.Pool,
  subject: Buffer,
): Promise<StagedSubmission[]> {
  const { rows } = await pool.query<StagedSubmission>(
    `SELECT s.id, s.status FROM submissions s WHERE EXISTS
       (SELECT FROM submission_blocks b WHERE b.submission_id = s.id AND position($1 IN b.staged) > 0)
     ORDER BY s.created_at, s.id`,
    [subject.toString('base64')],
  );
  return rows;
}

/** Ids of these submissions that have staged rows: of what they posted some may not be in the vault yet. */
export async function stagedOf(
  pool: pg.Pool,
  submissionIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (submissionIds.length === 0) return new Set();
  const { rows } = await pool.query<{ id: string }>(
    `SELECT DISTINCT submission_id AS id FROM submission_blocks
      WHERE submission_id = ANY ($1::uuid[])`,
    [submissionIds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Destroys the staged rows of a submission that ended without being posted. */
export async function dropStaged(pool: pg.Pool, submissionId: string): Promise<void> {
  await pool.query(
    `DELETE FROM submission_blocks b USING submissions s
      WHERE s.id = $1 AND s.status = 'rejected' AND b.submission_id = s.id`,
    [submissionId],
  );
}

/**
 * How many staged blocks hold rows whose sealed bytes begin so.
 *
 * @param start a whole number of times three bytes
 */
export async function blocksSealedWith(pool: pg.Pool, start: Buffer): Promise<number> {
  if (start.length % 3 !== 0) throw new RangeError('base64 shows whole threes of bytes only');
  const { rows } = await pool.query<{ n: string }>(
    'SELECT count(*) AS n FROM submission_blocks WHERE position($1 IN staged) > 0',
    [sealedCell(start)],
  );
  return Number(rows[0]?.n);
}

/** A sealed row as it is staged. */
export interface StagedSeal {
  readonly recordKey: string;
  readonly subject: Buffer;
  readonly sealed: Buffer;
}

/** Seals anew what is staged with such a beginning, block by block, each durable; answers how many blocks. */
export async function resealStaged(
  pool: pg.Pool,
  start: Buffer,
  reseal: (row: StagedSeal) => Buffer,
): Promise<number> {
  const { rows } = await pool.query<{ id: string; block: number }>(
    `SELECT submission_id AS id, block FROM submission_blocks WHERE position($1 IN staged) > 0`,
    [sealedCell(start)],
  );
  for (const { id, block } of rows) await resealBlock(pool, id, block, start, reseal);
  return rows.length;
}

async function resealBlock(
  pool: pg.Pool,
  id: string,
  block: number,
  start: Buffer,
  reseal: (row: StagedSeal) => Buffer,
): Promise<void> {
  const known = await pool.query<{ staged: string }>(
    'SELECT staged FROM submission_blocks WHERE submission_id = $1 AND block = $2',
    [id, block],
  );
  const before = known.rows[0]?.staged;
  // Posted meanwhile.
  if (before === undefined) return;
  const rows = readStaged(before).map((staged) => {
    const { sheet, row, id: recordId, content, secret, decided } = staged;
    if (!secret) return staged;
    const sealed = Buffer.from(secret.sealed, 'base64');
    if (!sealed.subarray(0, start.length).equals(start)) return staged;
    const changed = reseal({
      recordKey: recordKey(recordId),
      subject: Buffer.from(secret.subject, 'base64'),
      sealed,
    });
    const anew = { ...secret, sealed: changed.toString('base64') };
    return new StagedRow(sheet, row, recordId, content, anew, decided);
  });
  await pool.query(
    `UPDATE submission_blocks SET staged = $3 WHERE submission_id = $1 AND block = $2
       AND staged = $4`,
    [id, block, writeStaged(rows), before],
  );
}
