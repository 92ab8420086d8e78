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
  ...{ handedInSha256: null, bytesTotal: 0, bytesRead: 0, rows: 2, acceptedRows: 2 },
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
  it.each([1, 3])('have the rows they were handed in with, %i in one statement', async (count) => {
    const staging = new PostgresStaging(pool);
    const items = Array.from({ length: count }, whole);
    await insertWhole(pool, items);
    for (const { record, rows } of items) {
      expect(await staging.readRows(record.id)).toEqual(rows);
    }
  });
});
