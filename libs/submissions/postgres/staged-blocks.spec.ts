import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { RegionCode } from '@fundflow/domain/region';
import pg from 'pg';
import { createSubmissionTables } from '../../../test/support/submission-tables.js';
import { day } from '../../../test/support/rows.js';
import { StagedBlock } from '../staging/staged-block.js';
import { partsOfBlocks, type StagedPart } from '../staging/staged-parts.js';
import { PAYMENT_RULES, StagedRow, type SubmissionRecord } from '../staged.js';
import { writeStaged } from '../staging/staged-text.js';
import { PostgresStaging } from './postgres-staging.js';

let pool: pg.Pool;
beforeAll(async () => {
  const connectionString = await (await startTestDatabase({ durable: false })).createDatabase();
  pool = new pg.Pool({ connectionString, max: 1 });
  await createSubmissionTables(pool);
});
afterAll(() => pool.end());

const record = (id: string): SubmissionRecord => ({
  ...{ id, createdAt: '2019-01-01T00:00:00.000Z', status: 'posting', kind: 'payments' },
  ...{ fileName: null, maker: { id: 'u-1', unit: '县财政局', region: '450124' as RegionCode } },
  ...{ handedInSha256: null, bytesTotal: 0, bytesRead: 0, rows: 2, acceptedRows: 2 },
  ...{ alreadyPostedRows: 0, errors: 0, warnings: 0, refusal: null, checker: null },
  ...{ certifiedAt: null, rowsChoice: null, postedParts: 0, postedRows: 0 },
  ...{ firstPosition: null, lastPosition: null },
});

const decided = (id: string, rules = PAYMENT_RULES): StagedRow =>
  new StagedRow('payments', 7, id, `{"row":{"id":${JSON.stringify(id)}}}`, null, {
    ...{ rules, schema: 1, streamId: 'holding-D"1', region: '450124' as RegionCode },
    ...{ openProjectId: null, version: 3, occurredOn: day('2018-04-01') },
    eventId: '0d0a4c1e-6c39-4c3c-8a3b-0b1f6d5a2d0e',
  });
const undecided = new StagedRow('allocations', 8, 'A-"1', '{"id":"other"}', null, null);

describe('staged blocks', () => {
  it('give back what they were written with, decided or not', async () => {
    const staging = new PostgresStaging(pool);
    const { id } = record('7d0a4c1e-6c39-4c3c-8a3b-0b1f6d5a2d01');
    await staging.insertValidating(record(id));
    const rows = [decided('P-"\\1,"eventId":"'), undecided];
    const findings = { firstSeq: 0, entries: [] };
    await staging.writeBlock(id, 0, StagedBlock.of(rows), findings, record(id));
    expect(await staging.readBlock(id, 0)).toEqual(rows);
    expect(await staging.blocks(id)).toEqual([
      { block: 0, rows: 2, openProjects: null, people: 0 },
    ]);
  });

  it('of the last release, as lines, are read, and decided again', async () => {
    const staging = new PostgresStaging(pool);
    const { id } = record('7d0a4c1e-6c39-4c3c-8a3b-0b1f6d5a2d02');
    await staging.insertValidating(record(id));
    const rows = [decided('P-1', 2), decided('P-2', 2)];
    await pool.query(
      `INSERT INTO submission_blocks (submission_id, block, staged, open_projects)
       VALUES ($1, 0, $2, '{}')`,
      [id, writeStaged(rows)],
    );
    const parts = partsOfBlocks(await staging.blocks(id));
    expect(parts).toMatchObject([{ rows: 2, openProjects: null, paysPeople: true }]);
    expect(await staging.readPart(id, parts[0] as StagedPart)).toEqual(rows);
    expect(await staging.wholeAsDecided(id)).toBeNull();
  });
});
