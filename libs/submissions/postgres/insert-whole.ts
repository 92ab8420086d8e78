import type pg from 'pg';
import { writeStaged } from '../staged-text.js';
import type { ReportEntry, StagedRow, SubmissionRecord } from '../staged.js';
import type { TakenForNew } from '../submission-validator.js';

/** A submission that was validated before it is stored. */
export interface WholeSubmission {
  readonly record: SubmissionRecord;
  readonly rows: readonly StagedRow[];
  readonly findings: readonly ReportEntry[];
}

/** Stores small submissions whole: record, rows and report of all of them in one statement. */
export async function insertWhole(pool: pg.Pool, items: readonly WholeSubmission[]): Promise<void> {
  // Of one that comes alone the rows go as they are: as text within JSON each quotation mark would be escaped, and taken back.
  const [alone] = items.length === 1 ? items : [];
  const given = items.map((item) => (alone ? headOf(item) : wholeOf(item)));
  const values = [JSON.stringify(given), alone ? writeStaged(alone.rows) : null];
  await pool.query({ name: 'submissions_insert_whole', text: insertOf('TRUE'), values });
}

/**
 * The same of submissions that were validated as new, where the log of this database bears it out in the very statement:
 * it knows no event of that id, and every stream looked at still stands where it was taken to stand.
 *
 * @returns for each whether it was stored; where not, it has to be validated again
 */
export async function insertNew(
  pool: pg.Pool,
  items: readonly (WholeSubmission & TakenForNew)[],
): Promise<readonly boolean[]> {
  const given = items.map((item) => ({
    ...wholeOf(item),
    event_id: item.eventId,
    streams: item.versions.map(([streamId]) => streamId),
    next_versions: item.versions.map(([, version]) => version + 1),
  }));
  const { rows } = await pool.query<{ id: string }>({
    ...{ name: 'submissions_insert_new', text: insertOf(BORNE_OUT) },
    values: [JSON.stringify(given), null],
  });
  const stored = new Set(rows.map(({ id }) => id));
  return items.map(({ record }) => stored.has(record.id));
}

/** Versions of a stream have no gaps: the next one tells whether it has moved. */
const BORNE_OUT = `
  NOT EXISTS (SELECT 1 FROM event_store.es_events e WHERE e.event_id = g.event_id)
  AND NOT EXISTS (
    SELECT 1 FROM unnest(g.streams, g.next_versions) AS looked (stream_id, version),
      event_store.es_events e
    WHERE e.stream_id = looked.stream_id COLLATE "C" AND e.version = looked.version)`;

const wholeOf = (whole: WholeSubmission) => ({
  ...headOf(whole),
  staged: writeStaged(whole.rows),
});

function headOf({ record, findings }: WholeSubmission) {
  return {
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
    findings,
  };
}

/** Ids of what was stored. @param condition of an item `g` */
const insertOf = (condition: string): string => `
     WITH given AS MATERIALIZED (
       SELECT g.* FROM json_to_recordset($1::json) AS g(id uuid, created_at timestamptz, status text,
         kind text, maker_id text, maker_unit text, maker_region text, handed_in_sha256 text,
         bytes_total bigint, row_count integer, accepted_rows integer,
         already_posted_rows integer, errors integer, warnings integer, staged text, findings json,
         event_id uuid, streams text[], next_versions integer[])
       WHERE ${condition}
     ), inserted AS (
       INSERT INTO submissions (id, created_at, status, kind, maker_id, maker_unit, maker_region,
         handed_in_sha256, bytes_total, bytes_read, row_count, accepted_rows,
         already_posted_rows, errors, warnings)
       SELECT id, created_at, status, kind, maker_id, maker_unit, maker_region, handed_in_sha256,
         bytes_total, bytes_total, row_count, accepted_rows, already_posted_rows, errors, warnings
       FROM given
     ), blocks AS (
       INSERT INTO submission_blocks SELECT id, 0, coalesce($2, staged) FROM given
     ), found AS (
       INSERT INTO submission_findings
       SELECT id, entry.seq - 1, entry.value
       FROM given, json_array_elements(findings) WITH ORDINALITY AS entry(value, seq)
     )
     SELECT id FROM given`;
