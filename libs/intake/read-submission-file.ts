import type { KnownRegions } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import { type Batch, batchesOf, type Table } from './batches.js';
import { type CsvTable, openCsvTable } from './csv-table.js';
import { refuseFile } from './file-refusal.js';
import { type FileSource, openFile, type OpenFile } from './open-file.js';
import { compoundFileRefusal } from './xlsx/compound-file.js';

export interface SubmissionFile {
  readonly source: FileSource;
  /** As the person called it; its ending is believed less than its bytes. */
  readonly fileName: string;
  /** Without it the headers, or the names of the sheets, say what the rows are. */
  readonly kind?: RowKind | undefined;
  readonly regionTable: KnownRegions;
}

const ZIP = [0x50, 0x4b, 0x03, 0x04];
const COMPOUND_FILE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
const NO_TABLES: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['PDF', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['JPEG', [0xff, 0xd8, 0xff]],
  ['RAR', [0x52, 0x61, 0x72, 0x21, 0x1a]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf]],
  ['gzip', [0x1f, 0x8b]],
  ['RTF', [0x7b, 0x5c, 0x72, 0x74, 0x66]],
];

const startsWith = (head: Buffer, bytes: readonly number[]): boolean =>
  bytes.every((byte, index) => head[index] === byte);

/**
 * Reads a CSV or XLSX file into batches of parsed rows, in the order of the file; the sheets of a
 * workbook in the order of ROW_KINDS. Memory stays bounded whatever the file holds, and nothing is
 * read ahead of the consumer: who stops iterating stops the reading, and every handle and temporary
 * file is closed.
 *
 * @throws FileRefused while iterating, when the file as a whole cannot be read; rows handed out
 *   before count for nothing
 */
export async function* readSubmissionFile(input: SubmissionFile): AsyncGenerator<Batch> {
  const file = await openFile(input.source);
  try {
    const head = await file.head();
    if (startsWith(head, ZIP)) {
      // Programs that most files do without: 40 ms of a thread that starts for one of them.
      const { openWorkbookTables } = await import('./xlsx/workbook-tables.js');
      const { tables, notes } = await openWorkbookTables(file, input.kind);
      yield* batchesOf(tables, input.regionTable, notes);
    } else {
      await refuseOtherFormats(file, head);
      const table = await openCsvTable(file, input.kind);
      yield* checkedBatchesOf(table, input.regionTable);
    }
  } finally {
    await file.close();
  }
}

/** Its encoding refuses a file before everything else does, wherever in the file either stands. */
async function* checkedBatchesOf(
  table: CsvTable,
  regionTable: KnownRegions,
): AsyncGenerator<Batch> {
  try {
    yield* batchesOf(one(table), regionTable, []);
  } catch (error) {
    await table.surveyWhole();
    throw error;
  }
}

async function* one(table: Table): AsyncGenerator<Table> {
  yield table;
}

async function refuseOtherFormats(file: OpenFile, head: Buffer): Promise<void> {
  if (startsWith(head, COMPOUND_FILE)) throw await compoundFileRefusal(file);
  const other = NO_TABLES.find(([, bytes]) => startsWith(head, bytes));
  if (other) throw refuseFile('unknown-format', `这是${other[0]}文件，请报送 CSV 或 XLSX`);
}
