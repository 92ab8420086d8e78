import { addDays, type Day } from '../calendar.js';
import { type Fen, fen, ZERO } from '../money.js';
import { parseRegion, type RegionCode } from '../region.js';
import { alertSpells, judgements } from './alerts.js';
import { type Facts, type HoldingFacts, type LineFacts, runningBalances } from './facts.js';
import { LimitBook, type LimitSetting } from './limits.js';
import { RULES } from './registry.js';
import type { Outcome } from './rule.js';

const day = (text: string): Day => text as Day;
const region = (text: string): RegionCode => parseRegion(text) as RegionCode;
const yuan = (amount: number): Fen => fen(BigInt(amount) * 100n);

const NO_SETTINGS = new LimitBook([]);

interface Example {
  readonly kind?: HoldingFacts['kind'];
  readonly region?: string;
  readonly fundType?: string;
  readonly line?: Partial<LineFacts>;
  readonly supplements?: readonly Partial<LineFacts>[];
  /** Changes in yuan by day; without any: the amount on the day of receipt. */
  readonly moves?: readonly (readonly [string, number])[];
  readonly originalIssuedOn?: string;
}

function holding(example: Example = {}): HoldingFacts {
  const fundType = example.fundType ?? 'central-special';
  const blank = { documentNo: '桂财农〔2018〕1号', amountFen: yuan(100) };
  const line: LineFacts = {
    ...blank,
    id: 'A-1',
    issuedOn: day('2018-03-01'),
    receivedOn: day('2018-03-05'),
    reversedOn: null,
    ...example.line,
  };
  const first = line.receivedOn ?? line.issuedOn;
  const moves = example.moves ?? [[first, 100]];
  const origin = day(example.originalIssuedOn ?? line.issuedOn);
  return {
    subject: 'holding',
    id: line.id,
    kind: example.kind ?? 'allocation',
    region: region(example.region ?? '450124'),
    fundType,
    firstLine: line,
    supplements: (example.supplements ?? []).map((supplement, index) => ({
      ...blank,
      id: `S-${index + 1}`,
      issuedOn: day('2018-03-01'),
      receivedOn: null,
      reversedOn: null,
      ...supplement,
    })),
    balances: runningBalances([
      { day: line.issuedOn, deltaFen: ZERO },
      ...moves.map(([on, amount]) => ({ day: day(on), deltaFen: yuan(amount) })),
    ]),
    origins: [{ from: null, originalIssuedOn: origin }],
  };
}

function ask(
  rule: string,
  facts: Facts,
  on: string,
  limits = NO_SETTINGS,
  subject?: string,
): string {
  const found = judgements(facts, limits).find(
    (one) => one.rule.id === rule && (subject === undefined || one.subjectId === subject),
  );
  if (!found) throw new Error(`nothing judges ${rule}`);
  return short(found.evaluate(day(on)));
}

function short(outcome: Outcome): string {
  if (outcome.outcome !== 'fires') return outcome.outcome;
  const { since, days, amountFen, severity } = outcome;
  return `${severity} ${days} days since ${since} ¥${amountFen / 100n}`;
}

const setting = (over: Partial<LimitSetting>): LimitSetting => ({
  rule: 'not-disbursed',
  region: region('45'),
  fundTypes: null,
  validFrom: day('2018-01-01'),
  limitDays: 30,
  ...over,
});

describe('下达未收文 not-acknowledged: sent and nobody said it arrived', () => {
  const sent = holding({ line: { receivedOn: null } });
  it.each([
    ['exactly at 10 days', '2018-03-11', 'clear'],
    ['one day past', '2018-03-12', 'medium 11 days since 2018-03-01 ¥100'],
    ['before it was issued', '2018-02-01', 'clear'],
  ])('%s', (_, on, expected) => expect(ask('not-acknowledged', sent, on)).toBe(expected));

  it('ends on the day of receipt, and on the day of reversal', () => {
    const received = holding({ line: { receivedOn: day('2018-04-01') } });
    expect(ask('not-acknowledged', received, '2018-03-31')).toMatch(/^medium 30/);
    expect(ask('not-acknowledged', received, '2018-04-01')).toBe('clear');
    const reversed = holding({ line: { receivedOn: null, reversedOn: day('2018-04-01') } });
    expect(ask('not-acknowledged', reversed, '2018-04-01')).toBe('clear');
  });

  it('covers a supplement with the supplement as subject', () => {
    const grown = holding({ supplements: [{ issuedOn: day('2018-06-01'), amountFen: yuan(7) }] });
    expect(ask('not-acknowledged', grown, '2018-06-11', NO_SETTINGS, 'S-1')).toBe('clear');
    expect(ask('not-acknowledged', grown, '2018-06-12', NO_SETTINGS, 'S-1')).toBe(
      'medium 11 days since 2018-06-01 ¥7',
    );
    const [spell] = alertSpells(grown, NO_SETTINGS).filter((alert) => alert.subjectId === 'S-1');
    expect(spell).toMatchObject({ subjectKind: 'supplement', region: '450124' });
  });

  it('does not look at cash on its way', () => {
    const cash = holding({ kind: 'disbursement', line: { receivedOn: null } });
    expect(ask('not-acknowledged', cash, '2019-03-01')).toBe('clear');
  });
});

describe('滞拨 passed-on-late: region and city pass on', () => {
  it.each([
    ['exactly at 30 days', 'central-special', '45', '2018-04-04', 'clear'],
    ['one past 30', 'central-special', '45', '2018-04-05', 'medium 31 days since 2018-03-05 ¥100'],
    [
      'one before twice',
      'central-special',
      '4501',
      '2018-05-03',
      'medium 59 days since 2018-03-05 ¥100',
    ],
    [
      'twice the limit',
      'central-special',
      '4501',
      '2018-05-04',
      'high 60 days since 2018-03-05 ¥100',
    ],
    ['own money at 60', 'region-special', '45', '2018-05-04', 'clear'],
    [
      'own money past 60',
      'city-special',
      '4501',
      '2018-05-05',
      'medium 61 days since 2018-03-05 ¥100',
    ],
    [
      'own money at twice',
      'region-special',
      '45',
      '2018-07-03',
      'high 120 days since 2018-03-05 ¥100',
    ],
    ['a county', 'central-special', '450124', '2018-05-05', 'clear'],
    ['the centre', 'central-special', '000000', '2018-05-05', 'clear'],
  ])('%s', (_, fundType, code, on, expected) =>
    expect(ask('passed-on-late', holding({ fundType, region: code }), on)).toBe(expected),
  );

  it('ends when everything is passed on, and a supplement never restarts the clock', () => {
    const moves = [
      ['2018-03-05', 100],
      ['2018-06-01', -100],
      ['2018-08-01', 40],
    ] as const;
    const facts = holding({ region: '45', moves });
    expect(ask('passed-on-late', facts, '2018-05-31')).toBe('high 87 days since 2018-03-05 ¥100');
    expect(ask('passed-on-late', facts, '2018-06-01')).toBe('clear');
    expect(ask('passed-on-late', facts, '2018-08-01')).toBe('high 149 days since 2018-03-05 ¥40');
    const spells = alertSpells(facts, NO_SETTINGS).filter((a) => a.rule === 'passed-on-late');
    expect(spells.map(({ opensOn, closesOn }) => [opensOn, closesOn])).toEqual([
      ['2018-04-05', '2018-06-01'],
      ['2018-08-01', null],
    ]);
    expect(new Set(spells.map(({ id }) => id)).size).toBe(2);
  });
});

describe('滞留 not-disbursed: the county holds it', () => {
  it.each([
    ['exactly at 60 days', '450124', '2018-05-04', 'clear'],
    ['one past', '450124', '2018-05-05', 'medium 61 days since 2018-03-05 ¥100'],
    ['179 days', '450124', '2018-08-31', 'medium 179 days since 2018-03-05 ¥100'],
    ['180 days', '450124102', '2018-09-01', 'high 180 days since 2018-03-05 ¥100'],
    ['a city', '4501', '2018-09-01', 'clear'],
  ])('%s', (_, code, on, expected) =>
    expect(ask('not-disbursed', holding({ region: code }), on)).toBe(expected),
  );

  it('sees nothing in a reversed allocation', () => {
    const reversed = holding({ line: { reversedOn: day('2018-06-01') } });
    expect(ask('not-disbursed', reversed, '2018-05-31')).toMatch(/^medium/);
    expect(ask('not-disbursed', reversed, '2018-06-01')).toBe('clear');
  });

  it('asks by the limit in force on the day', () => {
    const limits = new LimitBook([
      setting({ limitDays: 90 }),
      setting({ limitDays: 20, validFrom: day('2018-06-20') }),
    ]);
    const facts = holding();
    expect(ask('not-disbursed', facts, '2018-06-03', limits)).toBe('clear');
    expect(ask('not-disbursed', facts, '2018-06-19', limits)).toMatch(/^medium 106/);
    const spells = alertSpells(holding({ line: { receivedOn: day('2018-05-01') } }), limits);
    expect(spells.filter((a) => a.rule === 'not-disbursed')).toMatchObject([
      { opensOn: '2018-06-20', closesOn: null },
    ]);
  });
});

describe('结转 idle-one-year and idle-two-years: on the anniversary itself', () => {
  it.each([
    ['the day before one year', '2018-03-01', '2019-02-28', 'clear', 'clear'],
    ['one year', '2018-03-01', '2019-03-01', 'medium 365 days since 2018-03-01 ¥100', 'clear'],
    [
      'the day before two',
      '2018-03-01',
      '2020-02-29',
      'medium 730 days since 2018-03-01 ¥100',
      'clear',
    ],
    ['two years', '2018-03-01', '2020-03-01', 'clear', 'high 731 days since 2018-03-01 ¥100'],
    ['29 February, a year and a day less', '2016-02-29', '2017-02-27', 'clear', 'clear'],
    [
      '29 February counts as 28',
      '2016-02-29',
      '2018-02-28',
      'clear',
      'high 730 days since 2016-02-29 ¥100',
    ],
  ])('%s', (_, originalIssuedOn, on, one, two) => {
    const receivedOn = day('2016-03-05');
    const facts = holding({ originalIssuedOn, line: { receivedOn } });
    expect(ask('idle-one-year', facts, on)).toBe(one);
    expect(ask('idle-two-years', facts, on)).toBe(two);
  });

  it('watches unspent cash as well, but nothing that is not there yet', () => {
    const cash = holding({ kind: 'disbursement' });
    expect(ask('idle-one-year', cash, '2019-03-01')).toMatch(/^medium/);
    const onItsWay = holding({ kind: 'disbursement', line: { receivedOn: null } });
    expect(ask('idle-one-year', onItsWay, '2019-03-01')).toBe('clear');
  });

  it('cannot judge an age nobody recorded', () => {
    const facts = { ...holding(), origins: [{ from: null, originalIssuedOn: null }] };
    expect(ask('idle-one-year', facts, '2019-03-01')).toBe('cannot-be-judged');
    expect(alertSpells(facts, NO_SETTINGS).filter((a) => a.rule.startsWith('idle'))).toEqual([]);
  });
});

describe('以拨代支 cash-parked: credited and not moved', () => {
  const moves = [
    ['2018-03-05', 100],
    ['2018-04-01', -30],
  ] as const;
  const cash = holding({ kind: 'disbursement', moves });
  it.each([
    ['exactly at 60 days after the last movement', cash, '2018-05-31', 'clear'],
    ['one past', cash, '2018-06-01', 'high 61 days since 2018-04-01 ¥70'],
    ['an allocation', holding(), '2019-01-01', 'clear'],
  ])('%s', (_, facts, on, expected) => expect(ask('cash-parked', facts, on)).toBe(expected));

  it('closes with the next movement and opens again as a new alert', () => {
    const again = holding({ kind: 'disbursement', moves: [...moves, ['2018-07-01', -10]] });
    const spells = alertSpells(again, NO_SETTINGS).filter((a) => a.rule === 'cash-parked');
    expect(spells.map(({ since, opensOn, closesOn }) => [since, opensOn, closesOn])).toEqual([
      ['2018-04-01', '2018-06-01', '2018-07-01'],
      ['2018-07-01', '2018-08-31', null],
    ]);
  });
});

describe('项目结余 left-over: finished, and money is still there', () => {
  const project: Facts = {
    subject: 'project',
    id: 'P-1',
    county: region('450124'),
    acceptedOn: day('2018-06-01'),
    closedOn: day('2018-07-01'),
    holdings: [
      holding({ moves: [['2018-03-05', 30]] }),
      holding({ kind: 'disbursement', moves: [['2018-03-05', 12]] }),
      holding({ moves: [['2018-03-05', -5]] }),
      holding({ line: { receivedOn: null }, moves: [['2018-03-05', 900]] }),
    ],
  };
  it.each([
    ['exactly at 90 days after the acceptance', '2018-08-30', 'clear'],
    ['one past: the balances above zero', '2018-08-31', 'medium 91 days since 2018-06-01 ¥42'],
    ['before it was finished', '2018-05-01', 'clear'],
  ])('%s', (_, on, expected) => expect(ask('left-over', project, on)).toBe(expected));

  it('never fires for a project that is not finished', () => {
    const running = { ...project, acceptedOn: null, closedOn: null };
    expect(alertSpells(running, NO_SETTINGS)).toEqual([]);
  });
});

describe('超支 overdrawn: it had already happened', () => {
  const facts = holding({
    moves: [
      ['2018-03-05', 100],
      ['2018-04-01', -120],
      ['2018-04-10', -5],
      ['2018-05-01', 25],
      ['2018-06-01', -1],
    ],
  });
  it.each([
    ['the day before', '2018-03-31', 'clear'],
    ['at once', '2018-04-01', 'high 0 days since 2018-04-01 ¥20'],
    ['deeper, the same spell', '2018-04-10', 'high 9 days since 2018-04-01 ¥25'],
    ['no longer negative', '2018-05-01', 'clear'],
    ['again', '2018-06-03', 'high 2 days since 2018-06-01 ¥1'],
  ])('%s', (_, on, expected) => expect(ask('overdrawn', facts, on)).toBe(expected));
});

describe('the registry', () => {
  it('has every rule once, with a title and a basis in Chinese', () => {
    expect(new Set(RULES.map((rule) => rule.id)).size).toBe(RULES.length);
    for (const rule of RULES) expect(`${rule.title}${rule.legalBasis}`).toMatch(/^[\u4e00-\u9fff]/);
  });

  it('gives every alert of a day numbers without a person in them', () => {
    for (const one of judgements(holding(), NO_SETTINGS)) {
      const outcome = one.evaluate(addDays(day('2018-03-05'), 900));
      if (outcome.outcome !== 'fires') continue;
      expect(Object.keys(outcome.evidence).join()).not.toMatch(/name|account|payee/i);
    }
  });
});
