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
function copyLine(cells: readonly Cell[]): string {
  let line = cellText(cells[0] as Cell);
  for (let i = 1; i < cells.length; i += 1) line += '\t' + cellText(cells[i] as Cell);
  return line + '\n';
}

/** UTF-8 bytes of one UTF-16 code unit at most. */
const BYTES_OF_A_UNIT = 3;
const BYTES_FIRST = 4_096;

/**
 * Rows in COPY's text format, as bytes: thousands of lines kept as strings until they are written cost more to collect
 * than to make.
 */
export class CopyRows {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  add(cells: readonly Cell[]): void {
    const line = copyLine(cells);
    const needed = this.#length + line.length * BYTES_OF_A_UNIT;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length += this.#bytes.write(line, this.#length);
  }

  /** Everything added so far; to be read before more is added. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number): void {
    const bytes = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length, BYTES_FIRST));
    this.#bytes.copy(bytes, 0, 0, this.#length);
    this.#bytes = bytes;
  }
}

/** Appends rows; does nothing without any. Runs in the client's transaction. */
export async function copyRows(
  client: ClientBase,
  table: string,
  columns: readonly string[],
  { bytes }: CopyRows,
): Promise<void> {
  if (bytes.length === 0) return;
  const names = columns.join(', ');
  if (await underRowSecurity(client, table)) {
    await client.query(
      `INSERT INTO ${table} (${names})
       SELECT ${names} FROM json_populate_recordset(NULL::${table}, $1)`,
      [recordsOf(bytes, columns)],
    );
    return;
  }
  const stream = client.query(copyFrom(`COPY ${table} (${names}) FROM STDIN`));
  stream.end(bytes);
  await finished(stream);
}

const UNESCAPED: Readonly<Record<string, string>> = {
  '\\\\': '\\',
  '\\t': '\t',
  '\\n': '\n',
  '\\r': '\r',
};

/** The same rows as JSON, every value as text: PostgreSQL reads it by the type of its column. */
function recordsOf(bytes: Buffer, columns: readonly string[]): string {
  const lines = bytes.toString().split('\n').slice(0, -1);
  return JSON.stringify(
    lines.map((line) => {
      const cells = line.split('\t');
      return Object.fromEntries(columns.map((name, at) => [name, valueOf(cells[at] as string)]));
    }),
  );
}

function valueOf(cell: string): string | null {
  if (cell === '\\N') return null;
  return cell.includes('\\') ? cell.replace(/\\[\\tnr]/g, (c) => UNESCAPED[c] as string) : cell;
}

/** Of each connection, which tables its role sees through policies. */
const protectedTables = new WeakMap<ClientBase, Map<string, boolean>>();

/** PostgreSQL copies into no table that has policies for the role. */
async function underRowSecurity(client: ClientBase, table: string): Promise<boolean> {
  const known = protectedTables.get(client) ?? new Map<string, boolean>();
  protectedTables.set(client, known);
  const before = known.get(table);
  if (before !== undefined) return before;
  const { rows } = await client.query<{ active: boolean }>(
    'SELECT row_security_active($1) AS active',
    [table],
  );
  const active = rows[0]?.active === true;
  known.set(table, active);
  return active;
}

/** The rows that `cellsOf` makes of these. */
export function rowsOf<T>(values: Iterable<T>, cellsOf: (value: T) => readonly Cell[]): CopyRows {
  const rows = new CopyRows();
  for (const value of values) rows.add(cellsOf(value));
  return rows;
}
