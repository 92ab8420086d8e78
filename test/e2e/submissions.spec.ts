import { randomUUID } from 'node:crypto';
import type { ProblemBody, SubmissionAnswer } from './support/answers.js';
import { csv, tableOf } from './support/files.js';
import { allocation, onItsWay, payment, project } from './support/rows.js';
import { expectOk, theLedger } from './support/the-ledger.js';

const ledger = theLedger();
const maker = () => ledger.as('maker');
const checker = () => ledger.as('checker');

/** In one province, as the bureau of the region hands it in. */
const province = (id: string, over: Record<string, string> = {}) =>
  allocation(id, { issuer_region: '000000', receiver_region: '450000', ...over });

const handedIn = async (...rows: Record<string, string>[]): Promise<SubmissionAnswer> =>
  expectOk(await maker().handIn('allocations', rows));

const head = async (): Promise<number> => {
  const { entries } = await ledger.events({ limit: 1000 });
  return entries.at(-1)?.position ?? 0;
};

describe('§3 handing in', () => {
  it('“nothing of it reaches the ledger before” certification', async () => {
    const before = await head();
    const answer = await maker().handIn('allocations', [province('H-1')]);
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      ...{ status: 'validated', rows: 1, acceptedRows: 1, errors: 0, warnings: 0 },
      ...{ report: `/api/v1/submissions/${answer.body.id}/report` },
    });
    expect(answer.headers.get('location')).toBe(`/api/v1/submissions/${answer.body.id}`);
    expect(await head()).toBe(before);
    const asked = await checker().get('/api/v1/holdings/H-1');
    expect([asked.status, asked.body]).toMatchObject([404, { code: 'unknown-holding' }]);
  });

  it('a file in a form, with its kind or without', async () => {
    const text = csv(tableOf('allocations', 'zh', [province('H-2')]));
    for (const options of [{}, { kind: 'allocations' }, { kind: '指标' }]) {
      const { status, body } = await maker().upload('指标.csv', text, options);
      expect([status, body.status, body.fileName]).toEqual([201, 'validated', '指标.csv']);
      expect(body.kind).toBe('allocations');
    }
    const { status, body } = await maker().upload('指标.csv', text, { kind: 'payments' });
    expect([status, body]).toMatchObject([422, { code: 'bad-header' }]);
    expect(await maker().upload('x.csv', text, { kind: 'money' })).toMatchObject({ status: 400 });
  });

  it('`GET` says how it stands, to its unit and those above it', async () => {
    const { id, ...answer } = await handedIn(province('H-3'));
    expect(expectOk(await maker().get(`/api/v1/submissions/${id}`))).toEqual({ id, ...answer });
    expect((await ledger.as('centre-checker').get(`/api/v1/submissions/${id}`)).status).toBe(200);
    const below = await ledger.as('county-maker').get(`/api/v1/submissions/${id}`);
    expect([below.status, below.body]).toMatchObject([404, { code: 'unknown-submission' }]);
  });

  it('“rows may refer to rows before them in the same submission”, not to rows behind', async () => {
    const child = (id: string, parent_id: string) =>
      allocation(id, { parent_id, amount: '1', issued_on: '2018-02-01', received_on: '' });
    const rows = [child('H-4b', 'H-4a'), province('H-4a'), child('H-4c', 'H-4a')];
    expect(await ledger.verdicts('allocations', rows, 'maker')).toEqual([
      'unknown-source',
      'ok',
      'ok',
    ]);
  });

  it('a row leaning on a refused row is `unknown-source`', async () => {
    const rows = [
      province('H-5a', { amount: '0' }),
      allocation('H-5b', { parent_id: 'H-5a', issued_on: '2018-02-01', received_on: '' }),
    ];
    expect(await ledger.verdicts('allocations', rows, 'maker')).toEqual([
      'amount-not-positive',
      'unknown-source',
    ]);
  });
});

describe('§3 the report', () => {
  const reportCsv = async (id: string) => {
    const path = `/api/v1/submissions/${id}/report`;
    const { status, text, headers } = await maker().request(path, {
      headers: { accept: 'text/csv' },
    });
    return { status, type: headers.get('content-type'), lines: text.trimEnd().split('\r\n') };
  };
  const HEADER = 'row,id,field,severity,code,message,value,expected,difference';

  it('“a clean file gives an empty report with its header, not a 404”', async () => {
    const { id } = await handedIn(province('R-1'));
    const json = await maker().get(`/api/v1/submissions/${id}/report`);
    expect([json.status, json.body]).toEqual([200, { entries: [], next: null }]);
    const { status, type, lines } = await reportCsv(id);
    expect([status, type, lines.length]).toEqual([200, 'text/csv; charset=utf-8', 1]);
    expect(lines[0]?.startsWith(HEADER)).toBe(true);
  });

  it('row, id, field, severity, code, message, value, expected, difference, flex columns', async () => {
    await ledger.post('allocations', province('R-2', { amount: '1' }));
    const { id } = await handedIn(
      allocation('R-3', {
        ...{ parent_id: 'R-2', amount: '1.50', issued_on: '2018-02-01', received_on: '' },
        ...{ doc_no: '未载明', flex_出处: '=1+1' },
      }),
    );
    const [warning, error] = await maker().report(id);
    expect(warning).toMatchObject({
      row: 2,
      id: 'R-3',
      severity: 'warning',
      code: 'doc-not-stated',
    });
    expect(error).toMatchObject({
      ...{ row: 2, id: 'R-3', field: 'amount', severity: 'error', code: 'exceeds-available' },
      ...{ value: '150', expected: '100', difference: '50', flex_出处: '=1+1' },
      message: '金额1.50元超过可用余额1.00元，超出0.50元',
    });
    const { lines } = await reportCsv(id);
    expect(lines).toHaveLength(3);
    expect(lines[0]?.endsWith(',flex_出处')).toBe(true);
    // A spreadsheet must not calculate what somebody wrote into a cell.
    expect(lines[2]).toBe(
      `2,R-3,amount,error,exceeds-available,金额1.50元超过可用余额1.00元，超出0.50元,150,100,50,allocations,'=1+1`,
    );
  });

  it('pages by cursor', async () => {
    const rows = Array.from({ length: 7 }, (_, at) => province(`R-4-${at}`, { amount: '-1' }));
    const { id } = await handedIn(...rows);
    type Page = { entries: { row: number }[]; next: string | null };
    const path = `/api/v1/submissions/${id}/report`;
    const first = expectOk(await maker().get<Page>(path, { limit: 4 }));
    const second = expectOk(await maker().get<Page>(path, { limit: 4, cursor: first.next ?? '' }));
    const found = [...first.entries, ...second.entries].map(({ row }) => row);
    expect([found, second.next]).toEqual([[2, 3, 4, 5, 6, 7, 8], null]);
    const foreign = await maker().get(path, { cursor: 'abc' });
    expect([foreign.status, foreign.body]).toMatchObject([400, { code: 'bad-cursor' }]);
  });

  it('“a row has one error, the first in the order of precedence, and any number of warnings”', async () => {
    const row = province('R-5', {
      amount: 'x',
      receiver_region: '99',
      fund_type: '款',
      doc_no: '未载明',
    });
    const lines = await ledger.report('allocations', [row], 'maker');
    expect(lines.map(({ severity, code }) => [severity, code])).toEqual([
      ['error', 'bad-value'],
      ['warning', 'doc-not-stated'],
    ]);
  });
});

describe('§3 certification', () => {
  it('“certified by another person”: never the maker', async () => {
    const { id } = await handedIn(province('C-1'));
    const { status, body } = await maker().certify(id);
    // A maker has not even the role; who has both is told which rule it is (libs/identity and the desk).
    expect([status, body]).toMatchObject([403, { code: 'not-allowed' }]);
  });

  it('posts, and answers `{id, status, postedRows, firstPosition, lastPosition}`', async () => {
    const before = await head();
    const { id } = await handedIn(province('C-2a'), province('C-2b', onItsWay));
    const { status, body } = await checker().certify(id);
    // Certified, two issues, one receipt, the part.
    expect([status, body]).toMatchObject([
      200,
      { id, status: 'posted', postedRows: 2, lastPosition: (body.firstPosition ?? 0) + 4 },
    ]);
    expect(body.firstPosition).toBeGreaterThan(before);
    expect((await ledger.holding('C-2a')).status).toBe('open');
    expect((await ledger.holding('C-2b')).status).toBe('in-transit');
    const { entries } = await ledger.events({ after: before });
    const { envelope } = entries[0] ?? { envelope: {} };
    expect(envelope).toMatchObject({
      type: 'SubmissionCertified',
      data: { submissionId: id, maker: body.maker, checker: body.checker, rows: 'all' },
    });
  });

  it('a checker of another place: out-of-jurisdiction', async () => {
    const { id } = expectOk(
      await ledger.as('centre-maker').handIn('allocations', [province('C-3')]),
    );
    const { status, body } = await checker().certify(id);
    expect([status, body]).toMatchObject([403, { code: 'out-of-jurisdiction' }]);
    const county = expectOk(
      await ledger.as('county-maker').handIn('allocations', [allocation('C-4')]),
    );
    expect((await checker().certify(county.id)).status).toBe(200);
  });

  it('“`all` is refused while errors stand”; `valid` posts the others', async () => {
    const { id, errors } = await handedIn(province('C-5a'), province('C-5b', { amount: '0' }));
    expect(errors).toBe(1);
    const refused = await checker().certify(id, 'all');
    expect([refused.status, refused.body]).toMatchObject([409, { code: 'errors-stand' }]);
    const posted = expectOk(await checker().certify(id, 'valid'));
    expect(posted).toMatchObject({ status: 'posted', postedRows: 1 });
    expect((await ledger.holding('C-5a')).status).toBe('open');
    expect((await checker().get('/api/v1/holdings/C-5b')).status).toBe(404);
  });

  it('a second time: already-certified; an unknown one: unknown-submission; neither word: bad-value', async () => {
    const { id } = await handedIn(province('C-6'));
    await checker().certify(id);
    const again = await checker().certify(id);
    expect([again.status, again.body]).toMatchObject([409, { code: 'already-certified' }]);
    const unknown = await checker().certify(randomUUID());
    expect([unknown.status, unknown.body]).toMatchObject([404, { code: 'unknown-submission' }]);
    const path = `/api/v1/submissions/${id}/certification`;
    const neither = await checker().post<ProblemBody>(path, { rows: 'some' });
    expect([neither.status, neither.body.code]).toEqual([400, 'bad-value']);
  });

  it('a clean submission of nothing new posts nothing and is posted', async () => {
    await ledger.post('allocations', province('C-7'));
    const { id, ...answer } = await handedIn(province('C-7'));
    expect(answer).toMatchObject({ rows: 1, acceptedRows: 0, errors: 0 });
    const before = await head();
    expect(expectOk(await checker().certify(id))).toMatchObject({
      status: 'posted',
      postedRows: 0,
    });
    expect(await head()).toBe(before);
  });

  it('“what changed since validation is checked again”: a part that no longer fits is refused whole', async () => {
    await ledger.post('allocations', province('C-8', { amount: '10' }));
    const draw = (id: string, amount: string) =>
      allocation(id, { parent_id: 'C-8', amount, issued_on: '2018-02-01', received_on: '' });
    const first = await handedIn(draw('C-8a', '1'), draw('C-8b', '6'), draw('C-8c', '1'));
    const second = await handedIn(draw('C-8d', '8'));
    expectOk(await checker().certify(second.id));
    const { status, body } = await checker().certify(first.id);
    expect([status, body]).toMatchObject([
      409,
      { code: 'no-longer-fits', part: 1, row: 3, postedRows: 0 },
    ]);
    const line = (await maker().report(first.id)).map(({ row, id, code }) => [row, id, code]);
    expect(line).toEqual([[3, 'C-8b', 'exceeds-available']]);
    const after = expectOk(await maker().get<SubmissionAnswer>(`/api/v1/submissions/${first.id}`));
    expect(after).toMatchObject({ status: 'rejected', errors: 1, postedRows: 0 });
    expect((await checker().get('/api/v1/holdings/C-8a')).status).toBe(404);
  });
});

describe('§3 “Any request may carry Idempotency-Key”', () => {
  it('hand-in and certification answer a repetition as they answered the first time', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await maker().handIn('allocations', [province('I-1')], headers);
    const second = await maker().handIn('allocations', [province('I-1')], headers);
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    const certify = () => checker().certify(first.body.id, 'all', { 'idempotency-key': 'cert-1' });
    const [one, two] = [await certify(), await certify()];
    expect([one.status, two.status, two.body]).toEqual([200, 200, one.body]);
  });

  it('an upload too, whatever the boundary of its form', async () => {
    const text = csv(tableOf('allocations', 'en', [province('I-2')]));
    const headers = { 'idempotency-key': randomUUID() };
    const first = await maker().upload('x.csv', text, { headers });
    const second = await maker().upload('x.csv', text, { headers });
    expect([second.status, second.body.id]).toEqual([201, first.body.id]);
    const other = await maker().upload('x.csv', `${text}\r\n`, { headers });
    expect([other.status, other.body]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
  });

  it('the key of another person is another key; the same key for another body is an error', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const mine = await maker().handIn('allocations', [province('I-3')], headers);
    const theirs = await ledger
      .as('centre-maker')
      .handIn('allocations', [province('I-3')], headers);
    expect(theirs.body.id).not.toBe(mine.body.id);
    const other = await maker().handIn('allocations', [province('I-4')], headers);
    expect([other.status, other.body]).toMatchObject([422, { code: 'idempotency-key-reused' }]);
  });

  it('also across a restart on the same database', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await maker().handIn('allocations', [province('I-5')], headers);
    await ledger.running.stop();
    await ledger.running.start();
    const second = await maker().handIn('allocations', [province('I-5')], headers);
    expect([second.status, second.body]).toEqual([201, first.body]);
    expect(expectOk(await checker().certify(first.body.id))).toMatchObject({ status: 'posted' });
  });
});

describe('§3 “Errors are RFC 9457 application/problem+json with a stable code”', () => {
  it.each([
    ['GET', '/api/v1/holdings/none', 404, 'unknown-holding'],
    ['GET', '/api/v1/nothing', 404, 'no-such-route'],
    ['GET', '/api/v1/submissions/not-a-uuid', 400, 'bad-value'],
    ['GET', '/api/v1/counties/99/summary', 404, 'unknown-region'],
    ['GET', '/api/v1/alerts?limit=0', 400, 'bad-value'],
    ['POST', '/api/v1/submissions', 415, 'unsupported-media-type'],
  ])('%s %s', async (method, path, status, code) => {
    const init =
      method === 'POST' ? { body: 'rows', headers: { 'content-type': 'text/plain' } } : {};
    const answer = await maker().request<ProblemBody>(path, { method, ...init });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, code, type: `urn:fundflow:problem:${code}` });
    expect([answer.status, typeof answer.body.title]).toEqual([status, 'string']);
  });
});

describe('§3 several at once', () => {
  it('two that certify one submission at the same time: it posts once', async () => {
    const { id } = await handedIn(province('T-1'));
    const before = await head();
    const answers = await Promise.all([
      checker().certify(id),
      ledger.as('centre-checker').certify(id),
    ]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    expect((await ledger.events({ after: before })).entries).toHaveLength(4);
  });

  it('twenty that draw on one holding at the same time: never more than it has', async () => {
    await ledger.post('allocations', province('T-2', { amount: '10' }));
    const rows = Array.from({ length: 20 }, (_, at) =>
      payment(`T-2-${at}`, 'T-2', { amount: '1', method: 'direct' }),
    );
    const ids = await Promise.all(
      rows.map(async (row) => expectOk(await maker().handIn('payments', [row])).id),
    );
    const posted = await Promise.all(ids.map((id) => checker().certify(id)));
    expect(posted.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(await ledger.holding('T-2')).toMatchObject({ paidFen: '1000', availableFen: '0' });
  });

  it('an unknown project id in two submissions is no obstacle for the second', async () => {
    await ledger.post('projects', project('T-3'));
    expect(await ledger.verdicts('projects', [project('T-3')], 'county-maker')).toEqual([
      'already-posted',
    ]);
  });
});
