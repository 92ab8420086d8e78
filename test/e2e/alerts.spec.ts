import { bankReturn, disbursement, onItsWay, payment } from './support/rows.js';
import { project, reversal, supplement } from './support/rows.js';
import { type Asked, theLedger } from './support/the-ledger.js';
import { watched } from './support/watched.js';

const ledger = theLedger();
const { alerts, given, spend } = watched(ledger);
const nothing: string[] = [];

describe('§4 not-acknowledged 下达未收文: 10 days, medium', () => {
  it('fires one past the limit, also on money from outside, and closes on the receipt', async () => {
    await given('na', onItsWay);
    expect(await alerts('not-acknowledged', 'na', '2018-01-20')).toEqual(nothing);
    expect(await alerts('not-acknowledged', 'na', '2018-01-21')).toEqual([
      'medium 10000 2018-01-10 11 open',
    ]);
    await given('na', { received_on: '2018-02-01' });
    expect(await alerts('not-acknowledged', 'na', '2018-01-31')).toHaveLength(1);
    expect(await alerts('not-acknowledged', 'na', '2018-02-01')).toEqual(nothing);
    expect(await alerts('not-acknowledged', 'na', '2018-03-01', { status: 'closed' })).toEqual([
      'medium 10000 2018-01-10 21 closed 2018-02-01',
    ]);
  });

  it('“covers a supplement with itself as subject”; a reversal ends it', async () => {
    await given('na-grown');
    await ledger.post('supplements', supplement('na-S', 'na-grown', onItsWay));
    expect(await alerts('not-acknowledged', 'na-S', '2018-02-11')).toEqual(nothing);
    expect(await alerts('not-acknowledged', 'na-S', '2018-02-12')).toEqual([
      'medium 5000 2018-02-01 11 open',
    ]);
    const [alert] = await ledger.alerts({ subject: 'na-S', asOf: '2018-02-12' });
    expect(alert).toMatchObject({ subjectKind: 'supplement', county: '450124' });
    await ledger.post('reversals', reversal('na-Z', 'na-S', { reversed_on: '2018-03-01' }));
    expect(await alerts('not-acknowledged', 'na-S', '2018-03-01')).toEqual(nothing);
    expect(
      await alerts('not-acknowledged', 'na-S', '2018-03-01', { status: 'closed' }),
    ).toHaveLength(1);
  });
});

describe('§4 passed-on-late 滞拨: 30 days, 60 for the region’s and the city’s own special funds', () => {
  it.each([
    // fund type, place, at the limit, one past it, the day before twice the limit, twice the limit
    ['central-special', '450100', '2018-02-19', '2018-02-20', '2018-03-20', '2018-03-21'],
    ['pooled', '450000', '2018-02-19', '2018-02-20', '2018-03-20', '2018-03-21'],
    ['region-special', '450100', '2018-03-21', '2018-03-22', '2018-05-19', '2018-05-20'],
    ['city-special', '450200', '2018-03-21', '2018-03-22', '2018-05-19', '2018-05-20'],
  ])('%s in %s', async (fund_type, receiver_region, at, past, before, twice) => {
    const id = `pol-${fund_type}`;
    await given(id, { fund_type, receiver_region, issuer_region: '000000' });
    const on = (asOf: string) => alerts('passed-on-late', id, asOf);
    expect(await on(at)).toEqual(nothing);
    const one = ['region-special', 'city-special'].includes(fund_type) ? 61 : 31;
    expect(await on(past)).toEqual([`medium 10000 2018-01-20 ${one} open`]);
    expect(await on(before)).toEqual([`medium 10000 2018-01-20 ${2 * (one - 1) - 1} open`]);
    expect(await on(twice)).toEqual([`high 10000 2018-01-20 ${2 * (one - 1)} open`]);
  });

  it('the amount is what is available; it closes when all of it is passed on', async () => {
    await given('pol', { receiver_region: '450300' });
    const child = (id: string, amount: string, issued_on: string) =>
      given(id, {
        ...{ parent_id: 'pol', issuer_region: '450300', receiver_region: '450321' },
        ...{ amount, issued_on, received_on: issued_on },
      });
    await child('pol-1', '30', '2018-02-25');
    expect(await alerts('passed-on-late', 'pol', '2018-02-24')).toEqual([
      'medium 10000 2018-01-20 35 open',
    ]);
    expect(await alerts('passed-on-late', 'pol', '2018-02-25')).toEqual([
      'medium 7000 2018-01-20 36 open',
    ]);
    await child('pol-2', '70', '2018-03-01');
    expect(await alerts('passed-on-late', 'pol', '2018-03-01', { status: 'all' })).toEqual([
      'medium 7000 2018-01-20 39 closed 2018-03-01',
    ]);
  });

  it('not at county level or below; what was never acknowledged is no balance', async () => {
    await given('pol-county');
    await given('pol-way', { receiver_region: '450100', ...onItsWay });
    for (const id of ['pol-county', 'pol-way']) {
      expect(await alerts('passed-on-late', id, '2018-12-31', { status: 'all' })).toEqual(nothing);
    }
  });
});

describe('§4 not-disbursed 滞留: county level and below, 60 days, medium, from 180 high', () => {
  it.each(['450124', '450124100', '450124100001'])('in %s', async (receiver_region) => {
    const id = `nd-${receiver_region}`;
    await given(id, { receiver_region });
    const on = (asOf: string) => alerts('not-disbursed', id, asOf);
    expect(await on('2018-03-21')).toEqual(nothing);
    expect(await on('2018-03-22')).toEqual(['medium 10000 2018-01-20 61 open']);
    expect(await on('2018-07-18')).toEqual(['medium 10000 2018-01-20 179 open']);
    expect(await on('2018-07-19')).toEqual(['high 10000 2018-01-20 180 open']);
  });

  it('“opened once per crossing, however often it is evaluated”, closes by itself, “reopens as a new alert”', async () => {
    await given('nd');
    await spend('nd-P', 'nd', { amount: '100', paid_on: '2018-04-01' });
    const on = (asOf: string) => ledger.alerts({ subject: 'nd', rule: 'not-disbursed', asOf });
    const [first, again] = [await on('2018-03-22'), await on('2018-03-31')];
    expect(again.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    expect(await alerts('not-disbursed', 'nd', '2018-04-01')).toEqual(nothing);
    await ledger.post('returns', bankReturn('nd-B', 'nd-P', { returned_on: '2018-05-01' }));
    expect(await alerts('not-disbursed', 'nd', '2018-05-01', { status: 'all' })).toEqual([
      'medium 10000 2018-01-20 70 closed 2018-04-01',
      'medium 1000 2018-01-20 101 open',
    ]);
    const [reopened] = await on('2018-05-01');
    expect(reopened).toMatchObject({ openedOn: '2018-05-01' });
    expect(reopened?.id).not.toBe(first[0]?.id);
    expect(await alerts('not-disbursed', 'nd', '2018-04-30', { status: 'all' })).toHaveLength(1);
  });
});

describe('§4 idle-one-year, idle-two-years: on the anniversary itself', () => {
  it.each([
    ['a plain day', '2018-01-10', ['2019-01-09', '2019-01-10'], ['2020-01-09', '2020-01-10']],
    ['29 February', '2016-02-29', ['2017-02-27', '2017-02-28'], ['2018-02-27', '2018-02-28']],
    ['28 February', '2019-02-28', ['2020-02-27', '2020-02-28'], ['2021-02-27', '2021-02-28']],
  ])('issued on %s', async (_name, issued_on, one, two) => {
    const id = `idle-${issued_on}`;
    await given(id, { issued_on, received_on: issued_on, fiscal_year: issued_on.slice(0, 4) });
    const on = async (asOf: string) => [
      (await alerts('idle-one-year', id, asOf)).length,
      (await alerts('idle-two-years', id, asOf)).length,
    ];
    expect([await on(one[0] as string), await on(one[1] as string)]).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect([await on(two[0] as string), await on(two[1] as string)]).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it('medium, then high; `since` is originalIssuedOn; cash in hand ages with its authority', async () => {
    await given('idle', { issued_on: '2018-01-10', received_on: '2018-06-01' });
    await ledger.post(
      'disbursements',
      disbursement('idle-D', 'idle', {
        ...{ disbursed_on: '2018-12-01', credited_on: '2018-12-02' },
      }),
    );
    expect(await alerts('idle-one-year', 'idle', '2019-01-10')).toEqual([
      'medium 4000 2018-01-10 365 open',
    ]);
    expect(await alerts('idle-one-year', 'idle-D', '2019-01-10')).toEqual([
      'medium 6000 2018-01-10 365 open',
    ]);
    expect(await alerts('idle-two-years', 'idle-D', '2020-01-10')).toEqual([
      'high 6000 2018-01-10 730 open',
    ]);
    expect(await alerts('idle-one-year', 'idle-D', '2020-01-10', { status: 'closed' })).toEqual([
      'medium 6000 2018-01-10 729 closed 2020-01-10',
    ]);
  });

  it('“passing on, supplementing and pooling never make money younger”', async () => {
    await given('old', {
      receiver_region: '450100',
      issued_on: '2017-03-05',
      received_on: '2017-03-06',
    });
    await given('young', { issued_on: '2018-02-01', received_on: '2018-02-02' });
    await ledger.post(
      'supplements',
      supplement('young-S', 'young', {
        ...{ parent_id: 'old', issuer_region: '450100' },
        ...{ issued_on: '2018-04-01', received_on: '2018-04-02' },
      }),
    );
    expect(await alerts('idle-one-year', 'young', '2018-04-01')).toEqual(nothing);
    expect(await alerts('idle-one-year', 'young', '2018-04-02')).toEqual([
      'medium 15000 2017-03-05 393 open',
    ]);
  });
});

describe('§4 cash-parked 以拨代支: 60 days since the last movement, high', () => {
  it('fires one past the limit on unspent cash; a movement closes it and the days begin anew', async () => {
    await given('cp');
    await ledger.post('disbursements', disbursement('cp-D', 'cp'));
    const on = (asOf: string, asked: Asked = {}) => alerts('cash-parked', 'cp-D', asOf, asked);
    expect(await on('2018-05-01')).toEqual(nothing);
    expect(await on('2018-05-02')).toEqual(['high 6000 2018-03-02 61 open']);
    await ledger.post('payments', payment('cp-P', 'cp-D', { amount: '20', paid_on: '2018-05-10' }));
    expect(await on('2018-05-10', { status: 'closed' })).toEqual([
      'high 6000 2018-03-02 68 closed 2018-05-10',
    ]);
    expect(await on('2018-07-09')).toEqual(nothing);
    expect(await on('2018-07-10')).toEqual(['high 4000 2018-05-10 61 open']);
  });

  it('not before the credit', async () => {
    await given('cp-way');
    const notCredited = { credited_on: '' };
    await ledger.post('disbursements', disbursement('cp-way-D', 'cp-way', notCredited));
    expect(await alerts('cash-parked', 'cp-way-D', '2019-01-01', { status: 'all' })).toEqual(
      nothing,
    );
  });
});

describe('§4 left-over 项目结余: 90 days after acceptance or closing, medium', () => {
  beforeAll(async () => {
    const accepted = { accepted_on: '2018-06-01', closed_on: '2018-07-01' };
    await ledger.post(
      'projects',
      project('lo', accepted),
      project('lo-closed', { closed_on: '2018-06-01' }),
    );
    const of = { project_id: 'lo', receiver_region: '450125' };
    await given('lo-A', { ...of, amount: '30' });
    await given('lo-B', { ...of, amount: '12' });
    await given('lo-C', { ...of, amount: '5' });
    await spend('lo-C-P', 'lo-C', { amount: '9', already_happened: 'yes', reason: '已付' });
    await given('lo-closed-A', { project_id: 'lo-closed' });
  });

  it('“starts at the earlier of acceptance and closing, and is the sum of the balances above zero”', async () => {
    expect(await alerts('left-over', 'lo', '2018-08-30')).toEqual(nothing);
    expect(await alerts('left-over', 'lo', '2018-08-31')).toEqual([
      'medium 4200 2018-06-01 91 open',
    ]);
    expect(await alerts('left-over', 'lo-closed', '2018-08-31')).toEqual([
      'medium 10000 2018-06-01 91 open',
    ]);
  });

  it('its county is the project’s', async () => {
    const asked = { rule: 'left-over', asOf: '2018-08-31' };
    const subjects = async (county: string) =>
      (await ledger.alerts({ ...asked, county })).map(({ subjectId }) => subjectId);
    expect(await subjects('450124')).toEqual(['lo', 'lo-closed']);
    expect(await subjects('450125')).toEqual([]);
  });
});

describe('§6 overdrawn: high at once, until no longer negative', () => {
  it('since the payment; “begins on the first day of the present spell”', async () => {
    await given('od', { amount: '10' });
    const happened = { already_happened: 'yes', reason: '汛期抢修已付' };
    await spend('od-1', 'od', { ...happened, amount: '14', paid_on: '2018-04-01' });
    const on = (asOf: string, asked: Asked = {}) => alerts('overdrawn', 'od', asOf, asked);
    expect(await on('2018-03-31')).toEqual(nothing);
    expect(await on('2018-04-01')).toEqual(['high 400 2018-04-01 0 open']);
    await ledger.post(
      'supplements',
      supplement('od-S', 'od', {
        ...{ amount: '4', issued_on: '2018-05-01', received_on: '2018-05-03' },
      }),
    );
    expect(await on('2018-05-03', { status: 'all' })).toEqual([
      'high 400 2018-04-01 31 closed 2018-05-03',
    ]);
    await spend('od-2', 'od', { ...happened, amount: '1', paid_on: '2018-06-01' });
    expect(await on('2018-06-11')).toEqual(['high 100 2018-06-01 10 open']);
  });
});
