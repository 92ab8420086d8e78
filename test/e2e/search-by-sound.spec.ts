import { residentId } from './support/resident-id.js';
import { allocation, disbursement, payment } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();
const COUNTY = '450124';
const WHY = { purpose: 'complaint', reason: '来电核对', caseId: '12317-2020-7' };

/** Whom each payment went to. */
const PAID: Readonly<Record<string, string>> = {
  'S-1': '单小明',
  'S-2': '单晓鸣',
  'S-3': '单小名',
  'S-4': '单大明',
  'S-5': '韦建国',
  'S-6': '小明',
};

/** Two of them in villages; the county pays all of them. */
const LIVES: Readonly<Record<string, string>> = { 'S-3': '450124100001', 'S-4': '450124100002' };

beforeAll(async () => {
  await ledger.post('allocations', allocation('S-A'));
  await ledger.post('disbursements', disbursement('S-D', 'S-A'));
  const rows = Object.entries(PAID).map(([id, name], index) =>
    payment(id, 'S-D', {
      ...{ payee_kind: '个人', payee_name: name, payee_code: residentId(300 + index) },
      ...{ method: '一卡通', amount: '1', payee_region: LIVES[id] ?? '' },
    }),
  );
  await ledger.post('payments', ...rows);
});

async function found(name: string, county = COUNTY): Promise<string[]> {
  const hotline = ledger.as('hotline');
  const { status, body } = await hotline.post<{ lines: { id: string; match: string }[] }>(
    '/api/v1/personal/search',
    { ...WHY, name, county },
  );
  expect(status).toBe(200);
  return body.lines.map(({ id, match }) => `${id} ${match}`);
}

describe('who says a name on the telephone finds', () => {
  it('those who are written like it first, then those who sound like it, marked as such', async () => {
    expect(await found('单小明')).toEqual(['S-1 exact', 'S-3 sound', 'S-2 sound']);
  });

  it('a surname by its reading as a surname', async () => {
    expect((await found('山小鸣')).sort()).toEqual(['S-1 sound', 'S-2 sound', 'S-3 sound']);
  });

  it('in a village those who live there, though the county pays them', async () => {
    expect(await found('单小明', '450124100001')).toEqual(['S-3 sound']);
    expect(await found('单大明', '450124100')).toEqual(['S-4 exact']);
    expect(await found('单大明', '450124100001')).toEqual([]);
  });

  it('nobody who sounds otherwise, and nobody elsewhere', async () => {
    expect(await found('章小明')).toEqual([]);
    expect(await found('单小明', '450125')).toEqual([]);
    expect(await found('魏健国')).toEqual(['S-5 sound']);
  });
});
