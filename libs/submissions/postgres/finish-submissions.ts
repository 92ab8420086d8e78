import type pg from 'pg';
import type { CertifiedMark, ReportEntry, SubmissionRecord, SubmissionRefusal } from '../staged.js';

/**
 * Submissions of one part, posted (the log says so, whatever stood here before): who certified them, what they posted; their staged rows go in the same statement,
 * because what was sealed for the vault lies there now and nowhere else.
 *
 * @returns for each whether it was not `posted` before
 */
export async function finishWhole(
  pool: pg.Pool,
  items: readonly SubmissionRecord[],
): Promise<readonly boolean[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'submissions_finish_whole',
    text: `WITH given AS MATERIALIZED (
       SELECT DISTINCT ON (g.id) g.* FROM json_to_recordset($1::json) AS g(id uuid,
         checker_id text, checker_unit text, checker_region text, certified_at timestamptz,
         rows_choice text, rows integer, first_position bigint, last_position bigint)
     ), done AS (
       DELETE FROM submission_blocks b USING given g WHERE b.submission_id = g.id
     )
     UPDATE submissions s SET status = 'posted', refusal = NULL, checker_id = g.checker_id,
       checker_unit = g.checker_unit, checker_region = g.checker_region,
       certified_at = g.certified_at, rows_choice = g.rows_choice, posted_parts = 1,
       posted_rows = g.rows, first_position = g.first_position, last_position = g.last_position
     FROM given g WHERE s.id = g.id AND s.status <> 'posted' RETURNING s.id`,
    values: [JSON.stringify(items.map(finished))],
  });
  const changed = new Set(rows.map(({ id }) => id));
  return items.map(({ id }) => changed.delete(id));
}

function finished(record: SubmissionRecord): object {
  return {
    id: record.id,
    ...markColumns(record),
    rows: record.postedRows,
    first_position: record.firstPosition?.toString() ?? null,
    last_position: record.lastPosition?.toString() ?? null,
  };
}

type Mark = Pick<SubmissionRecord, 'checker' | 'certifiedAt' | 'rowsChoice'>;

/** Columns of a certification. The log does not know the checker's region: then there is none. */
function markColumns({ checker, certifiedAt, rowsChoice }: Mark) {
  return {
    checker_id: checker?.id ?? null,
    checker_unit: checker?.unit ?? null,
    checker_region: checker?.region === '' ? null : (checker?.region ?? null),
    certified_at: certifiedAt,
    rows_choice: rowsChoice,
  };
}

/** Ends a submission that is not posted; nothing happens to one that is. */
export async function rejectSubmission(
  pool: pg.Pool,
  id: string,
  {
    refusal,
    entries,
    mark,
  }: {
    readonly refusal: SubmissionRefusal;
    readonly entries: readonly ReportEntry[];
    readonly mark: CertifiedMark | null;
  },
): Promise<void> {
  await pool.query(
    `WITH rejected AS (
       UPDATE submissions SET status = 'rejected', refusal = $2, errors = errors + $4,
         checker_id = coalesce(checker_id, $5), checker_unit = coalesce(checker_unit, $6),
         checker_region = coalesce(checker_region, $7),
         certified_at = coalesce(certified_at, $8), rows_choice = coalesce(rows_choice, $9)
       WHERE id = $1 AND status <> 'posted' RETURNING id, certified_at
     ), unsealed AS (
       -- Never certified, so nowhere posted: what was sealed for it is of no use any more.
       DELETE FROM submission_blocks b USING rejected r
       WHERE b.submission_id = r.id AND r.certified_at IS NULL
     )
     INSERT INTO submission_findings
     SELECT id, last.seq + entry.seq, entry.value
     FROM rejected,
       (SELECT coalesce(max(seq), -1) AS seq FROM submission_findings WHERE submission_id = $1) last,
       json_array_elements($3::json) WITH ORDINALITY AS entry(value, seq)`,
    [
      ...[id, JSON.stringify(refusal), JSON.stringify(entries), entries.length],
      ...[mark?.checker.id ?? null, mark?.checker.unit ?? null, mark?.checker.region ?? null],
      ...[mark?.certifiedAt ?? null, mark?.rowsChoice ?? null],
    ],
  );
}
