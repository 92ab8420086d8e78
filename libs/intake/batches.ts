import type { KnownRegions } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import { idColumnOf } from './columns.js';
import { refuseFile } from './file-refusal.js';
import type { SheetLayout } from './headers.js';
import { BATCH_ROWS, BLANK_ROWS_MAX, ROWS_MAX } from './limits.js';
import { parseCells } from './parse-row.js';
import type { RowOutcome } from './parsed-row.js';
import type { RowCells } from './row-reading.js';

/**
 * One row of a submission, read. `id` is the row's own as handed in, also where the row has an
 * error.
 */
export interface ReadRow extends RowOutcome {
  readonly kind: RowKind;
  /** As a spreadsheet shows it: the header is row 1. */
  readonly rowNumber: number;
  readonly id: string | null;
}

/** How far reading is; bytes of the file, for a workbook of its unpacked sheets. */
export interface ReadProgress {
  readonly bytesRead: number;
  readonly bytesTotal: number;
}

/** Said aloud, blocking nothing: a sheet that was left out. */
export interface FileNote {
  readonly code: 'hidden-sheet' | 'help-sheet' | 'empty-sheet';
  readonly sheet: string;
  /** zh-CN. */
  readonly message: string;
}

/** Rows in the order of the file; at most {@link BATCH_ROWS} of them. */
export interface Batch {
  readonly rows: readonly ReadRow[];
  /** The `flex_*` headers of the table these rows stand in. */
  readonly flexColumns: readonly string[];
  /** What there is to say about the file; in its first batch only. */
  readonly notes: readonly FileNote[];
  readonly progress: ReadProgress;
}

/** The rows of one table below its header, in pieces of any size, and how far the file is read. */
export interface Table {
  readonly layout: SheetLayout;
  readonly pieces: AsyncIterable<readonly RowCells[]>;
  progress(): ReadProgress;
}

const isBlank = (text: string | undefined): boolean =>
  text === undefined || text === '' || text.trim() === '';

/**
 * Parses tables one after the other and hands out batches; nothing is read ahead of the consumer
 * but one piece.
 *
 * @throws FileRefused too-many-rows, too-many-blank-rows, no-rows, and whatever reading a table throws
 */
export async function* batchesOf(
  tables: AsyncIterable<Table>,
  regionTable: KnownRegions,
  notes: readonly FileNote[],
): AsyncGenerator<Batch> {
  let unsaid = notes;
  let count = 0;
  for await (const table of tables) {
    const { layout } = table;
    const flexColumns = layout.flex.map((column) => column.name);
    const idIndex = layout.indexOf.get(idColumnOf(layout.kind).name) ?? -1;
    let rows: ReadRow[] = [];
    let blank = 0;
    for await (const piece of table.pieces) {
      for (const cells of piece) {
        if (cells.texts.every(isBlank)) {
          blank += 1;
          if (blank > BLANK_ROWS_MAX) throw refuseBlankRows(cells.rowNumber);
          continue;
        }
        blank = 0;
        count += 1;
        if (count > ROWS_MAX) {
          throw refuseFile('too-many-rows', `超过${ROWS_MAX}行，请分次报送`, {
            row: cells.rowNumber,
          });
        }
        const outcome = parseCells(layout, cells, regionTable);
        const id = outcome.row?.id ?? (cells.texts[idIndex]?.trim() || null);
        const { kind } = layout;
        rows.push({ kind, rowNumber: cells.rowNumber, id, ...outcome });
        if (rows.length < BATCH_ROWS) continue;
        yield { rows, flexColumns, notes: unsaid, progress: table.progress() };
        unsaid = [];
        rows = [];
      }
    }
    if (rows.length === 0) continue;
    yield { rows, flexColumns, notes: unsaid, progress: table.progress() };
    unsaid = [];
  }
  if (count === 0) throw refuseFile('no-rows', '文件只有表头，没有数据行');
}

export const refuseBlankRows = (row: number): Error =>
  refuseFile('too-many-blank-rows', `连续空行超过${BLANK_ROWS_MAX}行，请删去空行后再报送`, { row });
