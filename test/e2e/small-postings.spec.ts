import { BLOCK_ARRAYS } from '@fundflow/submissions/postgres/block-columns';
import { PostgresStaging } from '@fundflow/submissions/postgres/postgres-staging';
import { StagedRow } from '@fundflow/submissions/staged';
import { writeStaged } from '@fundflow/submissions/staging/staged-text';
import pg from 'pg';
import type { SubmissionAnswer } from './support/answers.js';
import { breakWrites } from './support/broken-database.js';
import { allocation, disbursement, payment } from './support/rows.js';
import { query } from './support/template-database.js';
import { expectOk, theLedger } from './support/the-ledger.js';

/*
 * A small submission is posted by one append; payees and counts follow. Each test stops the process at an exact place
 * between two of these steps, by a disk that refuses one table, and looks at what the next start makes of it.
 */
const ledger = theLedger();
const maker = () => ledger.as('centre-maker');
const checker = () => ledger.as('centre-checker');

beforeAll(async () => {
  await ledger.post('allocations', allocation('S-A', { amount: '1000' }));
  await ledger.post('disbursements', disbursement('S-D', 'S-A', { amount: '1000' }));
});

const toPerson = (id: string) =>
  payment(id, 'S-D', {
    ...{ amount: '1', payee_kind: 'person', payee_name: '甲例一', method: 'card' },
    payee_account: '9999000000000001',
  });

const handedIn = async (id: string): Promise<string> =>
  expectOk(await maker().handIn('payments', [toPerson(id)])).id;

const stateOf = async (id: string): Promise<SubmissionAnswer> =>
  expectOk(await maker().get<SubmissionAnswer>(`/api/v1/submissions/${id}`));

/** Types of what a submission left in the log, and how many payees of it the vault holds, and rows still staged. */
async function leftBy(id: string) {
  const { databaseUrl } = ledger.running;
  const events = await query<{ type: string }>(
    databaseUrl,
    `SELECT type FROM event_store.es_events WHERE record ->> 'cause' = 'submission:${id}'
     ORDER BY position`,
  );
  const [kept] = await query<{ count: number }>(
    databaseUrl,
    `SELECT count(*)::int FROM vault_entries JOIN event_store.es_events USING (event_id)
     WHERE record ->> 'cause' = 'submission:${id}'`,
  );
  const [staged] = await query<{ count: number }>(
    databaseUrl,
    `SELECT count(*)::int FROM submission_blocks WHERE submission_id = '${id}'`,
  );
  return { types: events.map(({ type }) => type), payees: kept?.count, staged: staged?.count };
}

async function keysOfPeople(): Promise<number> {
  const sql = 'SELECT count(*)::int FROM vault_subjects';
  return (await query<{ count: number }>(ledger.running.databaseUrl, sql))[0]?.count ?? 0;
}

const ONCE = {
  types: ['SubmissionCertified', 'PaymentMade', 'SubmissionPartPosted'],
  ...{ payees: 1, staged: 0 },
};

async function restart(): Promise<void> {
  await ledger.running.stop();
  await ledger.running.start();
}

/** Posted, sooner or later. */
async function untilPosted(id: string): Promise<SubmissionAnswer> {
  for (;;) {
    const found = await stateOf(id);
    if (found.status === 'posted') return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a small submission, cut short', () => {
  it('before its append: nothing was acknowledged, nothing is posted, certifying it again posts it', async () => {
    const id = await handedIn('S-1');
    const log = await breakWrites(ledger.running.databaseUrl, 'event_store.es_events', 'true');
    const mark = await breakMark();
    const refused = await checker().certify(id);
    expect(refused.status).toBeGreaterThanOrEqual(500);
    await Promise.all([log.mend(), mark.mend()]);
    await restart();
    expect(await stateOf(id)).toMatchObject({ status: 'validated', postedRows: 0 });
    expect(await leftBy(id)).toMatchObject({ types: [], payees: 0, staged: 1 });
    expect(expectOk(await checker().certify(id))).toMatchObject({
      status: 'posted',
      postedRows: 1,
    });
    expect(await leftBy(id)).toEqual(ONCE);
  });

  it('before its append, but acknowledged as under way: the next start posts it', async () => {
    const id = await handedIn('S-2');
    const log = await breakWrites(ledger.running.databaseUrl, 'event_store.es_events', 'true');
    const answer = await checker().certify(id);
    expect([answer.status, answer.body]).toMatchObject([202, { status: 'posting', postedRows: 0 }]);
    await ledger.running.stop();
    await log.mend();
    await ledger.running.start();
    expect(await untilPosted(id)).toMatchObject({ postedRows: 1 });
    expect(await leftBy(id)).toEqual(ONCE);
  });

  it.each(['public.vault_entries', 'public.submissions'])(
    'between its append and %s: the next start completes it from the log',
    async (table) => {
      const id = await handedIn(`S-3-${table}`);
      const { databaseUrl } = ledger.running;
      const broken = await breakWrites(databaseUrl, table, 'true');
      const mark = table === 'public.submissions' ? null : await breakMark();
      const answer = await checker().certify(id);
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(await leftBy(id)).toMatchObject({ types: ONCE.types, staged: 1 });
      expect(await stateOf(id)).toMatchObject({ status: 'validated' });
      await Promise.all([broken.mend(), mark?.mend()]);
      await restart();
      const posted = await untilPosted(id);
      expect(posted).toMatchObject({ postedRows: 1, maker: expect.any(String) });
      expect(posted.lastPosition).toBe(Number(posted.firstPosition) + 2);
      expect(posted.checker).not.toBe(posted.maker);
      expect(await leftBy(id)).toEqual(ONCE);
      const again = await checker().certify(id);
      expect([again.status, again.body]).toMatchObject([409, { code: 'already-certified' }]);
    },
  );

  it('between its append and its word: whoever certifies next completes it and is told so', async () => {
    const id = await handedIn('S-4');
    const broken = await breakWrites(ledger.running.databaseUrl, 'public.submissions', 'true');
    expect((await checker().certify(id)).status).toBeGreaterThanOrEqual(500);
    await broken.mend();
    const again = await checker().certify(id);
    expect([again.status, again.body]).toMatchObject([409, { code: 'already-certified' }]);
    expect(await stateOf(id)).toMatchObject({ status: 'posted', postedRows: 1 });
    expect(await leftBy(id)).toEqual(ONCE);
  });

  it('before its payees are kept: whoever is certified beside it ends all the same', async () => {
    const units = ['S-6-1', 'S-6-2'].map((id) => payment(id, 'S-D', { amount: '1' }));
    const beside = await Promise.all(units.map((row) => maker().handIn('payments', [row])));
    const id = await handedIn('S-6');
    const vault = await breakWrites(ledger.running.databaseUrl, 'public.vault_entries', 'true');
    const others = beside.map((answer) => expectOk(answer).id);
    const [cut, ...whole] = await Promise.all([id, ...others].map((one) => checker().certify(one)));
    expect(whole.map(({ status }) => status)).toEqual([200, 200]);
    expect(cut).toMatchObject({ status: 202, body: { status: 'posting' } });
    await vault.mend();
    expect(await untilPosted(id)).toMatchObject({ postedRows: 1 });
    expect(await leftBy(id)).toEqual(ONCE);
  });
});

/** So many that they are posted where they lie, their payees put beside the append. */
const MANY = 120;

describe('a submission of some more rows', () => {
  const handedInMany = async (prefix: string, name: (at: number) => string): Promise<string> => {
    const rows = Array.from({ length: MANY }, (_, at) => ({
      ...toPerson(`${prefix}-${at}`),
      payee_name: name(at),
    }));
    return expectOk(await maker().handIn('payments', rows)).id;
  };
  const posted = {
    types: ['SubmissionCertified', ...Array(MANY).fill('PaymentMade'), 'SubmissionPartPosted'],
    ...{ payees: MANY, staged: 0 },
  };

  it('keeps every payee, of people who are new and of people who are known', async () => {
    for (const [prefix, name, people] of [
      ['M-1', (at: number) => `乙例${at}`, MANY],
      ['M-2', (at: number) => `乙例${2 * at}`, MANY / 2],
      ['M-3', () => '乙例一', 1],
    ] as const) {
      const before = await keysOfPeople();
      const id = await handedInMany(prefix, name);
      const answer = expectOk(await checker().certify(id));
      expect(answer).toMatchObject({ status: 'posted', postedRows: MANY });
      expect(await leftBy(id)).toEqual(posted);
      expect(await keysOfPeople()).toBe(before + people);
    }
  });

  it('of which a holding has moved since is decided anew, and posted', async () => {
    const id = await handedInMany('M-4', (at) => `丙例${at}`);
    expectOk(await checker().certify(await handedIn('M-5')));
    expect(expectOk(await checker().certify(id))).toMatchObject({ postedRows: MANY });
    expect(await leftBy(id)).toEqual(posted);
  });

  it('that the last release staged, as lines, is posted by this one', async () => {
    const id = await handedInMany('M-10', (at) => `己例${at}`);
    await stageAsBefore(id);
    expect(expectOk(await checker().certify(id))).toMatchObject({ postedRows: MANY });
    expect(await leftBy(id)).toEqual(posted);
  });

  it('of which an id was posted since ends, and leaves nobody in the vault', async () => {
    const id = await handedInMany('M-6', (at) => `丁例${at}`);
    expectOk(await checker().certify(await handedIn('M-6-7')));
    expect((await checker().certify(id)).status).toBe(409);
    expect(await stateOf(id)).toMatchObject({ status: 'rejected', postedRows: 0 });
    expect(await leftBy(id)).toMatchObject({ types: [], payees: 0 });
  });

  it.each(['public.vault_entries', 'public.submissions'])(
    'cut short between its append and %s is completed by the next start',
    async (table) => {
      const id = await handedInMany(`M-8-${table}`, (at) => `戊例${at}`);
      const broken = await breakWrites(ledger.running.databaseUrl, table, 'true');
      const mark = table === 'public.submissions' ? null : await breakMark();
      expect((await checker().certify(id)).status).toBeGreaterThanOrEqual(500);
      expect(await leftBy(id)).toMatchObject({ types: posted.types, staged: 1 });
      await Promise.all([broken.mend(), mark?.mend()]);
      await restart();
      expect(await untilPosted(id)).toMatchObject({ postedRows: MANY });
      expect(await leftBy(id)).toEqual(posted);
    },
  );
});

describe('a small submission handed in before a restart', () => {
  it('is certified from what was staged', async () => {
    const id = await handedIn('S-5');
    await restart();
    expect(expectOk(await checker().certify(id))).toMatchObject({
      status: 'posted',
      postedRows: 1,
    });
    expect(await leftBy(id)).toEqual(ONCE);
  });
});

/** What is staged of a submission, as the release before columns had it: decided by rules of then. */
async function stageAsBefore(id: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: ledger.running.databaseUrl, max: 1 });
  const rows = await new PostgresStaging(pool).readRows(id);
  const ofThen = rows.map(
    ({ sheet, row, id: own, content, secret, decided }) =>
      new StagedRow(sheet, row, own, content, secret, decided && { ...decided, rules: 2 }),
  );
  const arrays = BLOCK_ARRAYS.map(([name]) => `${name} = NULL`).join(', ');
  const sql = `UPDATE submission_blocks SET staged = $2, decided_by = NULL, ${arrays}
    WHERE submission_id = $1`;
  expect((await pool.query(sql, [id, writeStaged(ofThen)])).rowCount).toBe(1);
  await pool.end();
}

/** The mark a posting gets when its append fails; the second disk of a test. */
const breakMark = () =>
  breakWrites(ledger.running.databaseUrl, 'public.submissions', `NEW.status = 'posting'`);
