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
import type { RegionCode } from '../region.js';

/** ¥100.00 with the region since 20 January. */
const regional = allocation({
  id: 'A-0',
  issuerRegion: REGION.centre,
  receiverRegion: REGION.guangxi,
  amount: 100_00n,
});
/** Passed on to the county. */
const below = (over: Parameters<typeof allocation>[0] = {}) =>
  allocation({ parentId: 'A-0', issuedOn: day('2018-02-01'), receivedOn: null, ...over });

describe('authority that enters the ledger from outside', () => {
  it('is issued and received in the stream of the allocation itself', () => {
    const stream = { streamId: 'holding-A-1', key: 'record:A-1', region: REGION.mashan };
    given()
      .when(allocation())
      .then(
        happened(
          {
            ...{ type: 'AllocationIssued', ...stream, index: 0, occurredOn: '2018-01-10' },
            data: { giverRegion: null, projectId: null },
          },
          {
            ...{ type: 'AllocationReceived', ...stream, index: 1, occurredOn: '2018-01-20' },
            data: { parentId: null, giverRegion: null, holdingRegion: REGION.mashan },
          },
        ),
      );
  });

  it('is only issued when nobody acknowledged it', () => {
    given()
      .when(allocation({ receivedOn: null }))
      .then(happened({ type: 'AllocationIssued' }));
  });

  it.each([
    ['the centre', REGION.centre],
    ['another province', REGION.guangdong],
    ['a county of another city', REGION.lipuCity],
  ])('may be issued by anybody: %s', (_, issuerRegion) => {
    given().when(allocation({ issuerRegion })).then(accepted);
  });

  it.each([
    ['a fen', 1n, accepted],
    ['nothing', 0n, refused('amount-not-positive', { field: 'amount' })],
    ['less than nothing', -100n, refused('amount-not-positive')],
  ])('is %s', (_, amount, outcome) => {
    given().when(allocation({ amount })).then(outcome);
  });
});

describe('passing down from an allocation with ¥100.00 available', () => {
  it.each([
    ['¥100.00', 100_00n, accepted],
    [
      'one fen more',
      100_01n,
      refused('exceeds-available', { value: '10001', expected: '10000', difference: '1' }),
    ],
    ['nothing', 0n, refused('amount-not-positive')],
  ])('%s', (_, amount, outcome) => {
    given(regional).when(below({ amount })).then(outcome);
  });

  it.each([
    ['on the day of the receipt', '2018-01-20', accepted],
    ['on the day before', '2018-01-19', refused('date-before-source', { field: 'issued_on' })],
  ])('%s', (_, issuedOn, outcome) => {
    given(regional)
      .when(below({ issuedOn: day(issuedOn) }))
      .then(outcome);
  });

  it('leaves the giver on the day of the issue, received or not', () => {
    given(regional, below({ amount: 100_00n }))
      .when(below({ id: 'A-2', amount: 1n }))
      .then(refused('exceeds-available', { expected: '0' }));
  });

  it('is issued in the stream of the giver and received in its own', () => {
    given(project(), { ...regional, projectId: 'X-1' })
      .when(below({ receivedOn: day('2018-02-03') }))
      .then(
        happened(
          {
            ...{ type: 'AllocationIssued', streamId: 'holding-A-0', region: REGION.mashan },
            data: { giverRegion: REGION.guangxi, projectId: 'X-1' },
          },
          {
            ...{ type: 'AllocationReceived', streamId: 'holding-A-1', region: REGION.mashan },
            data: { parentId: 'A-0', giverRegion: REGION.guangxi, projectId: 'X-1' },
          },
        ),
      );
  });

  it('counts for a project of its own where it names one', () => {
    given(project(), project({ id: 'X-2' }), { ...regional, projectId: 'X-1' })
      .when(below({ projectId: 'X-2' }))
      .then(happened({ type: 'AllocationIssued', data: { projectId: 'X-2' } }));
  });

  it('back-dated takes no more than later draws leave', () => {
    const later = below({ id: 'A-9', amount: 70_00n, issuedOn: day('2018-06-01') });
    given(regional, later)
      .when(below({ amount: 30_00n }))
      .then(accepted);
    given(regional, later)
      .when(below({ amount: 30_01n }))
      .then(refused('exceeds-available', { expected: '3000' }));
  });

  it('uses a supplement from the day of its receipt on', () => {
    const more = supplement({
      allocationId: 'A-0',
      amount: 50_00n,
      receivedOn: day('2018-02-10'),
    });
    const all = below({ amount: 150_00n, issuedOn: day('2018-02-10') });
    given(regional, more).when(all).then(accepted);
    given(regional, more)
      .when({ ...all, issuedOn: day('2018-02-09') })
      .then(refused('exceeds-available', { expected: '10000' }));
  });
});

describe('who gives to whom', () => {
  const from = (issuerRegion: RegionCode, receiverRegion: RegionCode) =>
    below({ issuerRegion, receiverRegion });

  it.each([
    ['the region to a county', REGION.guangxi, REGION.mashan, accepted],
    ['the region to itself', REGION.guangxi, REGION.guangxi, accepted],
    [
      'a city with the money of the region',
      REGION.nanning,
      REGION.mashan,
      refused('out-of-jurisdiction', { field: 'issuer_region', expected: REGION.guangxi }),
    ],
    [
      'the region to a place outside it',
      REGION.guangxi,
      REGION.guangdong,
      refused('out-of-jurisdiction', { field: 'receiver_region', expected: REGION.guangxi }),
    ],
    [
      'the region to the centre',
      REGION.guangxi,
      REGION.centre,
      refused('out-of-jurisdiction', { field: 'receiver_region' }),
    ],
  ])('%s', (_, issuerRegion, receiverRegion, outcome) => {
    given(regional).when(from(issuerRegion, receiverRegion)).then(outcome);
  });

  it('a code equals its predecessor and its successor', () => {
    const old = allocation({ id: 'A-0', receiverRegion: REGION.lipuCounty });
    const renamed = allocation({ id: 'A-0', receiverRegion: REGION.lipuCity });
    given(old).when(from(REGION.lipuCity, REGION.lipuCity)).then(accepted);
    given(old).when(from(REGION.lipuCounty, REGION.lipuCity)).then(accepted);
    given(renamed).when(from(REGION.lipuCounty, REGION.lipuCounty)).then(accepted);
    given().by(REGION.lipuCity).when(old).then(accepted);
    given().by(REGION.lipuCounty).when(renamed).then(accepted);
  });

  it.each([
    [REGION.centre, accepted],
    [REGION.guangxi, accepted],
    [REGION.nanning, accepted],
    [REGION.mashan, accepted],
    [REGION.shanglin, refused('out-of-jurisdiction', { field: 'receiver_region' })],
    [REGION.baishan, refused('out-of-jurisdiction', { expected: REGION.baishan })],
  ])('is handed in by a unit that contains the receiver: %s', (unit, outcome) => {
    given().by(unit).when(allocation()).then(outcome);
  });
});

describe('the parent of an allocation', () => {
  it.each([
    ['nothing known', 'nowhere'],
    ['a project', 'X-1'],
    ['a disbursement', 'D-1'],
    ['the allocation itself', 'A-1'],
  ])('is not %s', (_, parentId) => {
    given(project(), regional, disbursement({ allocationId: 'A-0' }))
      .when(below({ parentId }))
      .then(refused('unknown-source', { field: 'parent_id', value: parentId }));
  });

  it('is not one that was reversed, also on a day before', () => {
    given(regional, reversal({ ofId: 'A-0', reversedOn: day('2018-06-01') }))
      .when(below())
      .then(refused('source-closed', { field: 'parent_id', value: 'A-0' }));
  });

  it.each([
    ['on the day its project closes', '2018-05-01', accepted],
    ['on the day after', '2018-05-02', refused('source-closed', { expected: '2018-05-01' })],
  ])('still gives %s', (_, issuedOn, outcome) => {
    given(project({ closedOn: day('2018-05-01') }), { ...regional, projectId: 'X-1' })
      .when(below({ issuedOn: day(issuedOn) }))
      .then(outcome);
  });

  it('gives nothing below zero', () => {
    const overdrawing = payment({
      ...{ sourceId: 'A-0', amount: 101_00n, paidOn: day('2018-03-01') },
      ...{ alreadyHappened: true, reason: '银行回单在先' },
    });
    given(regional, overdrawing)
      .when(below({ amount: 1n, issuedOn: day('2018-02-01') }))
      .then(refused('exceeds-available', { expected: '-100', difference: '101' }));
  });
});

describe('the project of an allocation', () => {
  it.each([
    ['unknown', 'nowhere'],
    ['an id of another kind', 'A-0'],
  ])('is not %s', (_, projectId) => {
    given(regional)
      .when(below({ projectId }))
      .then(refused('unknown-project', { field: 'project_id', value: projectId }));
  });
});

describe('the order in which an allocation is refused', () => {
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
    scenario: (has) => ({
      given: [
        project(),
        {
          ...regional,
          projectId: 'X-1',
          receivedOn: has('source-not-received') ? null : day('2018-01-20'),
        },
        ...(has('exceeds-available') && !has('source-not-received')
          ? [
              payment({
                ...{ id: 'P-9', sourceId: 'A-0', amount: 101_00n },
                ...{ alreadyHappened: true, reason: '银行回单在先' },
              }),
            ]
          : []),
        ...(has('source-closed') ? [project({ closedOn: day('2018-01-10') })] : []),
        ...(has('id-taken') ? [allocation({ remark: '另一笔' })] : []),
      ],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: below({
        parentId: has('unknown-source') ? 'nowhere' : 'A-0',
        projectId: has('unknown-project') ? 'nowhere' : null,
        issuedOn: day(has('date-before-source') ? '2018-01-19' : '2018-02-01'),
        amount: has('amount-not-positive') ? 0n : 100_00n,
      }),
    }),
  });
});
