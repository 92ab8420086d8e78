import type pg from 'pg';
import { StagedBlock } from '../staging/staged-block.js';
import { type KnownBlock, partsOfBlocks, type StagedPart } from '../staging/staged-parts.js';
import { writeStaged } from '../staging/staged-text.js';
import { BLOCK_COLUMNS, blockParameters, blockValues } from './block-columns.js';
import { OPEN_PROJECTS } from './staged-blocks.js';
import type { ReportEntry, StagedRow, SubmissionRecord } from '../staged.js';

/** A submission that was validated before it is stored. */
export interface WholeSubmission {
  readonly record: SubmissionRecord;
  readonly rows: readonly StagedRow[];
  readonly findings: readonly ReportEntry[];
}

/** So few rows are decided again as soon as the database is asked where they lie. */
const DECIDED_ANEW_MAX = 100;

/** Whether its rows lie as columns, to be posted where they lie. */
export const isLarge = ({ rows }: WholeSubmission): boolean => rows.length > DECIDED_ANEW_MAX;

/** The rows of a submission of one part, as validation decided them. Null when its rows have to be decided again, or it is as small that they may as well. */
export async function wholeAsDecided(pool: pg.Pool, id: string): Promise<StagedPart | null> {
  const { rows } = await pool.query<KnownBlock>({
    name: 'submissions_whole_as_decided',
    text: `SELECT block, row_count AS rows, ${OPEN_PROJECTS} AS "openProjects", people
      FROM submission_blocks WHERE submission_id = $1 AND ${OPEN_PROJECTS} IS NOT NULL`,
    values: [id],
  });
  const [part, ...others] = partsOfBlocks(rows);
  return part && others.length === 0 ? part : null;
}

const SUBMISSION = `id, created_at, status, kind, maker_id, maker_unit, maker_region,
  handed_in_sha256, bytes_total, row_count, accepted_rows, already_posted_rows, errors, warnings`;

/** `given`, and what it makes of `submissions` and of their findings; between them stands what writes the blocks. */
const storing = (blocks: string): string => `WITH given AS (
   SELECT * FROM json_to_recordset($1::json) AS g(id uuid, created_at timestamptz, status text,
     kind text, maker_id text, maker_unit text, maker_region text, handed_in_sha256 text,
     bytes_total bigint, row_count integer, accepted_rows integer,
     already_posted_rows integer, errors integer, warnings integer, staged text, findings json)
 ), inserted AS (
   INSERT INTO submissions (bytes_read, ${SUBMISSION}) SELECT bytes_total, ${SUBMISSION} FROM given
 ), blocks AS (${blocks})
 INSERT INTO submission_findings
 SELECT id, entry.seq - 1, entry.value
 FROM given, json_array_elements(findings) WITH ORDINALITY AS entry(value, seq)`;

const given = ({ record, findings }: WholeSubmission, staged: string | null) => ({
  ...{ id: record.id, created_at: record.createdAt, status: record.status, kind: record.kind },
  maker_id: record.maker.id,
  maker_unit: record.maker.unit,
  maker_region: record.maker.region,
  handed_in_sha256: record.handedInSha256,
  bytes_total: record.bytesTotal,
  row_count: record.rows,
  accepted_rows: record.acceptedRows,
  already_posted_rows: record.alreadyPostedRows,
  ...{ errors: record.errors, warnings: record.warnings, staged, findings },
});

const INSERT_SMALL = storing(`
  INSERT INTO submission_blocks (submission_id, block, staged, row_count)
  SELECT id, 0, coalesce($2::text, staged), accepted_rows FROM given`);

/** Stores small submissions: record, rows and report of all of them in one statement. */
export async function insertWhole(pool: pg.Pool, items: readonly WholeSubmission[]): Promise<void> {
  // Of one that comes alone the rows go as they are: as text within JSON each quotation mark would be escaped, and taken back.
  const [alone] = items.length === 1 ? items : [];
  const whole = items.map((item) => given(item, alone ? null : writeStaged(item.rows)));
  await pool.query({
    name: 'submissions_insert_whole',
    text: INSERT_SMALL,
    values: [JSON.stringify(whole), alone ? writeStaged(alone.rows) : null],
  });
}

const INSERT_LARGE = storing(`
  INSERT INTO submission_blocks
    (submission_id, block, row_count, open_projects, people, ${BLOCK_COLUMNS})
  SELECT id, 0, accepted_rows, $2, $3, ${blockParameters(4)} FROM given`);

/** Stores one submission whose rows lie as columns. */
export async function insertLarge(pool: pg.Pool, whole: WholeSubmission): Promise<void> {
  const { openProjects, people, columns } = StagedBlock.of(whole.rows);
  await pool.query({
    name: 'submissions_insert_large',
    text: INSERT_LARGE,
    values: [JSON.stringify([given(whole, null)]), openProjects, people, ...blockValues(columns)],
  });
}
