import type { TraceAnswer } from './support/answers.js';
import { IN_JULY, IN_MAY, postEveryMovement } from './support/every-movement.js';
import { allocation, disbursement, onItsWay, payment, project } from './support/rows.js';
import { reversal, supplement } from './support/rows.js';
import { type Asked, expectOk, theLedger } from './support/the-ledger.js';

const ledger = theLedger();
beforeAll(() => postEveryMovement(ledger));

const LATE = { asOf: '2018-12-31' } as const;

/** `from → to amount days`, amounts in 元, `~` before a share. */
const drawn = ({ edges }: TraceAnswer): string[] =>
  edges.map(({ from, to, amountFen, daysSincePrevious, estimate }) =>
    [estimate ? `~${from}` : from, '→', to, inYuan(amountFen), daysSincePrevious].join(' '),
  );

function inYuan(amountFen: string | null): string {
  if (amountFen === null) return 'null';
  const digits = amountFen.padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`.replace(/\.00$/, '');
}

const down = async (id: string, asked: Asked = LATE) => drawn(await ledger.down(id, asked));
const up = async (id: string, asked: Asked = LATE) => drawn(await ledger.up(id, asked));

const BELOW_T = ['T → P2 30 49', 'P2 → T 5 10', 'T → P2 5 110'];
const BELOW_D1 = ['D1 → P1 90 20', 'D1 → P3 10 22', 'P1 → D1 15 9', 'P3 → D1 10 59'];
const BETWEEN_M_AND_D1 = ['D1 → M 25 50', 'D1 → M 5 51', 'D1 → M 4 61'];
const UNDONE = ['M → D1 5 151', 'M → D1 4 156'];
const BELOW_M = [
  ...['M → T 80 5', ...BELOW_T, 'M → D1 150 33', ...BELOW_D1],
  ...[...BETWEEN_M_AND_D1, ...UNDONE],
];

describe('§6 Trace, downward', () => {
  it('“one edge a movement at its recorded amount, source to target; returns and reversals are edges the other way”', async () => {
    expect(await down('M', IN_JULY)).toEqual(BELOW_M);
  });

  it('as of a day it ends there', async () => {
    const later = ['T → P2 5 110', 'P3 → D1 10 59', ...UNDONE];
    expect(await down('M', IN_MAY)).toEqual(BELOW_M.filter((edge) => !later.includes(edge)));
    expect(await down('M', { asOf: '2018-03-09' })).toEqual(['M → T 80 5']);
  });

  it('an edge names its day, document or voucher, and its record', async () => {
    const { edges } = await ledger.down('C', IN_JULY);
    const edge = (from: string, to: string) => edges.find((e) => e.from === from && e.to === to);
    expect(edge('C', 'M')).toMatchObject({
      ...{ occurredOn: '2018-02-01', documentNo: '桂财农〔2018〕1号', voucherNo: null },
    });
    expect(edge('D1', 'P1')).toMatchObject({ occurredOn: '2018-04-01', voucherNo: 'V-P1' });
    const trail = await ledger.trail('450124', IN_JULY);
    const eventIdOf = (id: string) => trail.find(({ recordId }) => recordId === id)?.eventId;
    expect(edge('D1', 'P1')?.eventId).toBe(eventIdOf('P1'));
    expect(edge('P1', 'D1')?.eventId).toBe(eventIdOf('B1'));
    expect(edge('P3', 'D1')?.eventId).toBe(eventIdOf('Z-P3'));
  });

  it('“nodes are the recorded ids” with kind, region, label, amount and what is available', async () => {
    const { nodes } = await ledger.down('M', IN_JULY);
    const text = nodes.map(({ id, kind, region, label, amountFen, availableFen }) =>
      [id, kind, region, label, amountFen, availableFen].join(' '),
    );
    expect(text).toEqual([
      'M allocation 450124  34000 12700',
      'T allocation 450124100  8000 5000',
      'P2 payment 450124100 广西路桥有限公司 3000 ',
      'D1 disbursement 450124 马山县交通运输局 15000 5000',
      'P1 payment 450124 广西路桥有限公司 9000 ',
      'P3 payment 450124 广西路桥有限公司 1000 ',
    ]);
  });

  it('“untracedFen down = money in transit below the start”', async () => {
    const untraced = async (id: string, asked: Asked) =>
      inYuan((await ledger.down(id, asked)).untracedFen);
    // 退回 CR2; with it the disbursement D2 and the 收回 RC2; with these the allocation W.
    expect(await untraced('M', IN_MAY)).toBe('5');
    expect(await untraced('C', IN_MAY)).toBe('77');
    expect(await untraced('R', IN_MAY)).toBe('127');
    expect(await untraced('M', IN_JULY)).toBe('0');
    expect(await untraced('R', IN_JULY)).toBe('12');
    expect(await untraced('R', { asOf: '2018-01-16' })).toBe('600');
  });

  it('“behind a reversed movement a trace shows nothing”', async () => {
    expect(await down('L', IN_JULY)).toEqual(['L → D3 6 42', 'D3 → L 6 116']);
    expect(await down('D3', IN_JULY)).toEqual([]);
    expect(await down('W', IN_JULY)).toEqual([]);
    expect(await up('D2', IN_JULY)).toEqual(['S1 → D2 60 28', 'D2 → S1 60 ']);
    expect(await up('P3', IN_JULY)).toEqual(['D1 → P3 10 22', 'P3 → D1 10 59']);
  });

  it('a supplement “on its way is an edge of the trace, but no line before it is acknowledged”', async () => {
    const pot = { receiver_region: '450102' };
    await ledger.post('allocations', allocation('way', pot), allocation('way-pot', { ...pot }));
    await ledger.post(
      'supplements',
      supplement('way-S', 'way', { parent_id: 'way-pot', issuer_region: '450102', ...onItsWay }),
    );
    await ledger.post('payments', payment('way-P', 'way', { method: 'direct' }));
    expect(await down('way-pot')).toEqual(['way-pot → way 50 12']);
    expect((await ledger.down('way-pot', LATE)).untracedFen).toBe('5000');
    expect(await down('way-S')).toEqual([]);
    expect(await up('way-P')).toEqual([
      ...['way → way-P 40 71', 'outside:45 → way 100 ', 'way-pot → way 50 12'],
    ]);
  });
});

describe('§6 Trace, upward', () => {
  it('“outside:<region> where money entered”, from where no days are counted', async () => {
    expect(await up('S1', IN_MAY)).toEqual([
      ...['C → S1 100 12', 'S1 → C 12 85', 'R → C 600 5', 'outside:000000 → R 1000 '],
    ]);
    const { nodes } = await ledger.up('S1', IN_MAY);
    expect(nodes.at(-1)).toEqual({
      ...{ id: 'outside:000000', kind: 'outside', region: '000000', label: null },
      ...{ amountFen: null, availableFen: null },
    });
  });

  it('收回 without a parent goes back out', async () => {
    expect(await up('L', IN_JULY)).toEqual([
      'outside:450124 → L 20 ',
      'L → outside:450124 3 98',
      'outside:450124 → L 3 ',
    ]);
  });

  it('“upward from the first holding with several lines, edges carry shares of the start’s amount … rounded down, the remainder to the first line”', async () => {
    const { edges } = await ledger.up('P1', IN_JULY);
    const shares = edges.filter(({ estimate }) => estimate);
    expect(shares.map((e) => `${e.from} → ${e.to} ${e.amountFen}`)).toEqual([
      // 9000 × 300/340 = 7941.2 and 9000 × 40/340 = 1058.8
      ...['C → M 7942', 'R → M 1058', 'R → C 7942', 'outside:000000 → R 9000'],
    ]);
    expect(drawn({ edges } as TraceAnswer).filter((edge) => !edge.startsWith('~'))).toEqual([
      ...['D1 → P1 90 20', 'P1 → D1 15 9'],
      ...['M → D1 150 33', ...BETWEEN_M_AND_D1, ...UNDONE],
      // What was recorded between M and its givers besides its lines.
      ...['M → C 35 89', 'M → R 8 91', 'C → M 35 166'],
    ]);
  });

  it('the start itself may be the first with several lines: its amount is what it holds on the day', async () => {
    expect((await up('M', IN_MAY)).filter((edge) => edge.startsWith('~'))).toEqual([
      ...['~C → M 300 12', '~R → M 40 50', '~R → C 300 5', '~outside:000000 → R 340 '],
    ]);
    expect(await up('M', { asOf: '2018-03-04' })).toEqual([
      ...['C → M 300 12', 'R → M 40 50', 'R → C 600 5', 'outside:000000 → R 1000 '],
    ]);
  });

  it('three lines, each of the shares rounded down, and shares of shares', async () => {
    const here = { receiver_region: '450103' };
    const own = (amount: string) => ({ parent_id: 'mix-pot', issuer_region: '450103', amount });
    await ledger.post('allocations', allocation('mix-pot', { ...here, amount: '7' }));
    await ledger.post('supplements', supplement('mix-pot-2', 'mix-pot', { amount: '3' }));
    await ledger.post('allocations', allocation('mix', { ...here, amount: '1' }));
    await ledger.post(
      'supplements',
      supplement('mix-2', 'mix', { amount: '1' }),
      supplement('mix-3', 'mix', {
        ...own('1'),
        issued_on: '2018-02-20',
        received_on: '2018-02-21',
      }),
    );
    await ledger.post('payments', payment('mix-P', 'mix', { amount: '0.11', method: 'direct' }));
    expect(await up('mix-P')).toEqual([
      'mix → mix-P 0.11 71',
      ...['~outside:45 → mix 0.05 ', '~outside:45 → mix 0.03 ', '~mix-pot → mix 0.03 31'],
      ...['~outside:45 → mix-pot 0.03 ', '~outside:45 → mix-pot 0 '],
    ]);
  });

  it('a reversed line is no line any more', async () => {
    const here = { receiver_region: '450105' };
    await ledger.post('allocations', allocation('once', here));
    await ledger.post('supplements', supplement('once-S', 'once'));
    await ledger.post('payments', payment('once-P', 'once', { method: 'direct' }));
    await ledger.post('reversals', reversal('once-Z', 'once-S', { reversed_on: '2018-06-01' }));
    expect(await up('once-P', { asOf: '2018-05-31' })).toEqual([
      ...['once → once-P 40 71', '~outside:45 → once 26.67 ', '~outside:45 → once 13.33 '],
    ]);
    expect(await up('once-P')).toEqual([
      ...['once → once-P 40 71', 'outside:45 → once 100 ', 'outside:45 → once 50 '],
      'once → outside:45 50 132',
    ]);
  });

  it('“untracedFen up = how far holdings on the way are below zero”', async () => {
    await ledger.post('allocations', allocation('short', { receiver_region: '450105' }));
    const happened = { method: 'direct', already_happened: 'yes', reason: '汛期抢修已付' };
    await ledger.post('payments', payment('short-P', 'short', { ...happened, amount: '130.5' }));
    expect((await ledger.up('short-P', LATE)).untracedFen).toBe('3050');
    expect((await ledger.up('short', LATE)).untracedFen).toBe('3050');
    expect((await ledger.down('short', LATE)).untracedFen).toBe('0');
    expect((await ledger.up('P1', IN_JULY)).untracedFen).toBe('0');
  });
});

describe('§4 “from any allocation, disbursement, payment or project”, and a supplement', () => {
  it('a supplement: up along its own line, with what of it came back; down from the allocation it made grow', async () => {
    expect(await up('U', IN_JULY)).toEqual([
      ...['R → M 40 50', 'M → R 8 91', 'outside:000000 → R 1000 '],
    ]);
    expect(await down('U', IN_JULY)).toEqual(BELOW_M);
  });

  it('its share goes on in proportion when its giver has several lines', async () => {
    const here = { receiver_region: '450110' };
    const given = { parent_id: 'two', issuer_region: '450110', amount: '30' };
    await ledger.post('allocations', allocation('two', here), allocation('grown', here));
    await ledger.post(
      'supplements',
      supplement('two-S', 'two', { amount: '100', received_on: '2018-02-02' }),
      supplement('grown-S', 'grown', {
        ...given,
        issued_on: '2018-03-01',
        received_on: '2018-03-02',
      }),
    );
    expect(await up('grown-S')).toEqual([
      ...['two → grown 30 40', '~outside:45 → two 15 ', '~outside:45 → two 15 '],
    ]);
  });

  it('“from a project: its holdings and payments, then up or down”', async () => {
    await ledger.post(
      'projects',
      project('X', { county: '450107', planned_amount: '90', unit: '元' }),
    );
    const here = { receiver_region: '450107' };
    await ledger.post(
      'allocations',
      allocation('X-A', { ...here, project_id: 'X' }),
      allocation('X-other', here),
    );
    await ledger.post('disbursements', disbursement('X-D', 'X-A'));
    await ledger.post(
      'payments',
      payment('X-P1', 'X-D'),
      payment('X-P2', 'X-other', { project_id: 'X', amount: '7', method: 'direct' }),
      payment('no-P', 'X-other', { amount: '5', method: 'direct' }),
    );
    expect(await down('X')).toEqual(['X-A → X-D 60 40', 'X-D → X-P1 40 30']);
    const { nodes } = await ledger.down('X', LATE);
    expect(nodes.map(({ id, kind }) => `${id} ${kind}`).sort()).toEqual([
      ...['X project', 'X-A allocation', 'X-D disbursement', 'X-P1 payment', 'X-P2 payment'],
    ]);
    expect(nodes.find(({ id }) => id === 'X')).toMatchObject({
      ...{ region: '450107', label: '通屯道路硬化', amountFen: '9000', availableFen: null },
    });
    expect((await up('X')).sort()).toEqual([
      ...['X-A → X-D 60 40', 'X-D → X-P1 40 30', 'X-other → X-P2 7 71'],
      ...['outside:45 → X-A 100 ', 'outside:45 → X-other 100 '],
    ]);
  });

  it('a project whose holdings have several lines, one below the other', async () => {
    await ledger.post('projects', project('Y', { county: '450108' }));
    const mine = { receiver_region: '450108', project_id: 'Y' };
    await ledger.post('allocations', allocation('Y-A', mine));
    await ledger.post('supplements', supplement('Y-S', 'Y-A', { amount: '50' }));
    await ledger.post('disbursements', disbursement('Y-D', 'Y-A', { amount: '90' }));
    await ledger.post('payments', payment('Y-P', 'Y-D', { amount: '33' }));
    // What a holding of the project gave to another one of it is part of its own 150.
    expect((await up('Y')).sort()).toEqual([
      ...['Y-A → Y-D 90 40', 'Y-D → Y-P 33 30'],
      ...['~outside:45 → Y-A 100 ', '~outside:45 → Y-A 50 '],
    ]);
  });

  it('nothing of this id on the day is 404 with a code, never an empty trace', async () => {
    const ask = (id: string, asked: Asked) =>
      ledger.as('inspector').get(`/api/v1/trace/${id}`, asked);
    const missing = [
      ...[await ask('nobody', LATE), await ask('M', { asOf: '2018-01-31' })],
      ...[await ask('B1', LATE), await ask('M', { knownAt: '2018-01-01T00:00:00Z' })],
    ];
    for (const { status, body } of missing) {
      expect([status, body]).toMatchObject([404, { code: 'unknown-record' }]);
    }
  });
});

describe('§6 “no depth = all of it, paged”', () => {
  it.each([
    [1, ['C → M 300 12', 'C → S1 100 12', 'C → V 7 40', 'M → C 35 89', 'S1 → C 12 85']],
    [2, ['S1 → D2 60 28', 'M → T 80 5', 'M → D1 150 33', ...BETWEEN_M_AND_D1]],
  ])('depth %i shows so many movements behind the start', async (depth, expected) => {
    const shown = await down('C', { ...IN_MAY, depth });
    expect(shown).toEqual(expect.arrayContaining(expected));
    expect(shown).toHaveLength(depth === 1 ? expected.length : expected.length + 5);
    expect(await down('C', { ...IN_MAY, depth: 1000 })).toEqual(await down('C', IN_MAY));
  });

  it('upward likewise', async () => {
    expect(await up('S1', { ...IN_MAY, depth: 1 })).toEqual(['C → S1 100 12', 'S1 → C 12 85']);
  });

  it.each([1, 3, 7])(
    'pages of %i edges together are the whole, each node named once it is needed',
    async (limit) => {
      const starts = [
        ...([
          ['R', 'down'],
          ['P1', 'up'],
          ['U', 'up'],
          ['C', 'down'],
        ] as const),
      ];
      for (const [id, direction] of starts) {
        const whole = await ledger[direction](id, IN_JULY);
        expect(await ledger[direction](id, { ...IN_JULY, limit })).toEqual({
          ...whole,
          nodes: expect.arrayContaining([...whole.nodes]),
        });
      }
    },
  );

  it('a cursor pins the snapshot: what is posted meanwhile does not enter the pages that follow', async () => {
    const here = { receiver_region: '450109' };
    await ledger.post('allocations', allocation('pin', here));
    await ledger.post('payments', payment('pin-1', 'pin', { amount: '1', method: 'direct' }));
    await ledger.post('payments', payment('pin-2', 'pin', { amount: '2', method: 'direct' }));
    const ask = (page: Asked) =>
      ledger.as('checker').get<TraceAnswer>('/api/v1/trace/pin', { ...LATE, limit: 1, ...page });
    const first = expectOk(await ask({}));
    await ledger.post('payments', payment('pin-3', 'pin', { amount: '3', method: 'direct' }));
    await ledger.post('reversals', reversal('pin-Z', 'pin-1'));
    const second = expectOk(await ask({ cursor: first.next ?? '' }));
    expect([...drawn(first), ...drawn(second)]).toEqual(['pin → pin-1 1 71', 'pin → pin-2 2 71']);
    expect(second.next).toBeNull();
    expect(await down('pin')).toHaveLength(4);
    const foreign = await ledger
      .as('checker')
      .get('/api/v1/trace/M', { ...LATE, cursor: first.next ?? '' });
    expect([foreign.status, foreign.body]).toMatchObject([400, { code: 'bad-cursor' }]);
  });
});
