import pg from 'pg';
import { allocation } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

/* “Maker ≠ checker, by rule and by database constraint”: what the database says to whoever goes around the program. */

const ledger = theLedger();
let database: pg.Client;
let submission: string;
beforeAll(async () => {
  database = new pg.Client({ connectionString: ledger.running.databaseUrl });
  await database.connect();
  submission = (await ledger.post('allocations', allocation('A'))).id;
});
afterAll(() => database.end());

/** The constraint that refuses it; nothing stays of what was tried. */
async function refusedBy(statement: string, values: readonly unknown[] = []): Promise<string> {
  await database.query('BEGIN');
  try {
    const { rowCount } = await database.query(statement, [...values]);
    return `nothing: ${rowCount} rows`;
  } catch (error) {
    return (error as pg.DatabaseError).constraint ?? String(error);
  } finally {
    await database.query('ROLLBACK');
  }
}

const FIRST_CHECK = `INSERT INTO submission_first_checks
  (submission_id, maker_id, first_checker_id, second_checker_id, rows_choice)
  VALUES ($1, 'u-1', $2, $3, 'all')`;
const SETTING = `INSERT INTO oversight_settings
  (id, setting, region, value, valid_from, basis, proposed_by, proposed_at, approved_by, alone, position)
  VALUES ($1, 'unmask-per-day', '45', '7', '2020-01-01', '据', 'u-1', now(), $2, $3, 1)`;
const ERASURE = `INSERT INTO vault_erasures
  (erasure_id, subject, region, basis, state, proposed_by, proposed_at, approved_by)
  VALUES ($1, '\\x00', '45', 'request', 'approved', 'u-1', now(), $2)`;

describe('the database lets nobody', () => {
  it('certify what he handed in himself', async () => {
    const own = 'UPDATE submissions SET checker_id = maker_id WHERE id = $1';
    expect(await refusedBy(own, [submission])).toBe('another_person');
    expect(await refusedBy(own.replace('= maker_id', "= 'u-other'"), [submission])).toBe(
      'nothing: 1 rows',
    );
  });

  it.each([
    ['be the first of two checkers of his own', ['u-1', null], 'first_is_another_person'],
    ['be the second of two checkers of his own', ['u-2', 'u-1'], 'second_is_a_third_person'],
    ['be both checkers', ['u-2', 'u-2'], 'second_is_a_third_person'],
    ['stand in the way of two others', ['u-2', 'u-3'], 'nothing: 1 rows'],
  ])('%s', async (_what, checkers, constraint) => {
    expect(await refusedBy(FIRST_CHECK, [submission, ...checkers])).toBe(constraint);
  });

  it.each([
    ['approve the setting he proposed', ['u-1', false], 'another_approver'],
    ['stand in the way of another administrator', ['u-2', false], 'nothing: 1 rows'],
    ['stop the only administrator there is', ['u-1', true], 'nothing: 1 rows'],
  ])('%s', async (_what, approval, constraint) => {
    expect(await refusedBy(SETTING, [submission, ...approval])).toBe(constraint);
  });

  it('approve the erasure he proposed', async () => {
    expect(await refusedBy(ERASURE, [submission, 'u-1'])).toBe('another_approver');
    expect(await refusedBy(ERASURE, [submission, 'u-2'])).toBe('nothing: 1 rows');
  });
});
