import { recordKey } from '@fundflow/domain/books';
import type pg from 'pg';
import { bytesOf } from '../growing-bytes.js';
import { StagedRow, type SubmissionRecord } from '../staged.js';
import { readStaged, sealedCell, writeStaged } from '../staging/staged-text.js';

/** A submission whose staged rows hold something sealed, not posted yet. */
export interface StagedSubmission {
  readonly id: string;
  readonly status: SubmissionRecord['status'];
}

/**
 * Submissions with staged rows about a person. Looks through all that is staged: for rare use.
 *
 * @param names blind indexes of the person, under each key there is of those
 */
export async function submissionsNaming(
  pool: pg.Pool,
  names: readonly Buffer[],
): Promise<StagedSubmission[]> {
  const { rows } = await pool.query<StagedSubmission>(
    `SELECT s.id, s.status FROM submissions s WHERE EXISTS
       (SELECT FROM submission_blocks b WHERE b.submission_id = s.id
         AND (b.payee_subjects && $1::bytea[]
           OR EXISTS (SELECT FROM unnest($2::text[]) AS name WHERE position(name IN b.staged) > 0)))
     ORDER BY s.created_at, s.id`,
    [names, names.map((name) => name.toString('base64'))],
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

/** Blocks with sealed bytes that begin with $1, in lines with $2. */
const SEALED_WITH = `position($2 IN b.staged) > 0 OR EXISTS
  (SELECT FROM unnest(b.payee_sealed) AS row(sealed) WHERE substr(sealed, 1, length($1::bytea)) = $1::bytea)`;

function beginning(start: Buffer): readonly [Buffer, string] {
  if (start.length % 3 !== 0) throw new RangeError('base64 shows whole threes of bytes only');
  return [start, sealedCell(start)];
}

/**
 * How many staged blocks hold rows whose sealed bytes begin so.
 *
 * @param start a whole number of times three bytes
 */
export async function blocksSealedWith(pool: pg.Pool, start: Buffer): Promise<number> {
  const { rows } = await pool.query<{ n: string }>(
    `SELECT count(*) AS n FROM submission_blocks b WHERE ${SEALED_WITH}`,
    [...beginning(start)],
  );
  return Number(rows[0]?.n);
}

/** A sealed row as it is staged. */
export interface StagedSeal {
  readonly recordKey: string;
  readonly subject: Buffer;
  readonly sealed: Buffer;
}

/** What becomes of a row: its person may have another name. */
export type Reseal = (row: StagedSeal) => Pick<StagedSeal, 'subject' | 'sealed'>;

interface Sealing {
  readonly start: Buffer;
  readonly reseal: Reseal;
}

/** Seals anew what is staged with such a beginning, block by block, each durable; answers how many blocks. */
export async function resealStaged(pool: pg.Pool, start: Buffer, reseal: Reseal): Promise<number> {
  const { rows } = await pool.query<BlockKey>(
    `SELECT submission_id AS id, block FROM submission_blocks b WHERE ${SEALED_WITH}`,
    [...beginning(start)],
  );
  for (const key of rows) await resealBlock(pool, key, { start, reseal });
  return rows.length;
}

interface BlockKey {
  readonly id: string;
  readonly block: number;
}

interface SealedBlock {
  readonly staged: string | null;
  readonly keys: readonly string[] | null;
  readonly subjects: readonly Buffer[] | null;
  readonly sealed: readonly Buffer[] | null;
}

async function resealBlock(pool: pg.Pool, { id, block }: BlockKey, how: Sealing): Promise<void> {
  const known = await pool.query<SealedBlock>(
    `SELECT staged, payee_record_keys AS keys, payee_subjects AS subjects, payee_sealed AS sealed
     FROM submission_blocks WHERE submission_id = $1 AND block = $2`,
    [id, block],
  );
  const [before] = known.rows;
  // Posted meanwhile.
  if (!before) return;
  const { staged, keys, subjects, sealed } = before;
  if (staged !== null) return resealLines(pool, { id, block }, staged, how);
  const anew = (sealed ?? []).map((bytes, at) =>
    sealedAnew(
      { recordKey: keys?.[at] as string, subject: subjects?.[at] as Buffer, sealed: bytes },
      how,
    ),
  );
  await pool.query(
    `UPDATE submission_blocks SET payee_sealed = $3::bytea[], payee_subjects = $5::bytea[]
      WHERE submission_id = $1 AND block = $2 AND payee_sealed = $4::bytea[]`,
    [id, block, anew.map((row) => row.sealed), sealed, anew.map((row) => row.subject)],
  );
}

async function resealLines(
  pool: pg.Pool,
  { id, block }: BlockKey,
  before: string,
  how: Sealing,
): Promise<void> {
  const rows = readStaged(before).map(({ sheet, row, id: recordId, content, secret, decided }) => {
    const anew = secret && {
      ...secret,
      ...sealedAnew(
        {
          recordKey: recordKey(recordId),
          subject: bytesOf(secret.subject),
          sealed: bytesOf(secret.sealed),
        },
        how,
      ),
    };
    return new StagedRow(sheet, row, recordId, content, anew, decided);
  });
  await pool.query(
    `UPDATE submission_blocks SET staged = $3 WHERE submission_id = $1 AND block = $2
       AND staged = $4`,
    [id, block, writeStaged(rows), before],
  );
}

function sealedAnew(row: StagedSeal, { start, reseal }: Sealing): ReturnType<Reseal> {
  const { subject, sealed } = row.sealed.subarray(0, start.length).equals(start)
    ? reseal(row)
    : row;
  return { subject, sealed };
}
