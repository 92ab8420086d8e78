import { randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { RegionCode } from '@fundflow/domain/region';
import pg from 'pg';
import { createSubmissionTables } from '../../../test/support/submission-tables.js';
import { StagedRow, type SubmissionRecord } from '../staged.js';
import { insertWhole, type WholeSubmission } from './insert-whole.js';
import { PostgresStaging } from './postgres-staging.js';

let pool: pg.Pool;
beforeAll(async () => {
  const connectionString = await (await startTestDatabase()).createDatabase();
  pool = new pg.Pool({ connectionString, max: 2 });
  await createSubmissionTables(pool);
});
afterAll(() => pool.end());

const recordOf = (id: string): SubmissionRecord => ({
  ...{ id, createdAt: '2019-01-01T00:00:00.000Z', status: 'validated', kind: 'payments' },
  ...{ fileName: null, maker: { id: 'u-1', unit: '县财政局', region: '450124' as RegionCode } },
  ...{ handedInSha256: null, bytesTotal: 70, bytesRead: 0, rows: 2, acceptedRows: 2 },
  ...{ alreadyPostedRows: 0, errors: 0, warnings: 0, refusal: null, checker: null },
  ...{ certifiedAt: null, rowsChoice: null, postedParts: 0, postedRows: 0 },
  ...{ firstPosition: null, lastPosition: null },
});

const whole = (): WholeSubmission => {
  const content = JSON.stringify({ purpose: '他说"好"\\{},\u0001' });
  const secret = {
    ...{ subject: Buffer.from('subject'), sealed: Buffer.from('sealed') },
    region: '450124',
  };
  const rows = [
    new StagedRow('payments', 2, 'P-"1"', content, secret, null),
    new StagedRow('payments', 3, 'P-{2}', content, null, null),
  ];
  return { record: recordOf(randomUUID()), rows, findings: [] };
};

describe('submissions that are stored whole', () => {
  const another = () => new PostgresStaging(pool);

  it('are found as any other process finds them', async () => {
    const staging = another();
    const items = Array.from({ length: 3 }, whole);
    await Promise.all(items.map((item) => staging.insertWhole(item)));
    for (const { record } of items) {
      const elsewhere = await another().find(record.id);
      expect(elsewhere).toMatchObject({ id: record.id, status: 'validated' });
      expect(await staging.find(record.id)).toEqual(elsewhere);
    }
  });

  it('are found as they stand when another process has ended one of them', async () => {
    const staging = another();
    const [ended, marked, waits] = [whole(), whole(), whole()];
    await Promise.all([ended, marked, waits].map((item) => staging.insertWhole(item)));
    const refusal = { code: 'no-longer-fits', message: '不符', row: null, part: 1 };
    await another().reject(ended.record.id, refusal);
    const checker = { ...marked.record.maker, id: 'u-2' };
    const certified = { id: marked.record.id, certifiedAt: '2019-01-02T00:00:00.000Z' };
    expect(await another().markPosting({ ...certified, checker, rowsChoice: 'all' })).toBe(true);
    const asked = [waits, ended, marked].map(({ record }) => staging.find(record.id));
    expect(await Promise.all(asked)).toMatchObject([
      { id: waits.record.id, status: 'validated', refusal: null },
      { id: ended.record.id, status: 'rejected', refusal },
      { id: marked.record.id, status: 'posting', checker },
    ]);
  });

  it.each([1, 3])('have the rows they were handed in with, %i in one statement', async (count) => {
    const staging = new PostgresStaging(pool);
    const items = Array.from({ length: count }, whole);
    await insertWhole(pool, items);
    for (const { record, rows } of items) {
      expect(await staging.readRows(record.id)).toEqual(rows);
    }
  });
});
