import { COLUMNS_MAX } from '../limits.js';
import type { CellProblem } from '../parsed-row.js';
import type { RowCells } from '../row-reading.js';
import { cellDay, cellMoment, cellNumber, withoutEscapes } from './cell-values.js';
import { columnIndex, type MergedArea, mergedColumnsBelow } from './merged-areas.js';
import type { Workbook } from './workbook.js';
import { parseXml } from './xml.js';

const ROW_MAX = 1_048_576;

/** A cell while its tags are read. */
interface Cell {
  index: number;
  type: string;
  isDate: boolean;
  value: string;
  inline: string;
  hasFormula: boolean;
}

interface Reading {
  readonly text: string;
  readonly problem: CellProblem | null;
}

const good = (text: string): Reading => ({ text, problem: null });

function readNumber(raw: string, isDate: boolean, is1904: boolean): Reading {
  if (raw === '') return good('');
  if (isDate) {
    const day = cellDay(raw, is1904) ?? cellMoment(raw, is1904);
    if (day !== null) return { text: day, problem: 'date-cell' };
  }
  const number = cellNumber(raw);
  if (number === null) return { text: raw, problem: 'error-value' };
  return { text: number.text, problem: number.isLossy ? 'digits-lost' : null };
}

/** ECMA-376 18.18.11 (ST_CellType). */
function readCell(cell: Cell, { texts, is1904 }: Workbook): Reading {
  const { type, value, inline, isDate } = cell;
  if (cell.hasFormula) return { text: value || inline, problem: 'formula' };
  if (type === 's') {
    const text = value === '' ? '' : texts.at(Number(value));
    return text === null ? { text: value, problem: 'error-value' } : good(text);
  }
  if (type === 'inlineStr') return good(withoutEscapes(inline));
  if (type === 'str') return good(withoutEscapes(value));
  if (type === 'b') return good(value === '1' || value === 'true' ? 'TRUE' : 'FALSE');
  if (type === 'e') return { text: value, problem: 'error-value' };
  if (type === 'd') return { text: value.replace(/T00:00:00(?:\.0+)?$/, ''), problem: 'date-cell' };
  return readNumber(value, isDate, is1904);
}

/**
 * Gathers the rows of one sheet from its tags. Positions come from references where there are any,
 * else by counting.
 */
class RowGatherer {
  rows: RowCells[] = [];
  readonly #workbook: Workbook;
  readonly #mergedIn: (row: number) => number[];
  #rowNumber = 0;
  #isHidden = false;
  #lastIndex = -1;
  #cells: (string | undefined)[] = [];
  #problems = new Map<number, CellProblem>();
  #cell: Cell | null = null;
  #capturing: 'value' | 'inline' | null = null;
  #isReading = false;

  constructor(workbook: Workbook, merged: readonly MergedArea[]) {
    this.#workbook = workbook;
    this.#mergedIn = mergedColumnsBelow(merged);
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'c') this.#openCell(attributes);
    else if (name === 'v') this.#capturing = this.#cell && 'value';
    else if (name === 't') this.#capturing = this.#cell && !this.#isReading ? 'inline' : null;
    else if (name === 'row') this.#openRow(attributes);
    else if (name === 'f' && this.#cell) this.#cell.hasFormula = true;
    else if (name === 'rPh') this.#isReading = true;
  }

  close(name: string): void {
    if (name === 'c') this.#closeCell();
    else if (name === 'v' || name === 't') this.#capturing = null;
    else if (name === 'row') this.#closeRow();
    else if (name === 'rPh') this.#isReading = false;
  }

  text(text: string): void {
    if (this.#cell && this.#capturing) this.#cell[this.#capturing] += text;
  }

  #openRow({ r: reference, hidden }: Readonly<Record<string, string>>): void {
    const stated = Number(reference);
    this.#isHidden = hidden === '1' || hidden === 'true';
    const isStated = Number.isInteger(stated) && stated > this.#rowNumber && stated <= ROW_MAX;
    this.#rowNumber = isStated ? stated : this.#rowNumber + 1;
    this.#lastIndex = -1;
    this.#cells = [];
    this.#problems = new Map();
  }

  #openCell(attributes: Readonly<Record<string, string>>): void {
    const letters = /^[A-Z]{1,3}/.exec(attributes['r'] ?? '')?.[0];
    const stated = letters === undefined ? this.#lastIndex + 1 : columnIndex(letters);
    // Far to the right is beyond every header; one place further than any header tells as much.
    const index = Math.min(stated, COLUMNS_MAX);
    this.#lastIndex = index;
    const isDate = this.#workbook.isDateStyle[Number(attributes['s'] ?? 0)] ?? false;
    const type = attributes['t'] ?? 'n';
    this.#cell = { index, type, isDate, value: '', inline: '', hasFormula: false };
  }

  #closeCell(): void {
    const cell = this.#cell;
    this.#cell = null;
    if (!cell) return;
    const { text, problem } = readCell(cell, this.#workbook);
    if (text === '' && problem === null) return;
    this.#cells[cell.index] = text;
    if (problem) this.#problems.set(cell.index, problem);
  }

  #closeRow(): void {
    if (this.#cells.length === 0) return;
    for (const index of this.#mergedIn(this.#rowNumber)) this.#problems.set(index, 'merged');
    const texts = Array.from(this.#cells);
    const problems = this.#problems.size > 0 ? this.#problems : null;
    const isHidden = this.#isHidden;
    this.rows.push({ rowNumber: this.#rowNumber, texts, problems, isHidden });
  }

  taken(): RowCells[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }
}

/**
 * The rows of a sheet that hold anything, in pieces, numbered as a spreadsheet shows them.
 *
 * @throws FileRefused not-xlsx, zip-bomb
 */
export async function* sheetRows(
  workbook: Workbook,
  chunks: AsyncIterable<Buffer>,
  merged: readonly MergedArea[],
): AsyncGenerator<RowCells[]> {
  const gatherer = new RowGatherer(workbook, merged);
  for await (const _ of parseXml(chunks, gatherer)) {
    if (gatherer.rows.length > 0) yield gatherer.taken();
  }
}
