import type { AlertAnswer, AlertsAnswer } from './support/answers.js';
import { onItsWay } from './support/rows.js';
import { type Asked, expectOk, theLedger } from './support/the-ledger.js';
import { watched } from './support/watched.js';

const ledger = theLedger();
const { alerts, given, spend } = watched(ledger);
const nothing: string[] = [];

describe('§4 the list', () => {
  const SEEN = { asOf: '2018-12-31', county: '450700' };
  const ids = (list: readonly AlertAnswer[]) => list.map(({ id }) => id);

  beforeAll(async () => {
    await given('l-far', { receiver_region: '451021' });
    await given('l-1', { receiver_region: '450721' });
    await given('l-2', { receiver_region: '450722' });
    await given('l-3', { receiver_region: '450700', received_on: '2018-02-20' });
    await given('l-way', { receiver_region: '450722', ...onItsWay });
    await spend('l-2-P', 'l-2', { amount: '100' });
  });

  it('“`county` is the subject’s own region; the filter is a prefix”', async () => {
    const subjects = async (county: string) =>
      (await ledger.alerts({ ...SEEN, county })).map((one) => `${one.rule} ${one.subjectId}`);
    const all = ['not-acknowledged l-way', 'not-disbursed l-1', 'passed-on-late l-3'];
    expect((await subjects('4507')).sort()).toEqual(all);
    expect((await subjects('450700')).sort()).toEqual(all);
    expect((await subjects('45')).sort()).toEqual([...all, 'not-disbursed l-far'].sort());
    expect(await subjects('450722')).toEqual(['not-acknowledged l-way']);
    expect(await subjects('440000')).toEqual([]);
  });

  it('“without `status`: those open on the day”', async () => {
    const of = (status?: string) => ledger.alerts({ ...SEEN, status });
    const [open, closed, all] = [await of('open'), await of('closed'), await of('all')];
    expect(ids(await of())).toEqual(ids(open));
    expect(closed.map(({ rule, subjectId }) => `${rule} ${subjectId}`)).toEqual([
      ...['not-acknowledged l-3', 'not-disbursed l-2'],
    ]);
    expect(ids(all).sort()).toEqual([...ids(open), ...ids(closed)].sort());
  });

  it('says what fired, on which basis and on which figures', async () => {
    const [alert] = await ledger.alerts({ ...SEEN, rule: 'not-disbursed' });
    expect(alert).toMatchObject({
      ...{ rule: 'not-disbursed', title: '滞留', subjectKind: 'holding', county: '450721' },
      evidence: {
        ...{ documentNo: '桂财农〔2018〕1号', receivedOn: '2018-01-20', limitDays: 60 },
        ...{ availableFen: '10000', lastMovementOn: '2018-01-20' },
      },
    });
    const basis = await ledger.alerts({ ...SEEN, asOf: '2020-12-31', status: 'all' });
    expect(new Map(basis.map(({ rule, legalBasis }) => [rule, legalBasis]))).toEqual(
      new Map([
        ['not-acknowledged', expect.stringContaining('内部管理')],
        ['passed-on-late', expect.stringContaining('预算法》第五十二条')],
        ['not-disbursed', expect.stringContaining('动态监控')],
        ['idle-one-year', expect.stringContaining('财农〔2017〕115号')],
        ['idle-two-years', expect.stringMatching(/预算法》第四十二条.*国办发〔2014〕70号/)],
      ]),
    );
  });

  it('pages of one are the whole, on one snapshot', async () => {
    const whole = await ledger.alerts(SEEN);
    expect(await ledger.alerts({ ...SEEN, limit: 1 })).toEqual(whole);
    const page = (asked: Asked) =>
      ledger.as('inspector').get<AlertsAnswer>('/api/v1/alerts', { ...SEEN, limit: 1, ...asked });
    const first = expectOk(await page({}));
    await given('l-late', {
      receiver_region: '450722',
      issued_on: '2018-01-01',
      received_on: '2018-01-20',
    });
    await spend('l-1-P', 'l-1', { amount: '100' });
    const found = [...first.alerts];
    for (let { next } = first; next !== null;) {
      const following: AlertsAnswer = expectOk(await page({ cursor: next }));
      found.push(...following.alerts);
      next = following.next;
    }
    expect(found).toEqual(whole);
    expect(ids(await ledger.alerts(SEEN))).not.toEqual(ids(whole));
  });

  it('what cannot be asked is a problem with a code', async () => {
    const ask = async (asked: Asked) => {
      const { status, body } = await ledger.as('inspector').get('/api/v1/alerts', asked);
      return `${status} ${(body as { code: string }).code}`;
    };
    expect([
      await ask({ rule: 'no-rule' }),
      await ask({ county: '990000' }),
      await ask({ county: 'abc' }),
      await ask({ status: 'half' }),
      await ask({ asOf: '2018-02-30' }),
      await ask({ knownAt: 'yesterday' }),
    ]).toEqual([
      ...['400 unknown-rule', '404 unknown-region', '400 bad-value', '400 bad-value'],
      ...['400 bad-value', '400 bad-value'],
    ]);
  });
});

describe('§4 as known at a moment, and as the days pass', () => {
  it('a later posting does not change what was known', async () => {
    await given('ka', { receiver_region: '450821' });
    const { entries } = await ledger.events({ after: 0, limit: 1000 });
    const known = entries.at(-1)?.envelope['recordedAt'] as string;
    await spend('ka-P', 'ka', { amount: '100', paid_on: '2018-02-01' });
    const asked = { rule: 'not-disbursed', subject: 'ka', status: 'all' };
    const on = (asOf: string, knownAt?: string) => ledger.alerts({ ...asked, asOf, knownAt });
    expect(await on('2018-12-31')).toEqual([]);
    expect(await on('2018-12-31', known)).toMatchObject([{ status: 'open', amountFen: '10000' }]);
    expect(await on('2018-12-31', '2018-12-31T00:00:00Z')).toEqual([]);
  });

  it('“alerts advance with the calendar even when nothing is posted”; without asOf it is today', async () => {
    await given('calendar', { receiver_region: '450921' });
    const { next } = await ledger.events({ after: 0, limit: 1000 });
    const of = async (asOf?: string) =>
      (await ledger.alerts({ county: '450921', asOf })).map(({ rule }) => rule).sort();
    expect([
      await of('2018-03-21'),
      await of('2018-03-22'),
      await of('2019-01-10'),
      await of('2020-01-10'),
      await of(),
    ]).toEqual([
      ...[[], ['not-disbursed'], ['idle-one-year', 'not-disbursed']],
      ...[
        ['idle-two-years', 'not-disbursed'],
        ['idle-two-years', 'not-disbursed'],
      ],
    ]);
    expect((await ledger.events({ after: 0, limit: 1000 })).next).toEqual(next);
  });
});

describe('§4 “every limit is a dated, per-jurisdiction setting”', () => {
  const set = async (limit: object, by: 'admin' | 'maker' = 'admin') => {
    const { status, body } = await ledger.as(by).post('/api/v1/settings/limits', limit);
    return status === 201 ? '201' : `${status} ${(body as { code: string }).code}`;
  };
  const LIMIT = {
    ...{ rule: 'not-disbursed', region: '450324', limitDays: 10, validFrom: '2018-02-10' },
    basis: '市财政局规定',
  };

  it('in force from its day on, in its region; the next one from its own day on', async () => {
    await given('lim', { receiver_region: '450324' });
    await given('lim-beside', { receiver_region: '450325' });
    expect(await set(LIMIT)).toBe('201');
    const on = (asOf: string) => alerts('not-disbursed', 'lim', asOf, { status: 'all' });
    expect(await on('2018-02-09')).toEqual(nothing);
    expect(await on('2018-02-10')).toEqual(['medium 10000 2018-01-20 21 open']);
    expect(await alerts('not-disbursed', 'lim-beside', '2018-02-10')).toEqual(nothing);
    expect(await set({ ...LIMIT, limitDays: 90, validFrom: '2018-03-01' })).toBe('201');
    expect(await on('2018-03-01')).toEqual(['medium 10000 2018-01-20 39 closed 2018-03-01']);
    expect(await on('2018-04-20')).toHaveLength(1);
    expect(await on('2018-04-21')).toEqual([
      'medium 10000 2018-01-20 39 closed 2018-03-01',
      'medium 10000 2018-01-20 91 open',
    ]);
  });

  it('for some fund types alone; twice the limit follows it', async () => {
    const bond = { ...LIMIT, rule: 'passed-on-late', region: '4504', fundTypes: ['bond'] };
    expect(await set({ ...bond, validFrom: '2018-01-01' })).toBe('201');
    await given('lim-bond', { receiver_region: '450400', fund_type: 'bond' });
    await given('lim-central', { receiver_region: '450400' });
    expect(await alerts('passed-on-late', 'lim-bond', '2018-01-31')).toEqual([
      'medium 10000 2018-01-20 11 open',
    ]);
    expect(await alerts('passed-on-late', 'lim-bond', '2018-02-09')).toEqual([
      'high 10000 2018-01-20 20 open',
    ]);
    expect(await alerts('passed-on-late', 'lim-central', '2018-02-19')).toEqual(nothing);
  });

  it('an administrator sets it, in the own jurisdiction, for a rule that has one', async () => {
    expect([
      await set(LIMIT, 'maker'),
      await set({ ...LIMIT, region: '440000' }),
      await set({ ...LIMIT, region: '999999' }),
      await set({ ...LIMIT, rule: 'overdrawn' }),
      await set({ ...LIMIT, rule: 'no-rule' }),
      await set({ ...LIMIT, limitDays: -1 }),
      await set({ ...LIMIT, validFrom: '2018-02-30' }),
    ]).toEqual([
      ...['403 not-allowed', '403 out-of-jurisdiction', '400 unknown-region'],
      ...['400 rule-without-limit', '400 unknown-rule', '400 bad-value', '400 bad-value'],
    ]);
  });
});
