import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { protecting } from '@fundflow/row-security/policy-terms';
import { actingAs, ensureRoles, WORK_ROLE } from '@fundflow/row-security/roles';
import fc from 'fast-check';
import pg from 'pg';
import type { Cell } from '@fundflow/postgres-arrays/column-bytes';
import { NewRows, type RowShape } from './new-rows.js';

const SHAPE: RowShape = {
  table: 'read_side.samples',
  columns: {
    ...{ large: 'bigint', middle: 'integer', small: 'smallint', yes: 'boolean', on_day: 'date' },
    ...{ at: 'moment', id: 'uuid', words: 'text', list: 'text[]' },
  },
};

const textOf = (options: fc.StringConstraints): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', ...options }).map((text) => text.replaceAll('\0', ''));

const cells: fc.Arbitrary<Cell[]> = fc
  .tuple(
    fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
    fc.boolean(),
    fc
      .date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
    fc
      .date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    fc.uuid(),
    fc.oneof(textOf({ maxLength: 20 }), textOf({ minLength: 60, maxLength: 200 })),
    fc.constantFrom('{}', '{poverty-relief,city-special}'),
  )
  .chain((row) => fc.tuple(...row.map((cell) => fc.option(fc.constant(cell), { freq: 5 }))));

/** Every value as the text it was given as. */
const READ = `
  SELECT large::text, middle, small, yes, on_day::text,
    to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), id::text, words, list::text
  FROM read_side.samples ORDER BY number`;

let owner: pg.Client;
let worker: pg.Client;
beforeAll(async () => {
  const url = await (await startTestDatabase({ durable: false })).createDatabase();
  owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await ensureRoles(owner, new URL(url).username);
  await owner.query(`
    CREATE SCHEMA read_side;
    CREATE TABLE read_side.samples (number serial, large bigint, middle integer, small smallint,
      yes boolean, on_day date, at timestamptz(3), id uuid, words text, list text[]);
    GRANT ALL ON SCHEMA read_side TO ${WORK_ROLE};
    GRANT ALL ON ALL TABLES IN SCHEMA read_side TO ${WORK_ROLE};
    GRANT ALL ON ALL SEQUENCES IN SCHEMA read_side TO ${WORK_ROLE};
    ${protecting({ table: 'read_side.samples', visible: 'true' }).join(';')}`);
  worker = new pg.Client(actingAs(WORK_ROLE, url));
  await worker.connect();
});
beforeEach(() => owner.query('TRUNCATE read_side.samples RESTART IDENTITY'));
afterAll(async () => {
  await owner.end();
  await worker.end();
});

async function insert(rows: readonly (readonly Cell[])[]): Promise<void> {
  const added = new NewRows(SHAPE);
  for (const row of rows) added.add(row);
  await added.insert(worker);
}

const stored = async (): Promise<Cell[][]> =>
  (await owner.query<Cell[]>({ text: READ, rowMode: 'array' })).rows;

const asText = (row: readonly Cell[]): Cell[] =>
  row.map((cell) => (typeof cell === 'bigint' ? String(cell) : cell));

describe('new rows of a table', () => {
  it('come back as they were given, from the role that policies hold for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cells, { maxLength: 30 }), async (rows) => {
        await owner.query('TRUNCATE read_side.samples RESTART IDENTITY');
        await insert(rows);
        expect(await stored()).toEqual(rows.map(asText));
      }),
      { numRuns: 40 },
    );
  });

  it('are as many as there are', async () => {
    const row: Cell[] = [1n, 1, 1, true, '2018-06-01', null, null, '扶贫', null];
    await insert(Array.from({ length: 20_000 }, () => row));
    const { rows } = await owner.query(
      `SELECT count(*)::int AS rows, sum(large)::int AS sum, min(words) AS words
       FROM read_side.samples`,
    );
    expect(rows).toEqual([{ rows: 20_000, sum: 20_000, words: '扶贫' }]);
  });

  it.each<[string, keyof typeof SHAPE.columns, Cell]>([
    ['an amount beyond 64 bits', 'large', 2n ** 63n],
    ['a number for an amount', 'large', 1],
    ['no day of the calendar', 'on_day', '2018-02-30'],
    ['no moment', 'at', 'yesterday'],
    ['no UUID', 'id', 'f47ac10b-58cc-4372-a567-0e02b2c3d47g'],
  ])('refuse %s', (_, column, cell) => {
    const row = Object.keys(SHAPE.columns).map((name) => (name === column ? cell : null));
    expect(() => new NewRows(SHAPE).add(row)).toThrow();
  });
});
