import { ROW_KINDS, type RowKind } from '@fundflow/domain/rows';
import type { FileNote, Table } from '../batches.js';
import { kindByHeaders } from '../csv-table.js';
import { HELP_SHEET, KIND_NAMES, kindOf } from '../enumerations.js';
import { refuseFile } from '../file-refusal.js';
import { readHeader } from '../headers.js';
import type { OpenFile } from '../open-file.js';
import type { RowCells } from '../row-reading.js';
import { findMergedAreas } from './merged-areas.js';
import { openPackage } from './package-parts.js';
import { sheetRows } from './sheet-rows.js';
import { openWorkbook, type SheetPart, type Workbook } from './workbook.js';

export interface WorkbookTables {
  readonly tables: AsyncIterable<Table>;
  readonly notes: readonly FileNote[];
}

/**
 * The sheets of a workbook as tables, in the order of ROW_KINDS. A sheet is named by its kind; a
 * workbook with one filled sheet of any other name is read by its headers. Hidden sheets and the
 * help sheet of the template are left out, aloud.
 *
 * @throws FileRefused not-xlsx, encrypted-workbook, zip-bomb, too-large, duplicate-sheet,
 *   unknown-sheet, unknown-kind, empty-file; while iterating also what {@link readHeader} throws,
 *   missing-header, merged-cells
 */
export async function openWorkbookTables(
  file: OpenFile,
  said: RowKind | undefined,
): Promise<WorkbookTables> {
  const workbook = await openWorkbook(await openPackage(file));
  const notes: FileNote[] = [];
  const named = new Map<RowKind, SheetPart>();
  const strangers: SheetPart[] = [];
  for (const sheet of workbook.sheets) {
    const kind = kindOf(sheet.name);
    if (sheet.isHidden) notes.push(note('hidden-sheet', sheet, '已隐藏，未读取'));
    else if (kind !== null) {
      if (named.has(kind))
        throw refuseFile('duplicate-sheet', '同一种表重复', { sheet: sheet.name });
      named.set(kind, sheet);
    } else if (sheet.name.startsWith(HELP_SHEET)) {
      notes.push(note('help-sheet', sheet, '是填写说明，未读取'));
    } else if (await isEmpty(workbook, sheet)) {
      notes.push(note('empty-sheet', sheet, '是空表，未读取'));
    } else strangers.push(sheet);
  }
  return { tables: tablesOf(workbook, chosenSheets(named, strangers, said), said), notes };
}

const note = (code: FileNote['code'], { name }: SheetPart, text: string): FileNote => ({
  code,
  sheet: name,
  message: `工作表“${name}”${text}`,
});

type ChosenSheet = readonly [kind: RowKind | null, sheet: SheetPart];

/**
 * A filled sheet that nobody reads would be money that nobody sees: it is refused, not passed over.
 */
function chosenSheets(
  named: ReadonlyMap<RowKind, SheetPart>,
  strangers: readonly SheetPart[],
  said: RowKind | undefined,
): ChosenSheet[] {
  const [first] = strangers;
  if (named.size === 0 && strangers.length === 1 && first) return [[null, first]];
  if (first) {
    const names = Object.values(KIND_NAMES).join('、');
    throw refuseFile('unknown-sheet', `名称不属于任何一种表（${names}）`, { sheet: first.name });
  }
  if (named.size === 0) throw refuseFile('empty-file', '工作簿中没有数据');
  if (said !== undefined && !named.has(said)) {
    throw refuseFile('unknown-kind', `工作簿中没有工作表“${KIND_NAMES[said]}”`);
  }
  return ROW_KINDS.flatMap((kind) => {
    const sheet = named.get(kind);
    return sheet ? [[kind, sheet] as const] : [];
  });
}

async function isEmpty(workbook: Workbook, sheet: SheetPart): Promise<boolean> {
  const rows = sheetRows(workbook, workbook.parts.read(sheet.part), []);
  for await (const piece of rows) if (piece.length > 0) return false;
  return true;
}

async function* tablesOf(
  workbook: Workbook,
  sheets: readonly ChosenSheet[],
  said: RowKind | undefined,
): AsyncGenerator<Table> {
  const { parts } = workbook;
  const bytesTotal = sheets.reduce((sum, [, sheet]) => sum + parts.declaredBytes(sheet.part), 0);
  const progress = { bytesRead: 0, bytesTotal };
  for (const [kind, sheet] of sheets) {
    const merged = await findMergedAreas(parts.read(sheet.part));
    const counted = countBytes(parts.read(sheet.part), progress);
    const pieces = sheetRows(workbook, counted, merged);
    const first = await pieces.next();
    if (first.done) continue;
    const [header, ...rest] = first.value;
    const where = { sheet: sheet.name };
    if (header?.rowNumber !== 1) {
      throw refuseFile('missing-header', '应为表头', { row: 1, ...where });
    }
    const texts = Array.from(header.texts, (text) => text ?? '');
    const layout = readHeader(kind ?? kindByHeaders(said, texts, where), texts, where);
    yield { layout, pieces: startingWith(rest, pieces), progress: () => ({ ...progress }) };
  }
}

async function* countBytes(
  chunks: AsyncIterable<Buffer>,
  progress: { bytesRead: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    progress.bytesRead += chunk.length;
    yield chunk;
  }
}

async function* startingWith(
  first: readonly RowCells[],
  rest: AsyncIterable<readonly RowCells[]>,
): AsyncGenerator<readonly RowCells[]> {
  yield first;
  yield* rest;
}
