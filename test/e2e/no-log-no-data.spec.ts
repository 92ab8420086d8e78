import { createHash } from 'node:crypto';
import { OVERSIGHT_TYPES } from '@fundflow/domain/oversight/events';
import type { Answer } from './support/answers.js';
import { breakWrites } from './support/broken-database.js';
import { residentId } from './support/resident-id.js';
import { allocation, disbursement, payment } from './support/rows.js';
import { expectOk, theLedger } from './support/the-ledger.js';

/*
 * “No log, no data”: the log takes postings and refuses what is recorded about those who look, as a full disk or a fault
 * in between would. Then nobody is shown a person, is given a file, or decides anything.
 */
const ledger = theLedger({}, {});
const NAME = '覃秀英证据';
const CODE = residentId(77);
const WHY = { purpose: 'investigation', reason: '核对发放对象', caseId: '案〔2020〕9号' };
const PDF = Buffer.from('%PDF-1.7\n%%EOF\n');
const DIGEST = createHash('sha256').update(PDF).digest('hex');
const RECORDED = `NEW.type IN (${OVERSIGHT_TYPES.map((type) => `'${type}'`).join(', ')})`;

let eventId: string;
let submissionId: string;
let erasureId: string;
let holdId: string;
beforeAll(async () => {
  await ledger.post('allocations', allocation('A'));
  await ledger.post('disbursements', disbursement('D', 'A'));
  const who = { payee_kind: '个人', payee_name: NAME, payee_code: CODE, method: '一卡通' };
  submissionId = (await ledger.post('payments', payment('Z', 'D', who))).id;
  const inspector = ledger.as('inspector');
  const found = await inspector.post<{ lines: [{ eventId: string }] }>(
    ...(['/api/v1/personal/search', { ...WHY, id: CODE }] as const),
  );
  ({ eventId } = found.body.lines[0]);
  const { reason, caseId } = WHY;
  const hold = { eventId, reason, caseId };
  holdId = expectOk(
    await inspector.post<{ holdId: string }>('/api/v1/personal/holds', hold),
  ).holdId;
  const erasure = { eventId, reason, basis: 'unlawful' };
  const proposed = ledger.as('checker').post<{ id: string }>('/api/v1/personal/erasures', erasure);
  erasureId = expectOk(await proposed).id;
  const form = new FormData();
  form.set('subjectId', 'D');
  form.set('file', new Blob([PDF]), '凭证.pdf');
  expectOk(await ledger.as('maker').request('/api/v1/attachments', { method: 'POST', body: form }));
});

type Ask = () => Promise<Answer<unknown>>;
const inspector = () => ledger.as('inspector');
const personal =
  (path: string, body: object): Ask =>
  () =>
    inspector().post(`/api/v1/personal/${path}`, body);

/** What shows a person, gives a file away, or decides about people, accounts and settings. */
const ASKED: readonly (readonly [string, Ask])[] = [
  ['a search', personal('search', { ...WHY, id: CODE })],
  ['a field in clear', () => personal(`${eventId}/unmask`, { ...WHY, field: 'name' })()],
  ['a trail with a masked name', () => inspector().get('/api/v1/counties/450124/trail')],
  ['a trace with a masked name', () => inspector().get('/api/v1/trace/Z', { direction: 'up' })],
  ['evidence', () => inspector().post('/api/v1/evidence', EVIDENCE)],
  ['a paper', () => inspector().request(`/api/v1/attachments/${DIGEST}?subjectId=D`)],
  [
    'a report as a file',
    () =>
      ledger.as('centre-maker').request(`/api/v1/submissions/${submissionId}/report`, {
        headers: { accept: 'text/csv' },
      }),
  ],
  ['a hold', () => personal('holds', { eventId, reason: '立案', caseId: '案1' })()],
  [
    'a hold lifted',
    () => inspector().request(`/api/v1/personal/holds/${holdId}`, { method: 'DELETE' }),
  ],
  [
    'a restriction',
    () => personal('restrictions', { eventId, reason: '核查', basis: 'request' })(),
  ],
  [
    'an erasure proposed',
    () => personal('erasures', { eventId, reason: '核查', basis: 'order' })(),
  ],
  ['an account', () => ledger.as('admin').post('/api/v1/users', ACCOUNT)],
  ['a setting', () => ledger.as('admin').post('/api/v1/settings/personal-data', SETTING)],
];
const EVIDENCE = { kind: 'trace', id: 'A', reason: WHY.reason, caseId: WHY.caseId };
const ACCOUNT = { login: 'neu', roles: ['inspector'], region: '450124', unit: '某单位' };
const SETTING = {
  ...{ setting: 'unmask-per-day', region: '450000', value: 40 },
  ...{ validFrom: '2018-01-01', basis: '桂信办〔2018〕9号' },
};

describe('while the log does not take what is recorded about those who look', () => {
  let broken: { mend(): Promise<void> };
  beforeAll(async () => {
    const { databaseUrl } = ledger.running;
    broken = await breakWrites(databaseUrl, 'event_store.es_events', RECORDED);
  });

  it.each(ASKED)('%s is refused, and says nothing of anybody', async (_what, ask) => {
    const { status, text } = await ask();
    expect([status, /"code":"[^"]*"/.exec(text)?.[0]]).toEqual([503, '"code":"not-recorded"']);
    for (const shown of [NAME, CODE, '覃***据', CODE.slice(-4)]) expect(text).not.toContain(shown);
  });

  it('everything is answered again as soon as the log does', async () => {
    await broken.mend();
    const statuses: [string, number][] = [];
    for (const [what, ask] of ASKED) statuses.push([what, (await ask()).status]);
    expect(statuses.filter(([, status]) => status >= 300)).toEqual([]);
    // The person is held and restricted; and held no more by the hold that could be lifted now.
    const approval = `/api/v1/personal/erasures/${erasureId}/approval`;
    expect(await inspector().post(approval, {})).toMatchObject({ status: 409 });
  });
});
