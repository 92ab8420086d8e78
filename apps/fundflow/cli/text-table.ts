import { displayWidth, oneLine } from './display-width.js';
import { write } from './output.js';

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => string;
  /** Numbers stand to the right. */
  readonly right?: boolean;
}

/** Rows the widths are measured on before the first line is written. */
const MEASURED_MAX = 1_000;
const LINES_A_WRITE = 200;
const GAP = '  ';

function padded(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return right ? space + text : text + space;
}

function lineOf<T>(
  columns: readonly Column<T>[],
  cells: readonly string[],
  widths: readonly number[],
): string {
  const texts = cells.map((cell, at) =>
    padded(cell, widths[at] as number, columns[at]?.right === true),
  );
  return `${texts.join(GAP).trimEnd()}\n`;
}

/**
 * Prints rows as they come: memory holds the first thousand at most, on which the widths are measured. A later and wider
 * value widens its column from there on; nothing is ever cut, because an amount or an id that is cut is another one.
 *
 * @returns how many rows there were
 */
export async function printTable<T>(
  columns: readonly Column<T>[],
  rows: Iterable<T> | AsyncIterable<T>,
): Promise<number> {
  const widths = columns.map(({ head }) => displayWidth(head));
  const measured: string[][] = [];
  let headWritten = false;
  let count = 0;
  let text = '';
  const begin = (): void => {
    headWritten = true;
    const heads = columns.map(({ head }) => head);
    text += lineOf(columns, heads, widths);
    text += `${widths.map((width) => '─'.repeat(width)).join(GAP)}\n`;
    for (const cells of measured.splice(0)) text += lineOf(columns, cells, widths);
  };
  for await (const row of rows) {
    const cells = columns.map(({ cell }) => oneLine(cell(row)));
    cells.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] as number, displayWidth(cell));
    });
    count += 1;
    if (!headWritten) {
      measured.push(cells);
      if (measured.length === MEASURED_MAX) begin();
    } else {
      text += lineOf(columns, cells, widths);
    }
    if (headWritten && count % LINES_A_WRITE === 0) {
      await write(text);
      text = '';
    }
  }
  if (!headWritten) begin();
  await write(text);
  return count;
}
