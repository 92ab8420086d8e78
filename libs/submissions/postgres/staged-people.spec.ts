import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { RegionCode } from '@fundflow/domain/region';
import pg from 'pg';
import { createSubmissionTables } from '../../../test/support/submission-tables.js';
import { StagedBlock } from '../staging/staged-block.js';
import { StagedRow, type StagedSecret, type SubmissionRecord } from '../staged.js';
import { PostgresStaging } from './postgres-staging.js';
import { blocksSealedWith, resealStaged, submissionsNaming } from './staged-people.js';

let pool: pg.Pool;
beforeAll(async () => {
  const connectionString = await (await startTestDatabase()).createDatabase();
  pool = new pg.Pool({ connectionString, max: 2 });
  await createSubmissionTables(pool);
});
afterAll(() => pool.end());

const LINES = '7d0a4c1e-6c39-4c3c-8a3b-0b1f6d5a2d0e';
const COLUMNS = '7d0a4c1e-6c39-4c3c-8a3b-0b1f6d5a2d0f';
const record: SubmissionRecord = {
  ...{ id: LINES, createdAt: '2019-01-01T00:00:00.000Z', status: 'validated', kind: 'payments' },
  ...{ fileName: null, maker: { id: 'u-1', unit: '县财政局', region: '450124' as RegionCode } },
  ...{ handedInSha256: null, bytesTotal: 0, bytesRead: 0, rows: 3, acceptedRows: 3 },
  ...{ alreadyPostedRows: 0, errors: 0, warnings: 0, refusal: null, checker: null },
  ...{ certifiedAt: null, rowsChoice: null, postedParts: 0, postedRows: 0 },
  ...{ firstPosition: null, lastPosition: null },
};

/** The beginning of what a key sealed: version and key id. */
const [OLD, NEW] = [Buffer.alloc(9, 1), Buffer.alloc(9, 2)];
const [subject, OTHER] = [Buffer.alloc(32, 5), Buffer.alloc(32, 7)];
const secretOf = (start: Buffer): StagedSecret => ({
  subject,
  sealed: Buffer.concat([start, Buffer.from('values and openings')]),
  region: '450124',
});
const row = (id: string, secret: StagedSecret | null): StagedRow =>
  new StagedRow('payments', 2, id, `{"id":"${id}"}`, secret, null);

const stageAs = {
  async lines(staging: PostgresStaging, rows: readonly StagedRow[]) {
    await staging.insertWhole({ record: { ...record, id: LINES }, rows, findings: [] });
    return LINES;
  },
  async columns(staging: PostgresStaging, rows: readonly StagedRow[]) {
    await staging.insertValidating({ ...record, id: COLUMNS });
    const findings = { firstSeq: 0, entries: [] };
    await staging.writeBlock(COLUMNS, 0, StagedBlock.of(rows), findings, record);
    await staging.finishValidation(COLUMNS, '', new Set());
    return COLUMNS;
  },
};

describe('what is staged about persons', () => {
  it.each(['lines', 'columns'] as const)(
    'is found by person and by key as %s, and is sealed anew without another row changing',
    async (form) => {
      await pool.query('DELETE FROM submissions');
      const staging = new PostgresStaging(pool);
      const rows = [row('P-1', secretOf(OLD)), row('P-2', null), row('P-3', secretOf(NEW))];
      const id = await stageAs[form](staging, rows);
      expect(await submissionsNaming(pool, [Buffer.alloc(32, 9), subject])).toEqual([
        { id, status: 'validated' },
      ]);
      expect(await submissionsNaming(pool, [Buffer.alloc(32, 6)])).toEqual([]);
      expect(await blocksSealedWith(pool, OLD)).toBe(1);
      const keys: string[] = [];
      const resealed = await resealStaged(pool, OLD, ({ recordKey, sealed }) => {
        keys.push(recordKey);
        return { subject: OTHER, sealed: Buffer.concat([NEW, sealed.subarray(OLD.length)]) };
      });
      expect([resealed, keys]).toEqual([1, ['record:P-1']]);
      expect(await blocksSealedWith(pool, OLD)).toBe(0);
      const anew = { ...secretOf(NEW), subject: OTHER };
      const expected = [row('P-1', anew), row('P-2', null), row('P-3', secretOf(NEW))];
      expect(await staging.readRows(id)).toEqual(expected);
    },
  );
});
