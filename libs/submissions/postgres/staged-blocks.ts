import type pg from 'pg';
import type { ReportEntry, StagedRow, ValidationCounts } from '../staged.js';
import type { StagedBlock } from '../staged-block.js';
import type { KnownBlock, StagedPart } from '../staged-parts.js';
import { readStaged } from '../staged-text.js';

export type WrittenBlock = [
  id: string,
  block: number,
  staged: StagedBlock,
  findings: { readonly firstSeq: number; readonly entries: readonly ReportEntry[] },
  counts: ValidationCounts,
];

/** One block of a large file with its findings, and the counts so far. */
export async function writeBlock(
  pool: pg.Pool,
  ...[id, block, staged, findings, counts]: WrittenBlock
): Promise<void> {
  await pool.query(
    `WITH block AS (
       INSERT INTO submission_blocks (submission_id, block, staged, row_count, open_projects)
       VALUES ($1, $2, $3::text, $12, $13)
     ), findings AS (
       INSERT INTO submission_findings
       SELECT $1, $4 + entry.seq - 1, entry.value
       FROM json_array_elements($5::json) WITH ORDINALITY AS entry(value, seq)
     )
     UPDATE submissions SET bytes_read = $6, row_count = $7, accepted_rows = $8,
       already_posted_rows = $9, errors = $10, warnings = $11 WHERE id = $1`,
    [
      ...[id, block, staged.bytes, findings.firstSeq, JSON.stringify(findings.entries)],
      ...[counts.bytesRead, counts.rows, counts.acceptedRows, counts.alreadyPostedRows],
      ...[counts.errors, counts.warnings, staged.rows, staged.openProjects],
    ],
  );
}

export async function readBlock(
  pool: pg.Pool,
  id: string,
  block: number,
): Promise<StagedRow[] | null> {
  const { rows } = await pool.query<{ staged: string }>(
    'SELECT staged FROM submission_blocks WHERE submission_id = $1 AND block = $2',
    [id, block],
  );
  return rows[0] ? readStaged(rows[0].staged) : null;
}

/** The blocks of a submission, in order; those of an older program have to be counted. */
export async function blocksOf(pool: pg.Pool, id: string): Promise<KnownBlock[]> {
  const { rows } = await pool.query<KnownBlock>(
    `SELECT block, open_projects AS "openProjects",
       coalesce(row_count, array_length(string_to_array(staged, E'\\n'), 1), 0) AS rows
     FROM submission_blocks WHERE submission_id = $1 ORDER BY block`,
    [id],
  );
  return rows;
}

export async function readPart(pool: pg.Pool, id: string, part: StagedPart): Promise<StagedRow[]> {
  const { firstBlock, lastBlock, skip, rows: count } = part;
  const { rows } = await pool.query<{ staged: string }>(
    `SELECT staged FROM submission_blocks
     WHERE submission_id = $1 AND block BETWEEN $2 AND $3 ORDER BY block`,
    [id, firstBlock, lastBlock],
  );
  return rows.flatMap(({ staged }) => readStaged(staged)).slice(skip, skip + count);
}
