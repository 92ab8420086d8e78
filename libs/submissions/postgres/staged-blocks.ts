import type pg from 'pg';
import type { ReportEntry, StagedRow, ValidationCounts } from '../staged.js';
import type { StagedBlock } from '../staging/staged-block.js';
import type { KnownBlock, StagedPart } from '../staging/staged-parts.js';
import { DECIDED_NOW } from '../staged.js';
import {
  BLOCK_COLUMNS,
  blockParameters,
  type BlockTuple,
  blockValues,
  rowsOfBlock,
  SELECT_BLOCK,
} from './block-columns.js';

export type WrittenBlock = [
  id: string,
  block: number,
  staged: StagedBlock,
  findings: { readonly firstSeq: number; readonly entries: readonly ReportEntry[] },
  counts: ValidationCounts,
];

/** Null: its rows have to be decided again. */
export const OPEN_PROJECTS = `CASE WHEN decided_by = '${DECIDED_NOW}' THEN open_projects END`;

/** One block of a large file with its findings, and the counts so far. */
export async function writeBlock(
  pool: pg.Pool,
  ...[id, block, staged, findings, counts]: WrittenBlock
): Promise<void> {
  await pool.query(
    `WITH block AS (
       INSERT INTO submission_blocks (submission_id, block, row_count, open_projects, people,
         ${BLOCK_COLUMNS})
       VALUES ($1, $2, $3, $12, $13, ${blockParameters(14)})
     ), findings AS (
       INSERT INTO submission_findings
       SELECT $1, $4 + entry.seq - 1, entry.value
       FROM json_array_elements($5::json) WITH ORDINALITY AS entry(value, seq)
     )
     UPDATE submissions SET bytes_read = $6, row_count = $7, accepted_rows = $8,
       already_posted_rows = $9, errors = $10, warnings = $11 WHERE id = $1`,
    [
      ...[id, block, staged.rows, findings.firstSeq, JSON.stringify(findings.entries)],
      ...[counts.bytesRead, counts.rows, counts.acceptedRows, counts.alreadyPostedRows],
      ...[counts.errors, counts.warnings, staged.openProjects, staged.people],
      ...blockValues(staged.columns),
    ],
  );
}

export async function readBlock(
  pool: pg.Pool,
  id: string,
  block: number,
): Promise<StagedRow[] | null> {
  const { rows } = await pool.query<BlockTuple>(
    `SELECT ${SELECT_BLOCK} FROM submission_blocks WHERE submission_id = $1 AND block = $2`,
    [id, block],
  );
  return rows[0] ? rowsOfBlock(rows[0]) : null;
}

/** The blocks of a submission, in order; what other rules decided has to be decided again, and the oldest to be counted. */
export async function blocksOf(pool: pg.Pool, id: string): Promise<KnownBlock[]> {
  const { rows } = await pool.query<KnownBlock>(
    `SELECT block, people, ${OPEN_PROJECTS} AS "openProjects",
       coalesce(row_count, array_length(string_to_array(staged, E'\\n'), 1), 0) AS rows
     FROM submission_blocks WHERE submission_id = $1 ORDER BY block`,
    [id],
  );
  return rows;
}

export async function readPart(pool: pg.Pool, id: string, part: StagedPart): Promise<StagedRow[]> {
  const { firstBlock, lastBlock, skip, rows: count } = part;
  const { rows } = await pool.query<BlockTuple>(
    `SELECT ${SELECT_BLOCK} FROM submission_blocks
     WHERE submission_id = $1 AND block BETWEEN $2 AND $3 ORDER BY block`,
    [id, firstBlock, lastBlock],
  );
  return rows.flatMap(rowsOfBlock).slice(skip, skip + count);
}

/** Every row that was accepted, of a submission small enough to be held at once. */
export async function readRows(pool: pg.Pool, id: string): Promise<StagedRow[]> {
  const { rows } = await pool.query<BlockTuple>(
    `SELECT ${SELECT_BLOCK} FROM submission_blocks WHERE submission_id = $1 ORDER BY block`,
    [id],
  );
  return rows.flatMap(rowsOfBlock);
}
