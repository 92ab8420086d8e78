import { accepted, given, refused } from '../../../test/support/given.js';
import { itRefusesInOrder } from '../../../test/support/precedence.js';
import { REGION } from '../../../test/support/regions.js';
import {
  allocation,
  bankReturn,
  cashReturn,
  day,
  disbursement,
  notice,
  payment,
  project,
  recall,
  reversal,
  supplement,
} from '../../../test/support/rows.js';
import { addDays } from '../calendar.js';

const HAPPENED = { alreadyHappened: true, reason: '银行回单在先' } as const;
const regional = allocation({
  ...{ id: 'A-0', amount: 500_00n },
  ...{ issuerRegion: REGION.centre, receiverRegion: REGION.guangxi },
});
const county = allocation({
  ...{ parentId: 'A-0', amount: 100_00n },
  ...{ issuedOn: day('2018-01-25'), receivedOn: day('2018-01-30') },
});

describe('the jurisdiction of a reversal: that of the holding that loses', () => {
  const rows = [
    ...[regional, county, disbursement(), payment(), bankReturn(), cashReturn()],
    recall({ receivedOn: day('2018-05-09') }),
    supplement({ parentId: 'A-0', issuerRegion: REGION.guangxi }),
    allocation({ ...{ id: 'A-2', parentId: 'A-0', amount: 1n }, issuedOn: day('2018-02-01') }),
  ];

  it.each([
    ['a payment: the holding it was drawn on', 'P-1', REGION.mashan],
    ['退票: the holding it came back to', 'R-1', REGION.mashan],
    ['退回: the allocation', 'R-2', REGION.mashan],
    ['an allocation: its receiver', 'A-2', REGION.mashan],
    ['a supplement: the allocation that grew', 'S-1', REGION.mashan],
    ['收回: the parent', 'R-3', REGION.guangxi],
  ])('%s', (_, ofId, loser) => {
    const undo = reversal({ ofId });
    const unless = ofId === 'P-1' ? rows.filter(({ id }) => id !== 'R-1') : rows;
    given(...unless)
      .by(loser)
      .when(undo)
      .then(accepted);
    given(...unless)
      .by(REGION.guangdong)
      .when(undo)
      .then(refused('out-of-jurisdiction', { field: 'of_id', value: loser }));
  });

  it('so that the county cannot take back what the region received', () => {
    given(...rows)
      .by(REGION.mashan)
      .when(reversal({ ofId: 'R-3' }))
      .then(refused('out-of-jurisdiction', { value: REGION.guangxi, expected: REGION.mashan }));
  });
});

describe('a reversal after the project closed', () => {
  it.each(['P-1', 'S-1'])('stays possible: of %s', (ofId) => {
    given(
      project({ closedOn: day('2018-04-15') }),
      { ...regional, projectId: 'X-1' },
      ...[county, disbursement(), payment(), supplement()],
    )
      .when(reversal({ ofId }))
      .then(accepted);
  });
});

describe('what cannot be reversed', () => {
  it.each([
    ['nothing known', 'nowhere'],
    ['a project', 'X-1'],
    ['a notice', 'N-1'],
    ['a reversal', 'Z-9'],
    ['itself', 'Z-1'],
  ])('%s', (_, ofId) => {
    given(regional, county, disbursement(), payment(), project(), notice(), reversal({ id: 'Z-9' }))
      .when(reversal({ ofId }))
      .then(refused('unknown-source', { field: 'of_id', value: ofId }));
  });
});

describe('the date of a reversal', () => {
  const onItsWay = { id: 'D-5', amount: 1n, creditedOn: null };

  it.each([
    ['a payment, from its day', 'P-5', '2018-05-05'],
    ['退票, from its day', 'R-1', '2018-05-01'],
    ['退回, from its receipt', 'R-2', '2018-05-09'],
    ['an allocation, from its receipt', 'A-5', '2018-03-03'],
    ['a disbursement on its way, from its issue', 'D-5', '2018-05-05'],
  ])('%s', (_, ofId, first) => {
    const rows = [
      ...[regional, county, disbursement(), payment()],
      ...[bankReturn({ receivedOn: day('2018-07-01') })],
      cashReturn({ receivedOn: day('2018-05-09') }),
      payment({ id: 'P-5', amount: 1n, paidOn: day('2018-05-05') }),
      allocation({ id: 'A-5', issuedOn: day('2018-03-01'), receivedOn: day('2018-03-03') }),
      disbursement({ ...onItsWay, disbursedOn: day('2018-05-05') }),
    ];
    given(...rows)
      .when(reversal({ ofId, reversedOn: day(first) }))
      .then(accepted);
    given(...rows)
      .when(reversal({ ofId, reversedOn: addDays(day(first), -1) }))
      .then(refused('date-before-source', { field: 'reversed_on', expected: first }));
  });
});

describe('the order in which a reversal is refused', () => {
  itRefusesInOrder({
    order: [
      'id-taken',
      'out-of-jurisdiction',
      'unknown-source',
      'date-before-source',
      'already-reversed',
      'exceeds-available',
      'exceeds-original',
    ],
    impossible: [
      ['out-of-jurisdiction', 'unknown-source', 'what is not known lies nowhere'],
      ['already-reversed', 'exceeds-original', 'what is partly given back cannot be reversed'],
    ],
    exceptions: [
      ['already-reversed', 'exceeds-available', 'before its balance is looked at (Last points)'],
    ],
    scenario: (has) => ({
      given: [
        ...[regional, county, supplement({ amount: 50_00n })],
        ...(has('already-reversed') ? [reversal({ id: 'Z-9', ofId: 'S-1' })] : []),
        ...(has('exceeds-original') && !has('already-reversed')
          ? [recall({ ofId: 'S-1', amount: 1n })]
          : []),
        ...(has('exceeds-available')
          ? [payment({ sourceId: 'A-1', amount: 149_00n, ...HAPPENED })]
          : []),
        ...(has('id-taken') ? [project({ id: 'Z-1' })] : []),
      ],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: reversal({
        ofId: has('unknown-source') ? 'nowhere' : 'S-1',
        reversedOn: day(has('date-before-source') ? '2018-02-09' : '2018-06-01'),
      }),
    }),
  });
});
