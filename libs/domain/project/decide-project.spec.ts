import { accepted, given, happened, refused } from '../../../test/support/given.js';
import { itRefusesInOrder } from '../../../test/support/precedence.js';
import { REGION } from '../../../test/support/regions.js';
import { allocation, day, payment, project } from '../../../test/support/rows.js';

describe('registering a project', () => {
  it('is one event without a date, and one for each date it has', () => {
    const head = { streamId: 'project-X-1', key: 'record:X-1', region: REGION.mashan };
    given()
      .when(
        project({
          ...{ township: REGION.baishan, village: REGION.baishanVillage },
          ...{ libraryOn: day('2018-01-01'), approvedOn: day('2018-02-01') },
          ...{ acceptedOn: day('2018-11-01'), closedOn: day('2018-12-01') },
        }),
      )
      .then(
        happened(
          { type: 'ProjectRegistered', ...head, index: 0, occurredOn: null },
          { type: 'ProjectEnteredLibrary', ...head, index: 3, occurredOn: '2018-01-01' },
          { type: 'ProjectApproved', ...head, index: 4, occurredOn: '2018-02-01' },
          { type: 'ProjectAccepted', ...head, index: 1, occurredOn: '2018-11-01' },
          {
            ...{ type: 'ProjectClosed', ...head, index: 2, occurredOn: '2018-12-01' },
            data: {
              places: [REGION.mashan, REGION.baishan, REGION.baishanVillage],
              ...{ projectId: 'X-1', acceptedOn: '2018-11-01', closedOn: '2018-12-01' },
            },
          },
        ),
      );
  });

  it('needs no date at all', () => {
    given()
      .when(project())
      .then(happened({ type: 'ProjectRegistered' }));
  });
});

describe('the township and the village of a project', () => {
  it('may lie outside its county, as after a change of codes or where people are moved to', () => {
    const places = [REGION.lipuCity, REGION.baishan, REGION.baishanVillage];
    given()
      .when(
        project({
          ...{ county: REGION.lipuCity, township: REGION.baishan },
          ...{ village: REGION.baishanVillage, approvedOn: day('2018-02-01') },
        }),
      )
      .then(
        happened(
          { type: 'ProjectRegistered', region: REGION.lipuCity },
          { type: 'ProjectApproved', region: REGION.lipuCity, data: { places } },
        ),
      );
  });
});

describe('the jurisdiction of a project', () => {
  it.each([
    [REGION.mashan, accepted],
    [REGION.guangxi, accepted],
    [REGION.baishan, refused('out-of-jurisdiction', { field: 'county' })],
    [REGION.shanglin, refused('out-of-jurisdiction', { value: REGION.mashan })],
  ])('%s: that of its county', (unit, outcome) => {
    given().by(unit).when(project()).then(outcome);
    given(project())
      .by(unit)
      .when(project({ closedOn: day('2018-12-01') }))
      .then(outcome);
  });

  itRefusesInOrder({
    order: ['id-taken', 'out-of-jurisdiction'],
    scenario: (has) => ({
      given: has('id-taken') ? [allocation({ id: 'X-1' })] : [],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: project(),
    }),
  });
});

describe('closing a project', () => {
  const direct = (paidOn: string) =>
    payment({ sourceId: 'A-1', method: 'direct', paidOn: day(paidOn) });
  const source = allocation({ projectId: 'X-1' });

  it('closes its holdings for later days, however late it becomes known', () => {
    const open = given(project(), source);
    open.when({ ...direct('2018-12-02'), id: 'P-0' }).then(accepted);
    const closed = open.and(project({ closedOn: day('2018-12-01') }));
    closed.when(direct('2018-12-02')).then(refused('source-closed', { expected: '2018-12-01' }));
    closed.when(direct('2018-12-01')).then(accepted);
  });

  it('closes those that have the project from their source', () => {
    const below = allocation({
      ...{ id: 'A-2', parentId: 'A-1', issuerRegion: REGION.mashan },
      ...{ issuedOn: day('2018-02-01'), receivedOn: day('2018-02-02') },
    });
    given(project({ closedOn: day('2018-12-01') }), source, below)
      .when({ ...direct('2018-12-02'), sourceId: 'A-2' })
      .then(refused('source-closed', { value: 'A-2' }));
  });

  it('closes nothing when it is only accepted', () => {
    given(project({ acceptedOn: day('2018-11-01') }), source)
      .when(direct('2018-12-02'))
      .then(accepted);
  });
});
