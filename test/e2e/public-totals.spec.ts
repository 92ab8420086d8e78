import { residentId } from './support/resident-id.js';
import { allocation, bankReturn, disbursement, payment, reversal } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

/* What strangers are told: totals of counties and larger places, and of people only together (k ≥ 5). */

interface PublicRegion {
  readonly region: string;
  readonly name: string | null;
  readonly receivedFen: string;
  readonly returnedUpFen: string;
  readonly paidToUnitsFen: string;
  readonly paidToPeopleFen: string;
  readonly withheld: boolean;
}

const ledger = theLedger();

const stranger = (code: string): Promise<Response> =>
  fetch(`${ledger.running.url}/api/v1/public/regions/${code}`);
const told = async (code: string): Promise<PublicRegion> => {
  const answer = await stranger(code);
  expect(answer.status).toBe(200);
  return (await answer.json()) as PublicRegion;
};

/** A payment of 12.34 元 to one of the people. */
const toPerson = (id: string, person: number, source = 'D-1') =>
  payment(id, source, {
    ...{ payee_kind: 'person', payee_name: `韦某${person}`, payee_code: residentId(person) },
    ...{ amount: '12.34', method: 'card' },
  });

beforeAll(async () => {
  await ledger.post(
    'allocations',
    allocation('A-1', { amount: '10000' }),
    allocation('A-2', { receiver_region: '450125', amount: '10000' }),
  );
  await ledger.post(
    'disbursements',
    disbursement('D-1', 'A-1', { amount: '9000' }),
    disbursement('D-2', 'A-2', { amount: '9000', recipient_name: '上林县财政局' }),
  );
});

describe('what a stranger is told of a county', () => {
  it('is exact about units, and nothing about fewer than five people', async () => {
    await ledger.post('payments', payment('U-1', 'D-1', { amount: '40' }));
    await ledger.post('payments', ...[1, 2, 3, 4].map((n) => toPerson(`P-${n}`, n)));
    await ledger.post('payments', toPerson('P-1b', 1), toPerson('P-2b', 2));
    expect(await told('450124')).toMatchObject({
      ...{ region: '450124', name: '马山县', receivedFen: '1000000', returnedUpFen: '0' },
      ...{ paidToUnitsFen: '4000', paidToPeopleFen: '0', withheld: true },
    });
  });

  it('has everything once it went to five of them', async () => {
    await ledger.post('payments', toPerson('P-5', 5));
    expect(await told('450124')).toMatchObject({
      ...{ paidToUnitsFen: '4000', paidToPeopleFen: `${7 * 1234}`, withheld: false },
    });
  });

  it('does not say what one person gave back, or had to', async () => {
    await ledger.post('returns', bankReturn('R-1', 'P-1', { amount: '2' }));
    await ledger.post('reversals', reversal('S-2', 'P-2'));
    await ledger.post('reversals', reversal('S-U', 'U-1'));
    expect(await told('450124')).toMatchObject({
      ...{ paidToUnitsFen: '0', paidToPeopleFen: `${7 * 1234}`, withheld: true },
    });
    await ledger.post('payments', ...[6, 7, 8].map((n) => toPerson(`P-${n}`, n)));
    expect(await told('450124')).toMatchObject({
      ...{ paidToPeopleFen: `${9 * 1234 - 200}`, withheld: false },
    });
  });
});

describe('what a stranger is told of a larger place', () => {
  it('is the sum of what is told of its counties, so that no difference says more', async () => {
    await ledger.post('payments', ...[11, 12].map((n) => toPerson(`Q-${n}`, n, 'D-2')));
    const counties = await Promise.all(['450124', '450125'].map(told));
    expect(counties.map(({ paidToPeopleFen }) => paidToPeopleFen)).toEqual([
      ...[`${9 * 1234 - 200}`, '0'],
    ]);
    for (const code of ['4501', '45', '000000']) {
      expect(await told(code)).toMatchObject({
        ...{ paidToPeopleFen: `${9 * 1234 - 200}`, withheld: true },
      });
    }
  });
});

describe('a stranger is not told', () => {
  it.each([
    ['of a township', '450124100', 404, 'not-public'],
    ['of a place no table knows', '999999', 404, 'unknown-region'],
    ['of what is no place', 'abc', 400, 'bad-value'],
  ])('%s', async (_, code, status, problem) => {
    const answer = await stranger(code);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      status,
      problem,
    ]);
  });

  it('anything that could be kept too long, or of whom', async () => {
    const answer = await stranger('450124');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=60');
    expect(await answer.text()).not.toMatch(/韦|4521|eventId/);
  });
});
