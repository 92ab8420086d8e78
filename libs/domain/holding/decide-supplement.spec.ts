import { accepted, given, happened, refused } from '../../../test/support/given.js';
import { itRefusesInOrder } from '../../../test/support/precedence.js';
import { REGION } from '../../../test/support/regions.js';
import {
  allocation,
  day,
  disbursement,
  payment,
  project,
  reversal,
  supplement,
} from '../../../test/support/rows.js';
import type { Row } from '../rows.js';
import { receivedOn } from './holding.js';

/** The allocation that grows: ¥100.00 with the county since 20 January. */
const county = allocation({ amount: 100_00n });
/** Another pot, ¥80.00 with the region since 20 January. */
const pot = allocation({
  ...{ id: 'A-0', amount: 80_00n, fundType: 'pooled' },
  ...{ issuerRegion: REGION.centre, receiverRegion: REGION.guangxi },
});
const pooled = (over: Parameters<typeof supplement>[0] = {}) =>
  supplement({ parentId: 'A-0', ...over });

describe('an allocation that grows from outside', () => {
  it('has more from the receipt on, while its own receipt stays what it was', () => {
    const { books } = given(county, supplement({ amount: 50_00n, receivedOn: day('2018-02-10') }));
    const holding = books.holding('A-1');
    expect(holding?.timeline.at(day('2018-02-09'))).toBe(100_00n);
    expect(holding?.timeline.at(day('2018-02-10'))).toBe(150_00n);
    expect(holding && receivedOn(holding)).toBe('2018-01-20');
  });

  it('lies in the stream of the allocation that grows, with its region and project', () => {
    const head = { streamId: 'holding-A-1', key: 'record:S-1', region: REGION.mashan };
    given(project(), { ...county, projectId: 'X-1' })
      .when(supplement())
      .then(
        happened(
          {
            ...{ type: 'SupplementIssued', ...head, index: 0, occurredOn: '2018-02-01' },
            data: { giverRegion: null, holdingRegion: REGION.mashan, projectId: 'X-1' },
          },
          {
            ...{ type: 'SupplementReceived', ...head, index: 1, occurredOn: '2018-02-10' },
            data: { supplementId: 'S-1', allocationId: 'A-1', parentId: null, projectId: 'X-1' },
          },
        ),
      );
  });
});

describe('pooling: an allocation that grows from another pot with ¥80.00', () => {
  it('draws on the pot on the day of the issue', () => {
    given(county, pot)
      .when(pooled({ amount: 80_00n, receivedOn: null }))
      .then(
        happened(
          { type: 'SupplementIssued', index: 0, data: { giverRegion: REGION.guangxi } },
          {
            ...{ type: 'SupplementDrawn', streamId: 'holding-A-0', index: 2 },
            ...{ occurredOn: '2018-02-01', data: { allocationId: 'A-1', amountFen: 80_00n } },
          },
        ),
      );
    given(county, pot, pooled({ amount: 80_00n, receivedOn: null }))
      .when(allocation({ id: 'A-2', parentId: 'A-0', issuedOn: day('2018-03-01'), amount: 1n }))
      .then(refused('exceeds-available', { expected: '0' }));
  });

  it.each([
    ['¥80.00', 80_00n, accepted],
    ['one fen more', 80_01n, refused('exceeds-available', { field: 'amount', difference: '1' })],
    ['nothing', 0n, refused('amount-not-positive')],
  ])('%s', (_, amount, outcome) => {
    given(county, pot).when(pooled({ amount })).then(outcome);
  });

  it('back-dated takes no more than later draws on the pot leave', () => {
    const later = disbursement({
      ...{ allocationId: 'A-0', amount: 50_00n, disbursedOn: day('2018-06-01') },
      creditedOn: null,
    });
    given(county, pot, later)
      .when(pooled({ amount: 30_00n }))
      .then(accepted);
    given(county, pot, later)
      .when(pooled({ amount: 30_01n }))
      .then(refused('exceeds-available', { expected: '3000' }));
  });

  it.each([
    ['the pot', { receivedOn: day('2018-03-01') }, {}, '2018-03-01'],
    ['the allocation that grows', {}, { receivedOn: day('2018-03-02') }, '2018-03-02'],
  ])('not before the receipt of %s', (_, potOver, countyOver, expected) => {
    const ledger = [
      { ...county, ...countyOver },
      { ...pot, ...potOver },
    ];
    const onThatDay = pooled({ issuedOn: day(expected), receivedOn: null });
    given(...ledger)
      .when(onThatDay)
      .then(accepted);
    given(...ledger)
      .when({ ...onThatDay, issuedOn: day('2018-02-28') })
      .then(refused('date-before-source', { field: 'issued_on', expected }));
  });

  it.each([
    ['the pot', 'A-0', 'parent_id'],
    ['the allocation that grows', 'A-1', 'allocation_id'],
  ])('not while nobody acknowledged %s', (_, id, field) => {
    const open = (row: Row): Row => (row.id === id ? ({ ...row, receivedOn: null } as Row) : row);
    given(...[county, pot].map(open))
      .when(pooled())
      .then(refused('source-not-received', { field, value: id }));
  });

  it.each([
    ['the pot', 'A-0', 'parent_id'],
    ['the allocation that grows', 'A-1', 'allocation_id'],
  ])('not after %s was reversed', (_, ofId, field) => {
    given(county, pot, reversal({ ofId }))
      .when(pooled())
      .then(refused('source-closed', { field, value: ofId }));
  });

  it.each([
    ['the pot', [{ ...pot, projectId: 'X-1' }, county], 'parent_id'],
    ['the allocation that grows', [pot, { ...county, projectId: 'X-1' }], 'allocation_id'],
  ])('not after the project of %s closed', (_, ledger, field) => {
    const closed = project({ closedOn: day('2018-02-01') });
    given(closed, ...ledger)
      .when(pooled({ issuedOn: day('2018-02-01') }))
      .then(accepted);
    given(closed, ...ledger)
      .when(pooled({ issuedOn: day('2018-02-02') }))
      .then(refused('source-closed', { field, expected: '2018-02-01' }));
  });
});

describe('what a supplement leans on', () => {
  const ledger = [project(), county, pot, disbursement(), supplement({ id: 'S-9' })];

  it.each(['nowhere', 'X-1', 'D-1', 'S-9'])('is no allocation that grows: %s', (allocationId) => {
    given(...ledger)
      .when(pooled({ allocationId }))
      .then(refused('unknown-source', { field: 'allocation_id', value: allocationId }));
  });

  it.each(['nowhere', 'X-1', 'D-1', 'S-9'])('is no pot: %s', (parentId) => {
    given(...ledger)
      .when(pooled({ parentId }))
      .then(refused('unknown-source', { field: 'parent_id', value: parentId }));
  });
});

describe('who may let an allocation grow', () => {
  it.each([
    [REGION.mashan, accepted],
    [REGION.guangxi, accepted],
    [REGION.shanglin, refused('out-of-jurisdiction', { field: 'allocation_id' })],
  ])('a unit that contains the receiver: %s', (unit, outcome) => {
    given(county, pot).by(unit).when(pooled()).then(outcome);
    given(county).by(unit).when(supplement()).then(outcome);
  });

  it('the pot gives in the name of its receiver', () => {
    given(county, pot)
      .when(pooled({ issuerRegion: REGION.nanning }))
      .then(refused('out-of-jurisdiction', { field: 'issuer_region', expected: REGION.guangxi }));
  });

  it('the pot gives to what lies in it', () => {
    const neighbour = allocation({ id: 'A-0', receiverRegion: REGION.shanglin });
    given(county, neighbour)
      .when(pooled({ issuerRegion: REGION.shanglin }))
      .then(refused('out-of-jurisdiction', { field: 'allocation_id', expected: REGION.shanglin }));
  });

  it('anybody may issue what comes from outside', () => {
    given(county)
      .when(supplement({ issuerRegion: REGION.guangdong }))
      .then(accepted);
  });
});

/** A-1 gives to, all in the county; A-4 stands beside them. */
const chain = [1, 2, 3].map((n) =>
  allocation({
    ...{ id: `A-${n}`, amount: 10_00n, parentId: n === 1 ? null : `A-${n - 1}` },
    ...{ issuerRegion: REGION.mashan, issuedOn: day(`2018-01-2${n}`) },
    receivedOn: day(`2018-01-2${n}`),
  }),
);
const beside = allocation({ id: 'A-4', amount: 10_00n });
const grows = (allocationId: string, parentId: string, id = `S-${allocationId}-${parentId}`) =>
  supplement({ ...{ id, allocationId, parentId, amount: 1n }, issuerRegion: REGION.mashan });
const more = (id: string) => supplement({ id: `S-${id}`, allocationId: id, amount: 5_00n });

describe('a supplement that would close a circle', () => {
  const ledger = [...chain.flatMap((row) => [row, more(row.id)]), beside];
  const circle = refused('unknown-source', { field: 'parent_id' });

  it.each([
    ['of one allocation with itself', 'A-1', 'A-1', circle],
    ['of parent and child', 'A-1', 'A-2', circle],
    ['through several levels', 'A-1', 'A-3', circle],
    ['downwards is no circle', 'A-3', 'A-1', accepted],
    ['with a stranger is no circle', 'A-1', 'A-4', accepted],
  ])('%s', (_, allocationId, parentId, outcome) => {
    given(...ledger)
      .when({ ...grows(allocationId, parentId), issuedOn: day('2018-03-01'), receivedOn: null })
      .then(outcome);
  });

  it('is found through supplements, acknowledged or not', () => {
    const back = { ...grows('A-1', 'A-4'), issuedOn: day('2018-03-01'), receivedOn: null };
    given(...ledger, { ...grows('A-4', 'A-3'), receivedOn: null })
      .when(back)
      .then(circle);
    given(...ledger, grows('A-4', 'A-3'))
      .when(back)
      .then(circle);
  });

  it('guards every allocation above the pot against a circle posted at the same time', () => {
    const { decision } = given(...ledger).when({
      ...grows('A-4', 'A-3'),
      issuedOn: day('2018-03-01'),
    });
    expect(decision).toMatchObject({ guards: ['holding-A-3', 'holding-A-2', 'holding-A-1'] });
  });

  it('is none from the day on which the line in the way was reversed', () => {
    const wrong = { ...grows('A-4', 'A-1', 'S-9'), issuedOn: day('2018-03-01'), receivedOn: null };
    const mended = [...ledger, wrong, reversal({ ofId: 'S-9', reversedOn: day('2018-06-01') })];
    const right = { ...grows('A-1', 'A-4'), receivedOn: null };
    given(...mended)
      .when({ ...right, issuedOn: day('2018-06-01') })
      .then(accepted);
    given(...mended)
      .when({ ...right, issuedOn: day('2018-05-31') })
      .then(circle);
  });
});

describe('the order in which a supplement is refused', () => {
  itRefusesInOrder({
    order: [
      'id-taken',
      'out-of-jurisdiction',
      'unknown-source',
      'source-not-received',
      'source-closed',
      'date-before-source',
      'amount-not-positive',
      'exceeds-available',
    ],
    scenario: (has) => ({
      given: [
        project(),
        county,
        {
          ...{ ...pot, projectId: 'X-1' },
          receivedOn: has('source-not-received') ? null : day('2018-01-25'),
        },
        ...(has('exceeds-available') && !has('source-not-received')
          ? [
              payment({
                ...{ id: 'P-9', sourceId: 'A-0', amount: 81_00n },
                ...{ alreadyHappened: true, reason: '银行回单在先' },
              }),
            ]
          : []),
        ...(has('source-closed') ? [project({ closedOn: day('2018-01-10') })] : []),
        ...(has('id-taken') ? [disbursement({ id: 'S-1' })] : []),
      ],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: pooled({
        parentId: has('unknown-source') ? 'nowhere' : 'A-0',
        issuedOn: day(has('date-before-source') ? '2018-01-24' : '2018-02-01'),
        amount: has('amount-not-positive') ? 0n : 50_00n,
      }),
    }),
  });
});
