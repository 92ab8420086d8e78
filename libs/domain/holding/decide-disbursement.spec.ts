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

const county = allocation({ amount: 100_00n });

describe('releasing cash from an allocation with ¥100.00 since 20 January', () => {
  it.each([
    ['¥100.00', 100_00n, accepted],
    ['one fen more', 100_01n, refused('exceeds-available', { difference: '1' })],
    ['nothing', 0n, refused('amount-not-positive')],
    ['less than nothing', -1n, refused('amount-not-positive')],
  ])('%s', (_, amount, outcome) => {
    given(county).when(disbursement({ amount })).then(outcome);
  });

  it.each([
    ['on the day of the receipt', '2018-01-20', accepted],
    ['on the day before', '2018-01-19', refused('date-before-source', { field: 'disbursed_on' })],
  ])('%s', (_, disbursedOn, outcome) => {
    given(county)
      .when(disbursement({ disbursedOn: day(disbursedOn) }))
      .then(outcome);
  });

  it('is drawn in the stream of the allocation and credited in its own, where the allocation lies', () => {
    given(project(), { ...county, projectId: 'X-1' })
      .when(disbursement())
      .then(
        happened(
          {
            ...{ type: 'CashDisbursed', streamId: 'holding-A-1', key: 'record:D-1', index: 0 },
            ...{ occurredOn: '2018-03-01', region: REGION.mashan },
            data: { projectId: 'X-1', fundType: 'central-special', fiscalYear: 2018 },
          },
          {
            ...{ type: 'CashCredited', streamId: 'holding-D-1', key: 'record:D-1', index: 1 },
            ...{ occurredOn: '2018-03-02', region: REGION.mashan },
            data: { allocationId: 'A-1', holdingRegion: REGION.mashan, projectId: 'X-1' },
          },
        ),
      );
  });

  it('is on its way until the unit confirms it, and gone from the allocation already', () => {
    const onItsWay = given(county, disbursement({ amount: 100_00n, creditedOn: null }));
    onItsWay
      .when(disbursement({ id: 'D-2', amount: 1n }))
      .then(refused('exceeds-available', { expected: '0' }));
    onItsWay.when(payment()).then(refused('source-not-received', { field: 'source_id' }));
  });

  it('back-dated takes no more than later draws leave', () => {
    const later = disbursement({ id: 'D-9', amount: 70_00n, disbursedOn: day('2018-06-01') });
    const early = disbursement({ disbursedOn: day('2018-01-20'), amount: 30_01n });
    given(county, { ...later, creditedOn: null })
      .when(early)
      .then(refused('exceeds-available', { expected: '3000', difference: '1' }));
  });

  it('sees what the allocation gained from its supplements', () => {
    given(county, supplement({ amount: 50_00n, receivedOn: day('2018-03-01') }))
      .when(disbursement({ amount: 150_00n, disbursedOn: day('2018-03-01') }))
      .then(accepted);
  });

  it('sees nothing of a supplement on its way', () => {
    given(county, supplement({ amount: 50_00n, receivedOn: null }))
      .when(disbursement({ amount: 100_01n }))
      .then(refused('exceeds-available', { expected: '10000' }));
  });
});

describe('the source of a disbursement', () => {
  it.each([
    ['nothing known', 'nowhere'],
    ['a disbursement', 'D-9'],
    ['a supplement', 'S-1'],
    ['a project', 'X-1'],
  ])('is not %s', (_, allocationId) => {
    given(project(), county, supplement(), disbursement({ id: 'D-9', amount: 1n }))
      .when(disbursement({ allocationId }))
      .then(refused('unknown-source', { field: 'allocation_id', value: allocationId }));
  });

  it('is not reversed', () => {
    given(county, reversal({ ofId: 'A-1' }))
      .when(disbursement())
      .then(refused('source-closed', { field: 'allocation_id' }));
  });

  it.each([
    ['on the day its project closes', '2018-03-01', accepted],
    ['on the day after', '2018-03-02', refused('source-closed', { expected: '2018-03-01' })],
  ])('still releases %s', (_, disbursedOn, outcome) => {
    given(project({ closedOn: day('2018-03-01') }), { ...county, projectId: 'X-1' })
      .when(disbursement({ disbursedOn: day(disbursedOn), creditedOn: null }))
      .then(outcome);
  });
});

describe('the jurisdiction of a disbursement', () => {
  it.each([
    [REGION.mashan, accepted],
    [REGION.nanning, accepted],
    [REGION.baishan, refused('out-of-jurisdiction', { field: 'allocation_id' })],
    [REGION.guangdong, refused('out-of-jurisdiction')],
  ])('%s: that of the allocation drawn on', (unit, outcome) => {
    given(county).by(unit).when(disbursement()).then(outcome);
  });
});

describe('the order in which a disbursement is refused', () => {
  itRefusesInOrder({
    order: [
      'id-taken',
      'out-of-jurisdiction',
      'unknown-source',
      'source-not-received',
      'source-closed',
      'unknown-project',
      'date-before-source',
      'amount-not-positive',
      'exceeds-available',
    ],
    impossible: [['out-of-jurisdiction', 'unknown-source', 'what is not known lies nowhere']],
    scenario: (has) => ({
      given: [
        project(),
        {
          ...county,
          projectId: 'X-1',
          receivedOn: has('source-not-received') ? null : day('2018-01-20'),
        },
        ...(has('exceeds-available') && !has('source-not-received')
          ? [
              payment({
                ...{ id: 'P-9', sourceId: 'A-1', amount: 101_00n },
                ...{ alreadyHappened: true, reason: '银行回单在先' },
              }),
            ]
          : []),
        ...(has('source-closed') ? [project({ closedOn: day('2018-01-10') })] : []),
        ...(has('id-taken') ? [project({ id: 'D-1' })] : []),
      ],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: disbursement({
        allocationId: has('unknown-source') ? 'nowhere' : 'A-1',
        projectId: has('unknown-project') ? 'nowhere' : null,
        disbursedOn: day(has('date-before-source') ? '2018-01-19' : '2018-02-01'),
        amount: has('amount-not-positive') ? 0n : 100_00n,
      }),
    }),
  });
});
