import { BYTE_ORDER_MARK, csvLine } from './csv-text.js';
import type { RowFinding } from './findings.js';

/** A finding with the flex columns of its row. */
export interface ReportEntry extends RowFinding {
  readonly flex: Readonly<Record<string, string>>;
}

/** The columns of a report in the order of contract §3; the flex columns of the file follow. */
const REPORT_COLUMNS = [
  ...(['row', 'id', 'field', 'severity', 'code', 'message'] as const),
  ...(['value', 'expected', 'difference', 'sheet'] as const),
] as const;

/** A line of a report: about a row, or (row null) about the file. */
export type ReportLine = {
  readonly [C in (typeof REPORT_COLUMNS)[number]]: string | number | null;
} & Pick<ReportEntry, 'flex'>;

const PIECE_LENGTH = 64 * 1024;

/**
 * A report as CSV in UTF-8 with its mark, piece by piece. The header is always there: a clean file
 * has a report with no line below it. Formulas in values are neutralised.
 *
 * @param flexColumns every flex header of the submission; a row without one has an empty cell there
 */
export async function* reportCsv(
  entries: AsyncIterable<ReportLine> | Iterable<ReportLine>,
  flexColumns: readonly string[],
): AsyncGenerator<string> {
  let piece = BYTE_ORDER_MARK + csvLine([...REPORT_COLUMNS, ...flexColumns]);
  for await (const entry of entries) {
    const own = REPORT_COLUMNS.map((column) => String(entry[column] ?? ''));
    piece += csvLine([...own, ...flexColumns.map((name) => entry.flex[name] ?? '')]);
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
