import type { ClientBase } from 'pg';
import { type Cell, ColumnBytes, type ColumnType } from '@fundflow/postgres-arrays/column-bytes';

/** A table, and the columns its new rows have, in the order of their cells. */
export interface RowShape {
  readonly table: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** What becomes of a row whose key is there already; without it that is an error. */
  readonly onConflict?: string;
}

const SQL_TYPES: Readonly<Partial<Record<ColumnType, string>>> = {
  moment: 'timestamptz',
  'text[]': 'text',
};

/**
 * Rows to be inserted into a table, kept column by column as the statement wants them. One statement, parsed once a
 * connection, takes any number of rows, and costs hardly more than COPY, which PostgreSQL refuses for a table that has
 * policies. The arrays are unnested side by side in the list of columns: as a table in FROM, each would be stored first.
 */
export class NewRows {
  /** Null before the first row: most pages of a ledger in use have rows for few tables. */
  #columns: readonly ColumnBytes[] | null = null;

  constructor(private readonly shape: RowShape) {}

  /** @throws Error for a cell that is no value of its column's type */
  add(cells: readonly Cell[]): void {
    const columns = (this.#columns ??= columnsOf(this.shape));
    for (let i = 0; i < columns.length; i += 1) {
      (columns[i] as ColumnBytes).add(cells[i] as Cell);
    }
  }

  /** Inserts them in the client's transaction; does nothing without any. */
  async insert(client: ClientBase): Promise<void> {
    if (this.#columns === null) return;
    const values = this.#columns.map((column) => column.array);
    await client.query({ name: `insert ${this.shape.table}`, text: insertOf(this.shape), values });
  }
}

const columnsOf = ({ columns }: RowShape): ColumnBytes[] =>
  Object.values(columns).map((type) => new ColumnBytes(type));

const statements = new Map<RowShape, string>();

function insertOf(shape: RowShape): string {
  const known = statements.get(shape);
  if (known !== undefined) return known;
  const columns = Object.entries(shape.columns);
  const names = columns.map(([name]) => name).join(', ');
  const cells = columns.map(([, type], index) => {
    const array = `unnest($${index + 1}::${SQL_TYPES[type] ?? type}[])`;
    return type === 'text[]' ? `${array}::text[]` : array;
  });
  const statement = `INSERT INTO ${shape.table} (${names})
    SELECT ${cells.join(', ')}
    ${shape.onConflict === undefined ? '' : `ON CONFLICT ${shape.onConflict}`}`;
  statements.set(shape, statement);
  return statement;
}

/** The rows that `cellsOf` makes of these. */
export function rowsOf<T>(
  shape: RowShape,
  values: Iterable<T>,
  cellsOf: (value: T) => readonly Cell[],
): NewRows {
  const rows = new NewRows(shape);
  for (const value of values) rows.add(cellsOf(value));
  return rows;
}
