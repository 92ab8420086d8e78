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

function lineOf({ sheet, row, id, content, secret, decided }: StagedRow): string {
  return [
    ...[sheet, row, id, secret?.subject ?? '', secret?.sealed ?? ''],
    secret?.region ?? '',
    ...(decided ? decidedCells(decided) : NOT_DECIDED),
    content,
  ].join('\t');
}

const NOT_DECIDED: readonly string[] = Array<string>(7).fill('');

function decidedCells(decided: DecidedPayment): (string | number)[] {
  const { rules, schema, streamId, version, occurredOn, region, openProjectId } = decided;
  return [rules, schema, streamId, version, occurredOn, region, openProjectId ?? ''];
}

function rowOf(line: string): StagedRow {
  const cells = line.split('\t');
  if (cells.length !== CELLS) throw new Error(`a staged row has ${cells.length} cells`);
  const [sheet, row, id, subject, sealed, region] = cells as [
    ...[RowKind, string, string],
    ...[string, string, string],
  ];
  const secret = subject === '' || sealed === '' ? null : { subject, sealed, region };
  return new StagedRow(
    sheet,
    Number(row),
    id,
    cells[CELLS - 1] as string,
    secret,
    decidedOf(cells),
  );
}

function decidedOf(cells: readonly string[]): DecidedPayment | null {
  const [rules, schema, streamId, version, occurredOn, region, project] = cells.slice(6) as [
    ...[string, string, string, string],
    ...[Day, RegionCode, string],
  ];
  if (rules === '') return null;
  return {
    ...{ rules: Number(rules), schema: Number(schema), streamId, version: Number(version) },
    ...{ occurredOn, region, openProjectId: project === '' ? null : project },
  };
}
