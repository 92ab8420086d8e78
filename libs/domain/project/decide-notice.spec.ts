import { accepted, given, happened, refused } from '../../../test/support/given.js';
import { itRefusesInOrder } from '../../../test/support/precedence.js';
import { REGION } from '../../../test/support/regions.js';
import {
  allocation,
  bankReturn,
  day,
  disbursement,
  notice,
  payment,
  project,
  reversal,
  supplement,
} from '../../../test/support/rows.js';

const ledger = [
  project({ township: REGION.baishan }),
  allocation({ projectId: 'X-1' }),
  ...[supplement(), disbursement(), payment(), bankReturn()],
];

describe('a public notice', () => {
  it.each([
    ['X-1', 'project', [REGION.mashan, REGION.baishan]],
    ['A-1', 'allocation', [REGION.mashan, REGION.guangxi]],
    ['S-1', 'supplement', [REGION.mashan, REGION.guangxi]],
    ['D-1', 'disbursement', [REGION.mashan]],
    ['P-1', 'payment', [REGION.mashan]],
  ])('may be about %s, a %s, and names its places', (subjectId, subjectKind, places) => {
    given(...ledger)
      .when(notice({ subjectId, removedOn: day('2018-05-15') }))
      .then(
        happened(
          {
            ...{ type: 'NoticePosted', streamId: 'notice-N-1', key: 'record:N-1', index: 0 },
            ...{ occurredOn: '2018-05-01', region: REGION.mashan },
            data: { subjectKind, places, projectId: 'X-1' },
          },
          {
            ...{ type: 'NoticeRemoved', streamId: 'notice-N-1', index: 1 },
            ...{ occurredOn: '2018-05-15', data: { subjectId, places } },
          },
        ),
      );
  });

  it.each([
    ['nothing known', 'nowhere'],
    ['a return', 'R-1'],
    ['a reversal', 'Z-1'],
    ['another notice', 'N-9'],
    ['itself', 'N-1'],
  ])('is not about %s', (_, subjectId) => {
    given(...ledger, reversal({ ofId: 'S-1' }), notice({ id: 'N-9' }))
      .when(notice({ subjectId }))
      .then(refused('unknown-source', { field: 'subject_id', value: subjectId }));
  });

  it('is still posted about something reversed: it hung there', () => {
    given(...ledger, reversal({ ofId: 'S-1' }))
      .when(notice({ subjectId: 'S-1' }))
      .then(accepted);
  });

  it('about a payment names where its payee is, too', () => {
    given(allocation(), payment({ sourceId: 'A-1', payeeRegion: REGION.shanglin }))
      .when(notice({ subjectId: 'P-1' }))
      .then(happened({ type: 'NoticePosted', data: { places: [REGION.mashan, REGION.shanglin] } }));
  });

  it('may hang on the same subject more than once', () => {
    given(...ledger, notice())
      .when(notice({ id: 'N-2', level: 'village' }))
      .then(accepted);
  });

  it.each([
    [REGION.mashan, accepted],
    [REGION.shanglin, refused('out-of-jurisdiction', { field: 'subject_id' })],
  ])('is handed in by a unit that contains the subject: %s', (unit, outcome) => {
    given(...ledger)
      .by(unit)
      .when(notice({ subjectId: 'P-1' }))
      .then(outcome);
    given(...ledger, notice({ subjectId: 'P-1' }))
      .by(unit)
      .when(notice({ subjectId: 'P-1', removedOn: day('2018-05-15') }))
      .then(outcome);
  });

  itRefusesInOrder({
    order: ['id-taken', 'out-of-jurisdiction', 'unknown-source'],
    impossible: [['out-of-jurisdiction', 'unknown-source', 'what is not known lies nowhere']],
    scenario: (has) => ({
      given: [...ledger, ...(has('id-taken') ? [project({ id: 'N-1' })] : [])],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: notice({ subjectId: has('unknown-source') ? 'nowhere' : 'X-1' }),
    }),
  });
});
