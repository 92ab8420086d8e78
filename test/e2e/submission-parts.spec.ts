import type { SubmissionAnswer } from './support/answers.js';
import { breakWrites } from './support/broken-database.js';
import { csv, tableOf } from './support/files.js';
import type { Cells } from './support/person.js';
import { allocation, disbursement, payment, project } from './support/rows.js';
import { query } from './support/template-database.js';
import { expectOk, theLedger } from './support/the-ledger.js';

/*
 * Small rows and many of them: 10,000 make one part. What a test waits for is a state, never a time; that an answer of
 * a large file does not wait for it to be read is seen with a disk that refuses to write.
 */
const ledger = theLedger();
const maker = () => ledger.as('centre-maker');
const checker = () => ledger.as('centre-checker');

const projects = (prefix: string, count: number): Cells[] =>
  Array.from({ length: count }, (_, at) => project(`${prefix}-${at}`));

const fileOf = (kind: 'projects' | 'payments', rows: readonly Cells[]): string =>
  csv(tableOf(kind, 'en', rows));

/** The submission once it is neither read nor posted any more. */
async function settled(id: string): Promise<SubmissionAnswer> {
  for (;;) {
    const found = expectOk(await maker().get<SubmissionAnswer>(`/api/v1/submissions/${id}`));
    if (found.status !== 'validating' && found.status !== 'posting') return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The submission once something of it is posted. */
async function withPostedRows(id: string): Promise<SubmissionAnswer> {
  for (;;) {
    const found = expectOk(await maker().get<SubmissionAnswer>(`/api/v1/submissions/${id}`));
    if (found.postedRows > 0 || found.status !== 'posting') return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const upload = async (kind: 'projects' | 'payments', rows: readonly Cells[]) =>
  settled(expectOk(await maker().upload(`${kind}.csv`, fileOf(kind, rows))).id);

/** Types and data of what one submission left in the log besides its rows. */
async function ownEvents(submissionId: string): Promise<unknown[]> {
  const found: unknown[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const { entries, next } = await ledger.events({ after, limit: 1000 });
    for (const { position, envelope } of entries) {
      const { type, data } = envelope as { type: string; data: { submissionId?: string } };
      if (data.submissionId === submissionId) found.push({ position, type, ...data });
    }
    after = next;
  }
  return found;
}

describe('§3 “a larger file posts in parts of at most 10,000 rows in order, each atomic”', () => {
  it('10,001 rows: two parts of one certification, one moment of record', async () => {
    const { id, ...validated } = await upload('projects', projects('two', 10_001));
    expect(validated).toMatchObject({ status: 'validated', rows: 10_001, acceptedRows: 10_001 });
    expectOk(await checker().certify(id));
    const posted = await settled(id);
    const first = Number(posted.firstPosition);
    expect(posted).toMatchObject({
      ...{ status: 'posted', postedRows: 10_001, progress: { phase: 'done', percent: 100 } },
      // Certified, 10,000 rows, part 1, one row, part 2.
      lastPosition: first + 10_003,
    });
    expect(await ownEvents(id)).toMatchObject([
      { position: first, type: 'SubmissionCertified', parts: 2, rowsAccepted: 10_001 },
      { position: first + 10_001, type: 'SubmissionPartPosted', part: 1, rows: 10_000 },
      { position: first + 10_003, type: 'SubmissionPartPosted', part: 2, rows: 1 },
    ]);
    const { entries } = await ledger.events({ after: first + 10_000 });
    const moments = entries.map(({ envelope }) => envelope['recordedAt']);
    expect(new Set(moments)).toEqual(new Set([posted.certifiedAt]));
    expect((await ledger.project('two-10000')).id).toBe('two-10000');
  });

  it('“a part that no longer fits is refused as a whole, stops the parts after it, and says which rows”', async () => {
    await ledger.post(
      'allocations',
      allocation('F-A', { amount: '1000' }),
      allocation('F-B', { amount: '1000' }),
    );
    const drawn = (count: number, source: string, prefix: string) =>
      Array.from({ length: count }, (_, at) =>
        payment(`${prefix}-${at}`, source, { amount: '0.01', method: 'direct' }),
      );
    const rows = [
      ...drawn(10_000, 'F-A', 'Fa'),
      ...drawn(3, 'F-A', 'Fb'),
      ...drawn(2, 'F-B', 'Fc'),
    ];
    const { id } = await upload('payments', rows);
    await ledger.post(
      'payments',
      payment('F-other', 'F-B', { amount: '999.99', method: 'direct' }),
    );
    await checker().certify(id);
    const stopped = await settled(id);
    expect(stopped).toMatchObject({
      ...{ status: 'rejected', postedRows: 10_000, errors: 1 },
      refusal: { code: 'no-longer-fits', part: 2, row: 10_006 },
    });
    const lines = await maker().report(id);
    expect(lines).toMatchObject([
      { row: 10_006, id: 'Fc-1', code: 'exceeds-available', expected: '0', difference: '1' },
    ]);
    // The first part stands, of the second nothing.
    expect(await ledger.holding('F-A')).toMatchObject({ paidFen: '10000', availableFen: '90000' });
    expect((await checker().get('/api/v1/trace/Fb-0')).status).toBe(404);
    const again = await checker().certify(id);
    expect([again.status, again.body]).toMatchObject([409, { code: 'submission-rejected' }]);
    // The office corrects the file and hands it in again: what is posted is not posted twice.
    const corrected = rows.slice(0, -1);
    const second = await upload('payments', corrected);
    expect(second).toMatchObject({ acceptedRows: 4, alreadyPostedRows: 10_000, errors: 0 });
    expectOk(await checker().certify(second.id));
    expect(await settled(second.id)).toMatchObject({ status: 'posted', postedRows: 4 });
  });

  it('“a crash resumes at the part where it stood”', async () => {
    const { id } = await upload('projects', projects('crash', 20_001));
    const disk = await breakWrites(
      ledger.running.databaseUrl,
      'event_store.es_events',
      `NEW.type = 'SubmissionPartPosted' AND NEW.record->'data'->>'part' = '2'`,
    );
    const answer = await checker().certify(id);
    expect([answer.status, answer.body]).toMatchObject([202, { status: 'posting' }]);
    expect(await withPostedRows(id)).toMatchObject({
      ...{ status: 'posting', postedRows: 10_000 },
      progress: { phase: 'posting', percent: 49 },
    });
    await ledger.running.stop();
    await disk.mend();
    await ledger.running.start();
    const posted = await settled(id);
    expect(posted).toMatchObject({ status: 'posted', postedRows: 20_001 });
    const own = await ownEvents(id);
    expect(own).toMatchObject([
      { type: 'SubmissionCertified' },
      { part: 1, rows: 10_000 },
      { part: 2, rows: 10_000 },
      { part: 3, rows: 1, position: posted.lastPosition },
    ]);
  });

  it('lets go of the people of a part when the part before cannot be counted, and keeps all when it goes on', async () => {
    await ledger.post('allocations', allocation('P-A', { amount: '1000' }));
    await ledger.post('disbursements', disbursement('P-D', 'P-A', { amount: '1000' }));
    const rows = Array.from({ length: 10_300 }, (_, at) =>
      payment(`P-${at}`, 'P-D', {
        ...{ amount: '0.01', payee_kind: 'person', payee_name: '甲例一', method: 'card' },
        payee_account: `99990000${String(at).padStart(8, '0')}`,
      }),
    );
    const { id } = await upload('payments', rows);
    const { databaseUrl } = ledger.running;
    const count = async (sql: string): Promise<number> =>
      (await query<{ n: number }>(databaseUrl, `SELECT count(*)::int AS n FROM ${sql}`))[0]?.n ?? 0;
    const inLog = `event_store.es_events WHERE record ->> 'cause' = 'submission:${id}'`;
    // The first part is posted and its people are kept; that it is counted fails, while the second is posted.
    const disk = await breakWrites(databaseUrl, 'public.submissions', 'NEW.posted_parts > 0');
    await checker().certify(id);
    while ((await count(inLog)) < 10_303) await new Promise((resolve) => setTimeout(resolve, 20));
    const open = "pg_stat_activity WHERE state LIKE 'idle in tr%' AND datname = current_database()";
    while ((await count(open)) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await ledger.running.stop();
    await disk.mend();
    await ledger.running.start();
    expect(await settled(id)).toMatchObject({ status: 'posted', postedRows: 10_300 });
    const kept = `vault_entries JOIN ${inLog.replace(' WHERE', ' USING (event_id) WHERE')}`;
    expect(await count(kept)).toBe(10_300);
  });

  it('also when it stood between the posting and the word that it is posted', async () => {
    const { id } = expectOk(await maker().handIn('projects', projects('between', 3)));
    const disk = await breakWrites(
      ledger.running.databaseUrl,
      'public.submissions',
      'NEW.posted_parts > 0',
    );
    expect((await checker().certify(id)).status).toBe(202);
    await ledger.running.stop();
    await disk.mend();
    await ledger.running.start();
    const posted = await settled(id);
    expect(posted).toMatchObject({ status: 'posted', postedRows: 3 });
    const first = Number(posted.firstPosition);
    expect(posted.lastPosition).toBe(first + 4);
    expect(await ownEvents(id)).toHaveLength(2);
  });
});

describe('§3 “a large file answers 202 while it is read”', () => {
  it('and `GET` says how far it is; a restart goes on reading it', async () => {
    const disk = await breakWrites(
      ledger.running.databaseUrl,
      'public.submission_blocks',
      'NEW.block > 1',
    );
    const answer = await maker().upload(
      'projects.csv',
      fileOf('projects', projects('slow', 12_000)),
    );
    expect([answer.status, answer.body]).toMatchObject([202, { status: 'validating' }]);
    const { id } = answer.body;
    const reading = expectOk(await maker().get<SubmissionAnswer>(`/api/v1/submissions/${id}`));
    expect(reading.progress.phase).toBe('reading');
    expect(reading.progress.percent).toBeGreaterThan(0);
    expect(reading.progress.percent).toBeLessThan(100);
    const early = await checker().certify(id);
    expect([early.status, early.body]).toMatchObject([409, { code: 'still-validating' }]);
    await ledger.running.stop();
    await disk.mend();
    await ledger.running.start();
    const read = await settled(id);
    expect(read).toMatchObject({
      status: 'validated',
      rows: 12_000,
      acceptedRows: 12_000,
      errors: 0,
    });
  });
});
