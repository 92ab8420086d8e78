import type { MoneyUnit } from '@fundflow/domain/money';
import { hidePersonalNumbers } from '@fundflow/domain/personal-numbers';
import type { RegionTable } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import type { ReadRow } from './batches.js';
import { type Column, columnOf, idColumnOf } from './columns.js';
import { findingOf, type RowFinding } from './findings.js';
import { type Arrangement, arrange, nearestHeader, resolveHeader } from './headers.js';
import { COLUMNS_MAX } from './limits.js';
import { parseCells } from './parse-row.js';
import type { CellProblem, RowOutcome } from './parsed-row.js';

/**
 * The first row below a header: rows that come without a file are counted as if they stood in one
 * (contract §3).
 */
const FIRST_ROW = 2;

export interface ParseRowContext {
  readonly regionTable: RegionTable;
  readonly rowNumber?: number;
  /** Units that the headers of a table state, by English column name. */
  readonly headerUnits?: Readonly<Record<string, MoneyUnit>>;
}

/**
 * One row given as texts by column, English or Chinese. Refuses and warns as {@link parseCells}; a
 * column the kind does not have, or one that is given twice, is bad-value.
 */
export function parseRow(
  kind: RowKind,
  cells: ReadonlyMap<string, string> | Readonly<Record<string, string | undefined>>,
  context: ParseRowContext,
): RowOutcome {
  const entries = cells instanceof Map ? [...cells] : Object.entries(cells);
  const keys = entries.map(([key]) => key);
  const texts = entries.map(([, text]) => text as string | undefined);
  const units = Object.entries(context.headerUnits ?? {});
  const arrangement = arrange(kind, keys);
  const unitOf = new Map([...arrangement.layout.unitOf, ...units]);
  const layout = { ...arrangement.layout, unitOf };
  const keyed = { keys, arrangement: { ...arrangement, layout }, texts, problems: null };
  return parseKeyed(kind, keyed, context.rowNumber ?? FIRST_ROW, context.regionTable);
}

interface KeyedRow {
  readonly keys: readonly string[];
  readonly arrangement: Arrangement;
  readonly texts: readonly (string | undefined)[];
  readonly problems: ReadonlyMap<number, CellProblem> | null;
}

function parseKeyed(
  kind: RowKind,
  { keys, arrangement, texts, problems }: KeyedRow,
  rowNumber: number,
  regionTable: RegionTable,
): RowOutcome {
  const { layout, unknown, duplicate } = arrangement;
  const outcome = parseCells(layout, { rowNumber, texts, problems }, regionTable);
  const stray = unknown ?? duplicate;
  if (stray === null) return outcome;
  const key = keys[stray] ?? '';
  const nearest = nearestHeader(kind, key);
  const expected =
    unknown === null ? '每列只出现一次' : `已知的列名${nearest ? `,如 ${nearest}` : ''}`;
  const id = texts[layout.indexOf.get(idColumnOf(kind).name) ?? -1] ?? null;
  const error = strayFinding({
    sheet: kind,
    row: rowNumber,
    id,
    field: unknown === null ? key.slice(0, 64) : shownKey(key, stray, nearest),
    expected,
  });
  return { ...outcome, row: null, error };
}

/** A key of letters is the name of a field; a longer one that resembles a header is one. All else may be a name. */
const FIELD_NAME = /^[A-Za-z_][\w.-]{0,63}$/;
const NAME_LENGTH_MAX = 3;

function shownKey(key: string, at: number, nearest: string | null): string {
  const resembles = nearest !== null && key.length > NAME_LENGTH_MAX;
  if (!FIELD_NAME.test(key) && !resembles) return `第${at + 1}列`;
  return hidePersonalNumbers(key.slice(0, 64));
}

const strayFinding = (parts: {
  sheet: RowKind;
  row: number;
  id: string | null;
  field: string;
  expected: string;
}): RowFinding => findingOf({ ...parts, severity: 'error', code: 'bad-value', value: parts.field });

/** What the keys of a row say, whatever its values. */
interface Shape {
  readonly arrangement: Arrangement;
  readonly columns: readonly (Column | null)[];
}

/** Shapes (sets of keys) remembered: a program hands in the same columns again and again, often a row at a time. */
const SHAPES_MAX = 200;
const SHAPE_LENGTH_MAX = 4_096;
const SHAPES = new Map<string, Shape>();

function shapeOf(kind: RowKind, keys: readonly string[]): Shape {
  const name = `${kind} ${JSON.stringify(keys)}`;
  const known = SHAPES.get(name);
  if (known) return known;
  const columns = keys.map((key) => columnFor(kind, key));
  const shape = { arrangement: arrange(kind, keys), columns };
  if (name.length > SHAPE_LENGTH_MAX) return shape;
  // Whoever sends ever new ones makes the others be worked out once more.
  if (SHAPES.size === SHAPES_MAX) SHAPES.clear();
  SHAPES.set(name, shape);
  return shape;
}

/**
 * Rows of a JSON body. Keys are English or Chinese column names; values are texts. Numbers are
 * taken where they are exact (safe integers), booleans in columns of yes and no, null is an empty
 * cell; anything else is bad-value at its column. Row numbers count as in a table with a header:
 * the first row is 2.
 */
export function readJsonRows(
  kind: RowKind,
  rows: readonly unknown[],
  context: { regionTable: RegionTable; rowsBefore?: number },
): ReadRow[] {
  const first = FIRST_ROW + (context.rowsBefore ?? 0);
  return rows.map((row, index) => {
    const rowNumber = index + first;
    if (!isPlainObject(row)) return notARow(kind, rowNumber);
    const keys = Object.keys(row);
    if (keys.length > COLUMNS_MAX) return notARow(kind, rowNumber);
    const { arrangement, columns } = shapeOf(kind, keys);
    const problems = new Map<number, CellProblem>();
    const texts = keys.map((key, position) => {
      const text = textOf(row[key], columns[position] ?? null);
      if (text === null) problems.set(position, 'not-a-text');
      return text ?? undefined;
    });
    const keyed = { keys, arrangement, texts, problems };
    const outcome = parseKeyed(kind, keyed, rowNumber, context.regionTable);
    const id = texts[arrangement.layout.indexOf.get(idColumnOf(kind).name) ?? -1];
    return { kind, rowNumber, id: outcome.row?.id ?? (id?.trim() || null), ...outcome };
  });
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function columnFor(kind: RowKind, key: string): Column | null {
  const reading = resolveHeader(kind, key);
  return reading.is === 'column' ? columnOf(kind, reading.column.name) : null;
}

/** Null for a value that no text stands for exactly. */
function textOf(value: unknown, column: Column | null): string | null {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'boolean' && column?.type === 'yes-no') return String(value);
  return null;
}

function notARow(kind: RowKind, rowNumber: number): ReadRow {
  const field = idColumnOf(kind).name;
  const expected = `一个对象，不超过${COLUMNS_MAX}个键`;
  const error = strayFinding({ sheet: kind, row: rowNumber, id: null, field, expected });
  return { kind, rowNumber, id: null, row: null, error, warnings: [], flex: {} };
}
