import type { Day } from '@fundflow/domain/calendar';
import type { RegionCode } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import { bytesOf } from '../growing-bytes.js';
import { type DecidedPayment, StagedRow, type StagedSecret } from '../staged.js';

/*
 * Staged rows as text, of a small request and of what older programs staged: a line a row, its cells set apart by tabs, the canonical content last. Nothing in a cell holds a
 * control character (ids and codes may not, canonical JSON escapes them), so nothing is escaped here, and a block of
 * rows is taken apart without parsing any of them.
 */

/** Cells of a line and where they stand; those of a decided payment are empty otherwise. */
const CELL = {
  ...{ sheet: 0, row: 1, id: 2, subject: 3, sealed: 4, payeeRegion: 5, rules: 6, schema: 7 },
  ...{ streamId: 8, version: 9, occurredOn: 10, region: 11, openProjectId: 12, eventId: 13 },
  content: 14,
} as const;
const CELLS = 15;
/** Before the cell of the event id: such lines may still wait for their certification. */
const CELLS_BEFORE = 14;

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
  const { subject = '', sealed = '', region = '' } = secret ? inBase64(secret) : {};
  return [sheet, row, id, subject, sealed, region, ...cellsOf(decided), content].join('\t');
}

const NOT_DECIDED = Array.from({ length: CELL.content - CELL.rules }, () => '');

const cellsOf = (decided: DecidedPayment | null): readonly (string | number)[] =>
  decided
    ? [
        ...[decided.rules, decided.schema, decided.streamId, decided.version, decided.occurredOn],
        ...[decided.region, decided.openProjectId ?? '', decided.eventId],
      ]
    : NOT_DECIDED;

const inBase64 = ({ subject, sealed, region }: StagedSecret) => ({
  subject: bytesOf(subject).toString('base64'),
  sealed: bytesOf(sealed).toString('base64'),
  region,
});

function rowOf(line: string): StagedRow {
  const cells = line.split('\t');
  if (cells.length === CELLS_BEFORE) cells.splice(CELL.eventId, 0, '');
  if (cells.length !== CELLS) throw new Error(`a staged row has ${cells.length} cells`);
  const cell = (name: keyof typeof CELL): string => cells[CELL[name]] as string;
  const [subject, sealed, region] = [cell('subject'), cell('sealed'), cell('payeeRegion')];
  const secret = sealed === '' ? null : { ...fromBase64({ subject, sealed }), region };
  const decided = cell('rules') === '' ? null : decidedOf(cell);
  const row = Number(cell('row'));
  return new StagedRow(cell('sheet') as RowKind, row, cell('id'), cell('content'), secret, decided);
}

const fromBase64 = ({ subject, sealed }: { subject: string; sealed: string }) => ({
  subject: Buffer.from(subject, 'base64'),
  sealed: Buffer.from(sealed, 'base64'),
});

const decidedOf = (cell: (name: keyof typeof CELL) => string): DecidedPayment => ({
  rules: Number(cell('rules')),
  schema: Number(cell('schema')),
  streamId: cell('streamId'),
  version: Number(cell('version')),
  occurredOn: cell('occurredOn') as Day,
  region: cell('region') as RegionCode,
  openProjectId: cell('openProjectId') === '' ? null : cell('openProjectId'),
  eventId: cell('eventId'),
});
