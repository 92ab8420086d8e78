import type pg from 'pg';
import { StagedBlock } from '../staged-block.js';
import { type KnownBlock, partsOfBlocks, type StagedPart } from '../staged-parts.js';
import { writeStaged } from '../staged-text.js';
import type { ReportEntry, StagedRow, SubmissionRecord } from '../staged.js';

/** A submission that was validated before it is stored. */
export interface WholeSubmission {
  readonly record: SubmissionRecord;
  readonly rows: readonly StagedRow[];
  readonly findings: readonly ReportEntry[];
}

/** So few rows are decided again as soon as the database is asked where they lie. */
const DECIDED_ANEW_MAX = 100;

const described = (rows: readonly StagedRow[], block: StagedBlock) => ({
  open_projects: block.openProjects,
  people: rows.filter(({ secret }) => secret !== null).length,
});

/** A submission of one part whose rows stand as validation decided them. */
export interface WholeAsDecided {
  readonly part: StagedPart;
  /** Rows with a person who was sealed. */
  readonly people: number;
}

/** Null when its rows have to be decided again, or it is as small that they may as well. */
export async function wholeAsDecided(pool: pg.Pool, id: string): Promise<WholeAsDecided | null> {
  const { rows } = await pool.query<KnownBlock & { readonly people: number }>({
    name: 'submissions_whole_as_decided',
    text: `SELECT block, row_count AS rows, open_projects AS "openProjects", people
      FROM submission_blocks
      WHERE submission_id = $1 AND open_projects IS NOT NULL AND people IS NOT NULL`,
    values: [id],
  });
  const [part, ...others] = partsOfBlocks(rows);
  return part && others.length === 0 ? { part, people: rows[0]?.people ?? 0 } : null;
}

/** Stores small submissions whole: record, rows and report of all of them in one statement. */
export async function insertWhole(pool: pg.Pool, items: readonly WholeSubmission[]): Promise<void> {
  // Of one that comes alone the rows go as they are: as text within JSON each quotation mark would be escaped, and taken back.
  const [alone] = items.length === 1 ? items : [];
  const blocks = items.map(({ rows }) =>
    alone || rows.length > DECIDED_ANEW_MAX ? StagedBlock.of(rows) : null,
  );
  const whole = items.map(({ record, rows, findings }, at) => ({
    id: record.id,
    created_at: record.createdAt,
    status: record.status,
    kind: record.kind,
    maker_id: record.maker.id,
    maker_unit: record.maker.unit,
    maker_region: record.maker.region,
    handed_in_sha256: record.handedInSha256,
    bytes_total: record.bytesTotal,
    row_count: record.rows,
    accepted_rows: record.acceptedRows,
    already_posted_rows: record.alreadyPostedRows,
    errors: record.errors,
    warnings: record.warnings,
    ...(alone ? {} : { staged: blocks[at]?.bytes.toString() ?? writeStaged(rows) }),
    ...(rows.length > DECIDED_ANEW_MAX ? described(rows, blocks[at] as StagedBlock) : {}),
    findings,
  }));
  await pool.query({
    name: 'submissions_insert_whole',
    text: `WITH given AS (
       SELECT * FROM json_to_recordset($1::json) AS g(id uuid, created_at timestamptz, status text,
         kind text, maker_id text, maker_unit text, maker_region text, handed_in_sha256 text,
         bytes_total bigint, row_count integer, accepted_rows integer,
         already_posted_rows integer, errors integer, warnings integer, staged text, findings json,
         open_projects text[], people integer)
     ), inserted AS (
       INSERT INTO submissions (id, created_at, status, kind, maker_id, maker_unit, maker_region,
         handed_in_sha256, bytes_total, bytes_read, row_count, accepted_rows,
         already_posted_rows, errors, warnings)
       SELECT id, created_at, status, kind, maker_id, maker_unit, maker_region, handed_in_sha256,
         bytes_total, bytes_total, row_count, accepted_rows, already_posted_rows, errors, warnings
       FROM given
     ), blocks AS (
       INSERT INTO submission_blocks (submission_id, block, staged, row_count, open_projects, people)
       SELECT id, 0, coalesce($2::text, staged), accepted_rows, open_projects, people FROM given
     )
     INSERT INTO submission_findings
     SELECT id, entry.seq - 1, entry.value
     FROM given, json_array_elements(findings) WITH ORDINALITY AS entry(value, seq)`,
    values: [JSON.stringify(whole), alone ? (blocks[0] as StagedBlock).bytes : null],
  });
}
