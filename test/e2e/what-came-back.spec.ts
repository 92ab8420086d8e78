import { residentId } from './support/resident-id.js';
import { allocation, bankReturn, payment, reversal } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();
const IDS = ['W-1', 'W-2', 'W-3'] as const;

beforeAll(async () => {
  await ledger.post('allocations', allocation('W-A'));
  const rows = IDS.map((id, index) =>
    payment(id, 'W-A', {
      ...{ payee_kind: '个人', payee_code: residentId(500 + index), method: '一卡通' },
      ...{ amount: '12.34', unit: '元' },
    }),
  );
  await ledger.post('payments', ...rows);
  await ledger.post('returns', bankReturn('W-T', 'W-1', { amount: '2.34', unit: '元' }));
  await ledger.post('reversals', reversal('W-C', 'W-2', { reversed_on: '2019-04-01' }));
});

/** What the line of a payment says to the hotline of what came back of it. */
async function cameBack(id: (typeof IDS)[number]): Promise<string> {
  const why = { purpose: 'complaint', reason: '来电称未收到', caseId: '12317-2020-8' };
  const { body } = await ledger.as('hotline').post<{
    lines: { id: string; amountFen: string; returnedFen: string; reversedOn: string | null }[];
  }>('/api/v1/personal/search', { ...why, id: residentId(500 + IDS.indexOf(id)) });
  expect(body.lines.map((line) => [line.id, line.amountFen])).toEqual([[id, '1234']]);
  return body.lines.map((line) => `${line.returnedFen} ${line.reversedOn}`).join();
}

describe('who calls and says that nothing arrived is told', () => {
  it('what the bank returned, until that is reversed', async () => {
    expect(await cameBack('W-1')).toBe('234 null');
    await ledger.post('reversals', reversal('W-D', 'W-T', { reversed_on: '2019-04-01' }));
    expect(await cameBack('W-1')).toBe('0 null');
  });

  it('that the payment was reversed, and when', async () => {
    expect(await cameBack('W-2')).toBe('0 2019-04-01');
  });

  it('otherwise that it stands', async () => {
    expect(await cameBack('W-3')).toBe('0 null');
  });
});
