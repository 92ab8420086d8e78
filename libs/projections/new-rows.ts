import type { ClientBase } from 'pg';
import { type Cell, ColumnBytes, type ColumnType } from '@fundflow/postgres-arrays/column-bytes';

/** A table, and the columns its new rows have, in the order of their cells. */
export interface RowShape<Name extends string = string> {
  readonly table: string;
  /** Tells the shapes of one table apart. */
  readonly rowsOf?: string;
  readonly columns: Readonly<Record<Name, ColumnType>>;
  /** Columns that say the same as others or the same in every row, as SQL: an array of them costs as much as any. */
  readonly others?: Readonly<Record<string, string>>;
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
export class NewRows<Name extends string = string> {
  /** Null before the first row: most pages of a ledger in use have rows for few tables. */
  #columns: readonly ColumnBytes[] | null = null;
  #named: Readonly<Record<Name, ColumnBytes>> | null = null;

  constructor(private readonly shape: RowShape<Name>) {}

  /** Whoever adds a row by himself adds a cell to each. */
  get named(): Readonly<Record<Name, ColumnBytes>> {
    if (this.#named) return this.#named;
    const columns = (this.#columns ??= columnsOf(this.shape));
    const names = Object.keys(this.shape.columns).map((name, at) => [name, columns[at]] as const);
    return (this.#named = Object.fromEntries(names) as Record<Name, ColumnBytes>);
  }

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
    const { table, rowsOf: which } = this.shape;
    const name = which === undefined ? `insert ${table}` : `insert ${table} of ${which}`;
    await client.query({ name, text: insertOf(this.shape), values });
  }
}

const columnsOf = ({ columns }: RowShape): ColumnBytes[] =>
  Object.values<ColumnType>(columns).map((type) => new ColumnBytes(type));

const statements = new Map<RowShape, string>();

function insertOf(shape: RowShape): string {
  const known = statements.get(shape);
  if (known !== undefined) return known;
  const columns = Object.entries<ColumnType>(shape.columns);
  const names = columns.map(([name]) => name);
  const cells = columns.map(([name, type], index) => {
    const array = `unnest($${index + 1}::${SQL_TYPES[type] ?? type}[])`;
    return `${type === 'text[]' ? `${array}::text[]` : array} AS ${name}`;
  });
  const others = Object.entries(shape.others ?? {});
  const all = [...names, ...others.map(([name]) => name)].join(', ');
  const rows = `SELECT ${cells.join(', ')}`;
  const values = [...names, ...others.map(([, value]) => value)].join(', ');
  const statement = `INSERT INTO ${shape.table} (${all})
    ${others.length === 0 ? rows : `SELECT ${values} FROM (${rows}) AS cells`}
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
