import { IN_JULY, IN_MAY, postEveryMovement } from './support/every-movement.js';
import { allocation, disbursement, payment } from './support/rows.js';
import { type Asked, theLedger } from './support/the-ledger.js';

const ledger = theLedger();
beforeAll(() => postEveryMovement(ledger));

/** `amount passedDown disbursed paid returnedUp available lastMovementOn status`, amounts in 元. */
async function holding(id: string, asked: Asked): Promise<string> {
  const found = await ledger.holding(id, asked);
  const { amountFen, passedDownFen, disbursedFen, paidFen, returnedUpFen, availableFen } = found;
  const amounts = [amountFen, passedDownFen, disbursedFen, paidFen, returnedUpFen, availableFen];
  return [...amounts.map(inYuan), found.lastMovementOn, found.status].join(' ');
}

/** `received paid returnedUp accountable authority cash inTransit rate | under1y from1to2y over2y` */
async function summary(region: string, asked: Asked): Promise<string> {
  const { ageing, executionRate, ...sums } = await ledger.summary(region, asked);
  const { receivedFen, paidFen, returnedUpFen, accountableFen } = sums;
  const { authorityFen, cashFen, inTransitFen } = sums;
  const flows = [receivedFen, paidFen, returnedUpFen, accountableFen];
  const balances = [authorityFen, cashFen, inTransitFen];
  const ages = [ageing.under1yFen, ageing.from1to2yFen, ageing.over2yFen];
  const left = [...flows, ...balances].map(inYuan).join(' ');
  return `${left} ${executionRate} | ${ages.map(inYuan).join(' ')}`;
}

/** Every amount of the scenario is whole yuan. */
function inYuan(amountFen: string): string {
  expect(amountFen).toMatch(/00$|^0$/);
  return amountFen.replace(/00$/, '');
}

describe('§4 holdings: “available = amount − these four”, all of them net', () => {
  it.each([
    ['R', '1000 682 0 0 0 318 2018-05-09 open'],
    ['C', '600 372 0 0 0 228 2018-05-08 open'],
    ['M', '340 80 121 0 43 96 2018-05-13 open'],
    ['S1', '100 0 60 0 12 28 2018-05-06 open'],
    ['W', '50 0 0 0 0 0 2018-02-15 in-transit'],
    ['T', '80 0 0 25 0 55 2018-04-12 open'],
    ['L', '20 0 6 0 3 11 2018-05-10 open'],
    ['V', '7 0 0 0 0 7 2018-03-02 open'],
    ['D1', '150 0 0 85 34 31 2018-05-12 open'],
    ['D2', '60 0 0 0 0 0 2018-03-10 in-transit'],
    ['D3', '6 0 0 0 0 6 2018-03-16 open'],
  ])('%s in May', async (id, expected) => {
    expect(await holding(id, IN_MAY)).toBe(expected);
  });

  it.each([
    ['R', '1000 632 0 0 0 368 2018-07-01 open'],
    ['C', '600 400 0 0 0 200 2018-07-09 open'],
    ['M', '340 80 125 0 8 127 2018-07-11 open'],
    ['S1', '100 0 0 0 12 88 2018-07-08 open'],
    ['W', '50 0 0 0 0 0 2018-07-01 reversed'],
    ['T', '80 0 0 30 0 50 2018-06-02 open'],
    ['L', '20 0 0 0 0 20 2018-07-10 open'],
    ['V', '7 0 0 0 0 0 2018-07-09 reversed'],
    ['D1', '150 0 0 75 25 50 2018-07-11 open'],
    ['D2', '60 0 0 0 0 0 2018-07-08 reversed'],
    ['D3', '6 0 0 0 0 0 2018-07-10 reversed'],
  ])(
    '%s in July: “a reversal takes effect on its own date, with the sign turned”',
    async (id, expected) => {
      expect(await holding(id, IN_JULY)).toBe(expected);
    },
  );

  it('who, what, since when, from where', async () => {
    expect(await ledger.holding('M', IN_JULY)).toMatchObject({
      ...{ id: 'M', kind: 'allocation', region: '450124', fundType: 'central-special' },
      ...{ fiscalYear: 2018, projectId: null, issuedOn: '2018-02-01', receivedOn: '2018-02-05' },
      ...{ originalIssuedOn: '2018-01-05', path: ['R', 'C', 'M'] },
    });
    expect(await ledger.holding('D1', IN_JULY)).toMatchObject({
      ...{ kind: 'disbursement', region: '450124', issuedOn: '2018-03-10' },
      ...{ receivedOn: '2018-03-12', originalIssuedOn: '2018-01-05', path: ['R', 'C', 'M', 'D1'] },
    });
    expect(await ledger.holding('L', IN_JULY)).toMatchObject({
      ...{ originalIssuedOn: '2018-02-01', path: ['L'], fundType: 'county-special' },
    });
    expect(await ledger.holding('W', IN_JULY)).toMatchObject({
      receivedOn: null,
      path: ['R', 'W'],
    });
  });
});

describe('§4 summaries of a county, a city, the region, the centre', () => {
  it.each([
    ['450124', '360 110 46 204 162 37 50 0.3056 | 199 0 0'],
    ['450125', '107 0 12 95 35 0 0 0.0000 | 35 0 0'],
    ['450124100', '80 25 0 55 55 0 0 0.3125 | 55 0 0'],
    ['4501', '660 110 11 539 425 37 50 0.1667 | 462 0 0'],
    ['45', '1020 110 3 907 743 37 0 0.1078 | 780 0 0'],
    ['000000', '1020 110 3 907 743 37 0 0.1078 | 780 0 0'],
    ['44', '0 0 0 0 0 0 0 null | 0 0 0'],
  ])('%s in May', async (region, expected) => {
    expect(await summary(region, IN_MAY)).toBe(expected);
  });

  it.each([
    ['450124', '360 105 8 247 197 50 0 0.2917 | 247 0 0'],
    ['450125', '100 0 12 88 88 0 0 0.0000 | 88 0 0'],
    ['450124100', '80 30 0 50 50 0 0 0.3750 | 50 0 0'],
    ['4501', '660 105 8 547 485 50 0 0.1591 | 535 0 0'],
    ['45', '1020 105 0 915 853 50 0 0.1029 | 903 0 0'],
  ])('%s in July', async (region, expected) => {
    expect(await summary(region, IN_JULY)).toBe(expected);
  });

  it.each([
    ['2017-12-31', '0 0 0 0 0 0 0 null | 0 0 0'],
    ['2018-02-04', '20 0 0 20 20 0 300 0.0000 | 20 0 0'],
    ['2018-02-05', '320 0 0 320 320 0 0 0.0000 | 320 0 0'],
    ['2018-03-03', '320 0 0 320 320 0 90 0.0000 | 320 0 0'],
    ['2018-03-11', '360 0 0 360 210 0 50 0.0000 | 210 0 0'],
    ['2018-03-12', '360 0 0 360 210 150 50 0.0000 | 360 0 0'],
  ])('450124 on %s: nothing counts before its day', async (asOf, expected) => {
    expect(await summary('450124', { asOf })).toBe(expected);
  });

  it('padded codes are the same region', async () => {
    const [short, padded] = [await summary('4501', IN_MAY), await summary('450100', IN_MAY)];
    expect(padded).toBe(short);
    expect(await summary('450124000000', IN_MAY)).toBe(await summary('450124', IN_MAY));
  });
});

describe('§4 age: “one year is reached on the same month and day”', () => {
  it.each([
    ['2019-01-04', '247 0 0'],
    ['2019-01-05', '20 227 0'],
    ['2019-02-01', '0 247 0'],
    ['2020-01-05', '0 20 227'],
    ['2020-02-01', '0 0 247'],
  ])('what R gave in January 2018 and the county in February, on %s', async (asOf, expected) => {
    expect((await summary('450124', { asOf })).split(' | ')[1]).toBe(expected);
  });

  it('“29 February counts as 28”', async () => {
    const leap = { receiver_region: '450126', issued_on: '2016-02-29', received_on: '2016-03-01' };
    await ledger.post('allocations', allocation('leap', { ...leap, fiscal_year: '2016' }));
    const ages = async (asOf: string) => (await summary('450126', { asOf })).split(' | ')[1];
    expect(await ages('2017-02-27')).toBe('100 0 0');
    expect(await ages('2017-02-28')).toBe('0 100 0');
    expect(await ages('2018-02-28')).toBe('0 0 100');
  });
});

describe('§6 numbers', () => {
  it('“executionRate is never clamped” and half up; an overdrawn balance counts negative', async () => {
    const place = { receiver_region: '450127', amount: '30' };
    await ledger.post('allocations', allocation('over', place));
    const spent = (id: string, amount: string) =>
      payment(id, 'over', {
        ...{ amount, method: 'direct', already_happened: 'yes', reason: '已经支付' },
      });
    await ledger.post('payments', spent('over-1', '20'));
    expect(await summary('450127', IN_MAY)).toBe('30 20 0 10 10 0 0 0.6667 | 10 0 0');
    await ledger.post('payments', spent('over-2', '25'));
    expect(await summary('450127', IN_MAY)).toBe('30 45 0 -15 -15 0 0 1.5000 | -15 0 0');
    expect(await holding('over', IN_MAY)).toBe('30 0 0 45 0 -15 2018-04-01 overdrawn');
  });

  it('“a disbursement lies where its allocation’s receiver lies; a payment counts for the holding it is drawn on”', async () => {
    await ledger.post('allocations', allocation('near', { receiver_region: '450102' }));
    await ledger.post('disbursements', disbursement('near-D', 'near', { amount: '60' }));
    const far = { amount: '40', payee_region: '440000' };
    await ledger.post('payments', payment('near-P', 'near-D', far));
    expect(await summary('450102', IN_MAY)).toBe('100 40 0 60 40 20 0 0.4000 | 60 0 0');
    expect(await summary('44', IN_MAY)).toBe('0 0 0 0 0 0 0 null | 0 0 0');
  });

  it('“a holding without project_id takes its source’s”', async () => {
    await ledger.post(
      'projects',
      { ...PROJECT, project_id: 'X-own' },
      { ...PROJECT, project_id: 'X-2' },
    );
    await ledger.post(
      'allocations',
      allocation('px', { receiver_region: '450103', project_id: 'X-own' }),
    );
    await ledger.post(
      'disbursements',
      disbursement('px-1', 'px', { amount: '1' }),
      disbursement('px-2', 'px', { amount: '1', project_id: 'X-2' }),
    );
    const own = async (id: string) => (await ledger.holding(id, IN_MAY)).projectId;
    expect([await own('px'), await own('px-1'), await own('px-2')]).toEqual([
      'X-own',
      'X-own',
      'X-2',
    ]);
  });

  const PROJECT = { name: '路', county: '450103', unit_name: '交通局' };
});
