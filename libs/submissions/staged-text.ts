import type { Day } from '@fundflow/domain/calendar';
import type { RegionCode } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import { type DecidedPayment, StagedRow } from './staged.js';

/*
 * Staged rows as text: a line a row, its cells set apart by tabs, the canonical content last. Nothing in a cell holds a
 * control character (ids and codes may not, canonical JSON escapes them), so nothing is escaped here, and a block of
 * rows is taken apart without parsing any of them.
 */

const CELLS = 14;

export function writeStaged(rows: readonly StagedRow[]): string {
  return rows.map(lineOf).join('\n');
}

/** @throws Error when the text is not what `writeStaged` wrote */
export function readStaged(text: string): StagedRow[] {
  return text === '' ? [] : text.split('\n').map(rowOf);
}

/** What the cell of sealed bytes that begin with `start` begins with; three bytes are four letters of base64. */
export const sealedCell = (start: Buffer): string => `\t${start.toString('base64')}`;

function lineOf({ sheet, row, id, content, secret, decided }: StagedRow): string {
  const { subject = '', sealed = '', region = '' } = secret ?? {};
  const cells = decided ? decidedCells(decided) : NOT_DECIDED;
  return `${sheet}\t${row}\t${id}\t${subject}\t${sealed}\t${region}\t${cells}\t${content}`;
}

const NOT_DECIDED = '\t'.repeat(6);

function decidedCells(decided: DecidedPayment): string {
  const { rules, schema, streamId, version, occurredOn, region, openProjectId } = decided;
  return `${rules}\t${schema}\t${streamId}\t${version}\t${occurredOn}\t${region}\t${openProjectId ?? ''}`;
}

function rowOf(line: string): StagedRow {
  const cells = line.split('\t');
  if (cells.length !== CELLS) throw new Error(`a staged row has ${cells.length} cells`);
  const cell = (at: number): string => cells[at] as string;
  const [subject, sealed, region] = [cell(3), cell(4), cell(5)];
  const secret = sealed === '' ? null : { subject, sealed, region };
  const decided = cell(6) === '' ? null : decidedOf(cell);
  const content = cell(CELLS - 1);
  return new StagedRow(cell(0) as RowKind, Number(cell(1)), cell(2), content, secret, decided);
}

const decidedOf = (cell: (at: number) => string): DecidedPayment => ({
  rules: Number(cell(6)),
  schema: Number(cell(7)),
  streamId: cell(8),
  version: Number(cell(9)),
  occurredOn: cell(10) as Day,
  region: cell(11) as RegionCode,
  openProjectId: cell(12) === '' ? null : cell(12),
});
