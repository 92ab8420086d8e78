import { PersonalDesk } from '../../apps/audit/personal/personal-desk.js';
import type { Answer } from './support/answers.js';
import { lookingLimitedTo } from './support/looking-limits.js';
import { personOf } from './support/person.js';
import { residentId } from './support/resident-id.js';
import { allocation, disbursement, payment } from './support/rows.js';
import { signIn } from './support/running-ledger.js';
import { theLedger } from './support/the-ledger.js';

/* How often somebody may have a field shown: a day is one of Asia/Shanghai, and a person is one person in every session. */
const ledger = theLedger();
const CODE = residentId(78);
const PER_DAY = 4;
const WHY = { purpose: 'investigation', reason: '核对发放对象', caseId: '案〔2020〕9号' };
let eventId: string;
beforeAll(async () => {
  await ledger.post('allocations', allocation('A'));
  await ledger.post('disbursements', disbursement('D', 'A'));
  const who = { payee_kind: '个人', payee_name: '覃某某', payee_code: CODE, method: '一卡通' };
  await ledger.post('payments', payment('Z', 'D', who));
  await lookingLimitedTo(ledger.as('admin'), { perDay: PER_DAY, usual: 2 });
  const found = await ledger
    .as('inspector')
    .post<{ lines: [{ eventId: string }] }>('/api/v1/personal/search', { ...WHY, id: CODE });
  ({ eventId } = found.body.lines[0]);
});

interface Shown {
  readonly ofTheDay: number;
}
const look = (who = ledger.as('inspector')): Promise<Answer<Shown>> =>
  who.post<Shown>(`/api/v1/personal/${eventId}/unmask`, { ...WHY, field: 'name' });

/** The desk's clock. */
function itIs(moment: string): void {
  const desk = ledger.running.app.get(PersonalDesk, { strict: false });
  Object.assign(desk, { clock: () => new Date(moment) });
}

describe('looks of one person', () => {
  it('are counted until midnight in China, and from then on anew', async () => {
    itIs('2020-03-01T15:59:59.999Z');
    const before = [await look(), await look()].map(({ body }) => body.ofTheDay);
    itIs('2020-03-01T16:00:00.000Z');
    const after = await look();
    // The day does not change at midnight of any other place.
    itIs('2020-03-02T00:00:00.000Z');
    const later = await look();
    expect([...before, after.body.ofTheDay, later.body.ofTheDay]).toEqual([1, 2, 1, 2]);
  });

  it('are limited in all sessions together, also when all of them ask at once', async () => {
    itIs('2020-05-01T04:00:00.000Z');
    const { cookie } = await signIn(ledger.running.url, 'inspector');
    const sessions = new Map([['inspector', cookie]]);
    const elsewhere = personOf(
      { ...ledger.running, sessions, url: ledger.running.url },
      'inspector',
    );
    const asked = Array.from({ length: 6 }, () => [look(), look(elsewhere)]).flat();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(PER_DAY);
    expect(statuses.filter((status) => status === 403)).toHaveLength(12 - PER_DAY);
  });
});
