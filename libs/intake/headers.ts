import { MONEY_UNITS, type MoneyUnit } from '@fundflow/domain/money';
import { ROW_KINDS, type RowKind } from '@fundflow/domain/rows';
import { type Column, COLUMNS, KEPT_HEADERS } from './columns.js';
import { KIND_NAMES } from './enumerations.js';
import { refuseFile } from './file-refusal.js';
import { COLUMNS_MAX } from './limits.js';

/**
 * What one header says. An amount column may name its unit: `金额(万元)`, `planned_amount(元)`,
 * `金额(单位:万元)`.
 */
export type HeaderReading =
  | { readonly is: 'column'; readonly column: Column; readonly unit: MoneyUnit | null }
  | { readonly is: 'flex'; readonly name: string }
  | { readonly is: 'empty' }
  | { readonly is: 'unknown' };

/** Where the columns of one table stand. */
export interface SheetLayout {
  readonly kind: RowKind;
  /** By English name. */
  readonly indexOf: ReadonlyMap<string, number>;
  /** The units that amount headers state, by English name. */
  readonly unitOf: ReadonlyMap<string, MoneyUnit>;
  readonly flex: readonly { readonly name: string; readonly index: number }[];
  /** Positions below an empty header: cells there must be empty. */
  readonly unnamed: readonly number[];
  readonly width: number;
}

/**
 * Case, width of characters, blanks, line breaks and the star of required columns do not matter in
 * a header.
 */
const normalise = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\s\uFEFF]+/g, '')
    .replace(/^\*+|\*+$/g, '')
    .toLowerCase();

function headersOf(columns: readonly Column[]): ReadonlyMap<string, Column> {
  const found = new Map<string, Column>();
  for (const column of columns) {
    for (const text of [column.name, column.header, ...column.aliases]) {
      if (!found.has(normalise(text))) found.set(normalise(text), column);
    }
  }
  return found;
}

const HEADERS = Object.fromEntries(
  ROW_KINDS.map((kind) => [kind, headersOf(COLUMNS[kind])]),
) as Readonly<Record<RowKind, ReadonlyMap<string, Column>>>;

const FLEX_NAME_LENGTH_MAX = 100;

const WITH_UNIT = /^(.+?)\*?[([【〔](?:单位:)?(元|万元|亿元)[)\]】〕]$/;

export function resolveHeader(kind: RowKind, text: string): HeaderReading {
  const header = normalise(text);
  if (header === '') return { is: 'empty' };
  const plain = HEADERS[kind].get(header);
  if (plain) return { is: 'column', column: plain, unit: null };
  const [, name = '', unit = ''] = WITH_UNIT.exec(header) ?? [];
  const column = HEADERS[kind].get(name);
  if (column?.type === 'amount' && unit in MONEY_UNITS) {
    return { is: 'column', column, unit: unit as MoneyUnit };
  }
  const kept = (KEPT_HEADERS as readonly string[]).includes(header);
  const flexName = text.normalize('NFC').trim();
  const isFlex = kept || (/^flex_./.test(header) && flexName.length <= FLEX_NAME_LENGTH_MAX);
  return isFlex ? { is: 'flex', name: flexName } : { is: 'unknown' };
}

/** Letters that must be changed, added or left out to make one text the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const NEAREST_LENGTH_MAX = 40;

/** The known header that an unknown one resembles most; null when none is near. */
export function nearestHeader(kind: RowKind, text: string): string | null {
  const header = normalise(text).slice(0, NEAREST_LENGTH_MAX);
  let best: { name: string; distance: number } | null = null;
  for (const { name, header: chinese } of COLUMNS[kind]) {
    for (const candidate of [chinese, name]) {
      const distance = editDistance(header, candidate);
      if (distance > Math.max(header.length, candidate.length) / 2) continue;
      if (!best || distance < best.distance) best = { name: candidate, distance };
    }
  }
  return best?.name ?? null;
}

/** What is said of a first line that holds no names of columns (zh-CN). */
export const NO_HEADER = '此行须为列名，表名、单位、填表日期等请勿写在列名之上';

/** How many of the headers belong to the kind. */
const matches = (kind: RowKind, cells: readonly string[]): number =>
  cells.filter((cell) => resolveHeader(kind, cell).is === 'column').length;

/**
 * The kind of file these headers belong to: the one that knows most of them. Null when none stands
 * out.
 */
export function detectKind(cells: readonly string[]): RowKind | null {
  const scored = ROW_KINDS.map((kind) => ({ kind, score: matches(kind, cells) }));
  scored.sort((a, b) => b.score - a.score);
  const [first, second] = scored;
  if (!first || first.score < 2 || first.score === second?.score) return null;
  return first.kind;
}

/** Headers put in their places; what does not fit is named by position, the first of each sort. */
export interface Arrangement {
  readonly layout: SheetLayout;
  readonly unknown: number | null;
  /** Says again what an earlier header said. */
  readonly duplicate: number | null;
}

export function arrange(kind: RowKind, cells: readonly string[]): Arrangement {
  const indexOf = new Map<string, number>();
  const unitOf = new Map<string, MoneyUnit>();
  const flex = new Map<string, number>();
  const unnamed: number[] = [];
  let unknown: number | null = null;
  let duplicate: number | null = null;
  cells.forEach((cell, index) => {
    const reading = resolveHeader(kind, cell);
    if (reading.is === 'empty') unnamed.push(index);
    else if (reading.is === 'unknown') unknown ??= index;
    else if (reading.is === 'flex') {
      if (flex.has(reading.name)) duplicate ??= index;
      flex.set(reading.name, index);
    } else {
      const { name } = reading.column;
      if (indexOf.has(name)) duplicate ??= index;
      indexOf.set(name, index);
      if (reading.unit) unitOf.set(name, reading.unit);
    }
  });
  const flexColumns = Array.from(flex, ([name, index]) => ({ name, index }));
  const layout = { kind, indexOf, unitOf, flex: flexColumns, unnamed, width: cells.length };
  return { layout, unknown, duplicate };
}

/**
 * Reads a header row.
 *
 * @throws FileRefused too-many-columns, bad-header (naming the nearest known one),
 *   duplicate-header, missing-header
 */
export function readHeader(
  kind: RowKind,
  cells: readonly string[],
  where: { sheet?: string } = {},
): SheetLayout {
  const at = { row: 1, ...where };
  if (cells.length > COLUMNS_MAX) {
    throw refuseFile('too-many-columns', `列数超过${COLUMNS_MAX}列`, at);
  }
  const { layout, unknown, duplicate } = arrange(kind, cells);
  const shown = (index: number): string => (cells[index] ?? '').trim().slice(0, NEAREST_LENGTH_MAX);
  if (unknown !== null) {
    const nearest = nearestHeader(kind, cells[unknown] ?? '');
    const other = detectKind(cells);
    if (other === null && matches(kind, cells) === 0) throw refuseFile('bad-header', NO_HEADER, at);
    if (other !== null && other !== kind) {
      const names = `列名属于${KIND_NAMES[other]}表，而此处应为${KIND_NAMES[kind]}表`;
      throw refuseFile('bad-header', `${names}；请核对工作表名称或所选的表种`, at);
    }
    // A list without headers begins with somebody's name: what resembles no header is not repeated.
    const which =
      nearest === null
        ? `第${unknown + 1}列不是${KIND_NAMES[kind]}表的列（所填内容不予重复），首行须为列名`
        : `${KIND_NAMES[kind]}表中没有“${shown(unknown)}”这一列（是否应为“${nearest}”？）`;
    const text = `${which}，自用列请以 flex_ 开头`;
    throw refuseFile('bad-header', text, at);
  }
  if (duplicate !== null) {
    throw refuseFile('duplicate-header', `列“${shown(duplicate)}”重复`, at);
  }
  const missing = COLUMNS[kind].filter(
    (column) => column.required && !layout.indexOf.has(column.name),
  );
  if (missing.length > 0) {
    const names = missing.map((column) => `${column.header}(${column.name})`).join('、');
    throw refuseFile('missing-header', `${KIND_NAMES[kind]}表缺少必填列：${names}`, at);
  }
  return layout;
}
