import { randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { RegionCode } from '@fundflow/domain/region';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import pg from 'pg';
import { createSubmissionTables } from '../../../test/support/submission-tables.js';
import type { SubmissionRecord } from '../staged.js';
import { insertWhole } from './insert-whole.js';
import { type SubmissionPlace, submissionsWithin } from './submissions-within.js';

let pool: pg.Pool;
beforeAll(async () => {
  const connectionString = await (await startTestDatabase()).createDatabase();
  pool = new pg.Pool({ connectionString, max: 2 });
  await createSubmissionTables(pool);
});
afterAll(() => pool.end());

const handedInAt = (createdAt: string): SubmissionRecord => ({
  ...{ id: randomUUID(), createdAt, status: 'validated', kind: 'payments', fileName: null },
  ...{ maker: { id: 'u-1', unit: '县财政局', region: '450124' as RegionCode } },
  ...{ handedInSha256: null, bytesTotal: 0, bytesRead: 0, rows: 0, acceptedRows: 0 },
  ...{ alreadyPostedRows: 0, errors: 0, warnings: 0, refusal: null, checker: null },
  ...{ certifiedAt: null, rowsChoice: null, postedParts: 0, postedRows: 0 },
  ...{ firstPosition: null, lastPosition: null },
});

describe('the list of submissions', () => {
  it('loses none between its pages, though many were handed in within one millisecond', async () => {
    const reads = {
      ask: async (sql: string, values: unknown[]) => (await pool.query(sql, values)).rows,
    } as unknown as ScopedReads;
    const moments = ['2019-01-02', ...Array<string>(7).fill('2019-01-03'), '2019-01-04'];
    const records = moments.map((day) => handedInAt(`${day}T08:00:00.123Z`));
    await insertWhole(
      pool,
      records.map((record) => ({ record, rows: [], findings: [] })),
    );
    const found: SubmissionRecord[] = [];
    let after: SubmissionPlace | null = null;
    for (let page = 0; page <= records.length; page += 1) {
      const more = await submissionsWithin(reads, '45', after, 2);
      found.push(...more);
      after = more.at(-1) ?? after;
    }
    expect(found.map(({ createdAt }) => createdAt)).toEqual(
      records.map(({ createdAt }) => createdAt).reverse(),
    );
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(records.map(({ id }) => id)));
  });
});
