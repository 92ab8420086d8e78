import { accepted, given, happened, refused } from '../../../test/support/given.js';
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
  reversal,
} from '../../../test/support/rows.js';
import { fen } from '../money.js';

const HAPPENED = { alreadyHappened: true, reason: '银行回单在先' } as const;
const ledger = [allocation({ amount: 100_00n }), disbursement({ amount: 60_00n })];

describe('paying out of a disbursement with ¥60.00 on its account since 2 March', () => {
  it.each([
    ['¥60.00', 60_00n, accepted],
    ['one fen more', 60_01n, refused('exceeds-available', { field: 'amount', difference: '1' })],
    ['one fen', 1n, accepted],
    ['nothing', 0n, refused('amount-not-positive', { field: 'amount', value: '0' })],
    ['less than nothing', -1n, refused('amount-not-positive')],
  ])('%s', (_, amount, outcome) => {
    given(...ledger)
      .when(payment({ amount }))
      .then(outcome);
  });

  it.each([
    ['on the day of the credit', '2018-03-02', accepted],
    [
      'on the day before the credit',
      '2018-03-01',
      refused('date-before-source', {
        field: 'paid_on',
        value: '2018-03-01',
        expected: '2018-03-02',
        difference: '1',
      }),
    ],
  ])('%s', (_, paidOn, outcome) => {
    given(...ledger)
      .when(payment({ paidOn: day(paidOn) }))
      .then(outcome);
  });

  it('is one event in the stream of the holding, with its region and its project', () => {
    given(project(), allocation({ projectId: 'X-1' }), disbursement())
      .when(payment({ amount: 40_00n, payeeRegion: REGION.shanglin }))
      .then(
        happened({
          type: 'PaymentMade',
          streamId: 'holding-D-1',
          key: 'record:P-1',
          index: 0,
          occurredOn: '2018-04-01',
          region: REGION.mashan,
          data: {
            row: { id: 'P-1', amountFen: 40_00n },
            holdingRegion: REGION.mashan,
            holdingKind: 'disbursement',
            projectId: 'X-1',
          },
        }),
      );
  });

  it('counts for the project it names, not for that of its source', () => {
    given(project(), project({ id: 'X-2' }), allocation({ projectId: 'X-1' }), disbursement())
      .when(payment({ projectId: 'X-2' }))
      .then(happened({ type: 'PaymentMade', data: { projectId: 'X-2' } }));
  });
});

describe('paying directly out of an allocation', () => {
  it('takes from the allocation what the disbursements left', () => {
    const direct = payment({ sourceId: 'A-1', method: 'direct', amount: 40_00n });
    given(...ledger)
      .when(direct)
      .then(happened({ type: 'PaymentMade', data: { holdingKind: 'allocation' } }));
    given(...ledger)
      .when({ ...direct, amountFen: fen(40_01n) })
      .then(refused('exceeds-available', { expected: '4000' }));
  });
});

describe('a back-dated payment', () => {
  const later = payment({ id: 'P-9', amount: 40_00n, paidOn: day('2018-05-01') });

  it.each([
    ['what the later one leaves', 20_00n, accepted],
    ['one fen more, although it was there on the day', 20_01n, refused('exceeds-available')],
  ])('may take %s', (_, amount, outcome) => {
    given(...ledger, later)
      .when(payment({ amount, paidOn: day('2018-04-01') }))
      .then(outcome);
  });

  it('may not use what a bank returns later', () => {
    const returned = bankReturn({
      ofId: 'P-9',
      amount: 40_00n,
      returnedOn: day('2018-06-01'),
    });
    const between = payment({ amount: 21_00n, paidOn: day('2018-05-31') });
    given(...ledger, later, returned)
      .when(between)
      .then(refused('exceeds-available', { expected: '2000', difference: '100' }));
    given(...ledger, later, returned)
      .when({ ...between, paidOn: day('2018-06-01') })
      .then(accepted);
  });

  it('sees the rows before it of the same day', () => {
    const [one, two] = [payment({ amount: 30_00n }), payment({ id: 'P-2', amount: 30_00n })];
    given(...ledger, one)
      .when(two)
      .then(accepted);
    given(...ledger, one, two)
      .when(payment({ id: 'P-3', amount: 1n }))
      .then(refused('exceeds-available', { expected: '0' }));
  });
});

describe('a payment that has already happened', () => {
  it('is recorded beyond what is there, and the holding goes below zero', () => {
    const ledgerAfter = given(...ledger);
    ledgerAfter.when(payment({ amount: 99_00n, ...HAPPENED })).then(accepted);
    expect(ledgerAfter.books.holding('D-1')?.timeline.total).toBe(-39_00n);
    ledgerAfter
      .when(payment({ id: 'P-2', amount: 1n, paidOn: day('2018-09-01') }))
      .then(refused('exceeds-available', { expected: '-3900', difference: '3901' }));
  });

  it.each([
    ['its source is unknown', { sourceId: 'nowhere' }, refused('unknown-source')],
    ['it precedes the credit', { paidOn: day('2018-03-01') }, refused('date-before-source')],
    ['it is about nothing', { amount: 0n }, refused('amount-not-positive')],
    ['its project is unknown', { projectId: 'nowhere' }, refused('unknown-project')],
  ])('is refused all the same when %s', (_, over, outcome) => {
    given(...ledger)
      .when(payment({ ...over, ...HAPPENED }))
      .then(outcome);
  });
});

describe('a payment of a closed project', () => {
  const closed = project({ closedOn: day('2018-04-01') });
  const source = allocation({ projectId: 'X-1' });

  it.each([
    ['on the day of the closing', '2018-04-01', accepted],
    ['on the day after', '2018-04-02', refused('source-closed', { expected: '2018-04-01' })],
  ])('%s', (_, paidOn, outcome) => {
    given(closed, source, disbursement())
      .when(payment({ paidOn: day(paidOn) }))
      .then(outcome);
  });

  it('is judged by the project of its source, not by the one it names', () => {
    given(closed, project({ id: 'X-2' }), source, disbursement())
      .when(payment({ projectId: 'X-2', paidOn: day('2018-04-02') }))
      .then(refused('source-closed'));
    given(closed, allocation(), disbursement())
      .when(payment({ projectId: 'X-1', paidOn: day('2018-04-02') }))
      .then(accepted);
  });
});

describe('the source of a payment', () => {
  it.each([
    ['nothing known', 'nowhere'],
    ['a project', 'X-1'],
    ['a payment', 'P-9'],
    ['a return', 'R-2'],
  ])('is not %s', (_, sourceId) => {
    given(project(), ...ledger, payment({ id: 'P-9', amount: 1n }), cashReturn())
      .when(payment({ sourceId }))
      .then(refused('unknown-source', { field: 'source_id', value: sourceId }));
  });

  it('is no disbursement that was reversed, on whatever day', () => {
    given(...ledger, reversal({ ofId: 'D-1' }))
      .when(payment({ paidOn: day('2018-04-01') }))
      .then(refused('source-closed', { field: 'source_id', value: 'D-1' }));
  });
});

describe('the jurisdiction of a payment', () => {
  it.each([
    [REGION.mashan, accepted],
    [REGION.nanning, accepted],
    [REGION.guangxi, accepted],
    [REGION.shanglin, refused('out-of-jurisdiction', { field: 'source_id' })],
    [REGION.baishan, refused('out-of-jurisdiction', { expected: REGION.baishan })],
  ])('%s: that of the holding, wherever the payee is', (unit, outcome) => {
    given(...ledger)
      .by(unit)
      .when(payment({ payeeRegion: REGION.shanglin }))
      .then(outcome);
  });
});

describe('the order in which a payment is refused', () => {
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
        allocation({ projectId: 'X-1' }),
        disbursement({
          disbursedOn: day('2018-01-31'),
          creditedOn: has('source-not-received') ? null : day('2018-03-02'),
        }),
        // An overdrawn source, so that even nothing is more than there is.
        ...(has('exceeds-available') && !has('source-not-received')
          ? [payment({ id: 'P-9', amount: 99_00n, ...HAPPENED })]
          : []),
        ...(has('source-closed') ? [project({ closedOn: day('2018-02-01') })] : []),
        ...(has('id-taken') ? [notice({ id: 'P-1' })] : []),
      ],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: payment({
        sourceId: has('unknown-source') ? 'nowhere' : 'D-1',
        projectId: has('unknown-project') ? 'nowhere' : null,
        paidOn: day(has('date-before-source') ? '2018-03-01' : '2018-04-01'),
        amount: has('amount-not-positive') ? 0n : 40_00n,
      }),
    }),
  });
});
