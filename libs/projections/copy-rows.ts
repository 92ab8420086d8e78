import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

export type Cell = string | number | bigint | boolean | null;

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

function cellText(cell: Cell): string {
  if (cell === null) return '\\N';
  if (typeof cell !== 'string') return String(cell);
  return SPECIAL.test(cell) ? cell.replace(/[\\\t\n\r]/g, (c) => ESCAPES[c] as string) : cell;
}

/** A row in COPY's text format, with its line feed. */
export function copyLine(cells: readonly Cell[]): string {
  let line = cellText(cells[0] as Cell);
  for (let i = 1; i < cells.length; i += 1) line += '\t' + cellText(cells[i] as Cell);
  return line + '\n';
}

/** Appends lines made by `copyLine`; does nothing without any. Runs in the client's transaction. */
export async function copyRows(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  lines: readonly string[],
): Promise<void> {
  if (lines.length === 0) return;
  const stream = client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
  stream.end(Buffer.from(lines.join('')));
  await finished(stream);
}
