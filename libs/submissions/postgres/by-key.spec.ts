import { randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { RegionCode } from '@fundflow/domain/region';
import pg from 'pg';
import { createSubmissionTables } from '../../../test/support/submission-tables.js';
import { StagedRow, type SubmissionRecord } from '../staged.js';
import { BY_KEY } from './by-key.js';
import { PostgresStaging } from './postgres-staging.js';

const WAITING = 1_000;
/** Rows of an index that one certification may walk over: its own, and the versions of it that are not gone yet. */
const WALKED_MAX = 20;

let connectionString: string;
let pool: pg.Pool;
beforeAll(async () => {
  connectionString = await (await startTestDatabase({ durable: false })).createDatabase();
  pool = new pg.Pool({ connectionString, max: 1, options: BY_KEY });
  await createSubmissionTables(pool);
  // Nobody gathers statistics in between: so it is in the first minutes of every ledger.
  await pool.query('ALTER TABLE submissions SET (autovacuum_enabled = off)');
  await pool.query('ALTER TABLE submission_blocks SET (autovacuum_enabled = off)');
});
afterAll(() => pool.end());

const validated = (): SubmissionRecord => ({
  ...{ id: randomUUID(), createdAt: '2019-01-01T00:00:00.000Z', status: 'validated' },
  ...{ kind: 'payments', fileName: null, handedInSha256: '0'.repeat(64) },
  maker: { id: 'u-1', unit: '县财政局', region: '450124' as RegionCode },
  ...{ bytesTotal: 1, bytesRead: 1, rows: 1, acceptedRows: 1, alreadyPostedRows: 0 },
  ...{ errors: 0, warnings: 0, refusal: null, checker: null, certifiedAt: null },
  ...{ rowsChoice: null, postedParts: 0, postedRows: 0, firstPosition: null, lastPosition: null },
});

const posted = (record: SubmissionRecord): SubmissionRecord => ({
  ...record,
  ...{ status: 'posted', checker: { ...record.maker, id: 'u-2' }, rowsChoice: 'all' },
  ...{ certifiedAt: '2019-01-02T00:00:00.000Z', postedParts: 1, postedRows: 1 },
  ...{ firstPosition: 1n, lastPosition: 3n },
});

const rows = [new StagedRow('payments', 2, 'P-1', '{"id":"P-1"}', null, null)];

describe('a submission being certified', () => {
  it('costs the same however many others there are, also with a plan made when there were none', async () => {
    const staging = new PostgresStaging(pool);
    const first = validated();
    await staging.insertWhole({ record: first, rows, findings: [] });
    expect(await staging.finishWhole(posted(first))).toBe(true);
    const others = Array.from({ length: WAITING }, validated);
    await Promise.all(others.map((record) => staging.insertWhole({ record, rows, findings: [] })));
    const before = await walked();
    const last = others.at(-1) as SubmissionRecord;
    expect((await staging.find(last.id))?.status).toBe('validated');
    expect(await staging.finishWhole(posted(last))).toBe(true);
    expect((await staging.find(last.id))?.status).toBe('posted');
    expect(await staging.readRows(last.id)).toEqual([]);
    const after = await walked();
    for (const [index, read] of after) {
      expect(read - (before.get(index) ?? 0)).toBeLessThanOrEqual(WALKED_MAX);
    }
  });
});

/** Entries read of every index, and rows read of every table from end to end. */
async function walked(): Promise<Map<string, number>> {
  // Every session reports what it did when it ends or is asked to.
  await pool.query('SELECT pg_stat_force_next_flush()');
  const { rows: counted } = await pool.query<{ name: string; read: string }>(`
    SELECT indexrelname AS name, idx_tup_read AS read FROM pg_stat_user_indexes
    UNION ALL SELECT relname, seq_tup_read FROM pg_stat_user_tables`);
  return new Map(counted.map(({ name, read }) => [name, Number(read)]));
}
