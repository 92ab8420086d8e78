import { accepted, given, happened, refused } from '../../../test/support/given.js';
import { itRefusesInOrder } from '../../../test/support/precedence.js';
import { REGION } from '../../../test/support/regions.js';
import {
  allocation,
  bankReturn,
  cashReturn,
  day,
  disbursement,
  payment,
  project,
  recall,
  reversal,
  supplement,
} from '../../../test/support/rows.js';

const HAPPENED = { alreadyHappened: true, reason: '银行回单在先' } as const;
const regional = allocation({
  ...{ id: 'A-0', amount: 500_00n },
  ...{ issuerRegion: REGION.centre, receiverRegion: REGION.guangxi },
});
/** ¥100.00 from the region, received on 30 January; ¥60.00 released, ¥40.00 of it paid on 1 April. */
const county = allocation({
  ...{ parentId: 'A-0', amount: 100_00n },
  ...{ issuedOn: day('2018-01-25'), receivedOn: day('2018-01-30') },
});
const ledger = [regional, county, disbursement(), payment()];

describe('退票: a bank returns a payment of ¥40.00', () => {
  it('gives back to the holding it was drawn on, on its own date, whatever the receipt says', () => {
    given(...ledger)
      .when(bankReturn({ receivedOn: day('2018-07-01') }))
      .then(
        happened({
          ...{ type: 'PaymentReturned', streamId: 'holding-D-1', key: 'record:R-1', index: 0 },
          ...{ occurredOn: '2018-05-01', region: REGION.mashan },
          data: { holdingId: 'D-1', holdingKind: 'disbursement', voucherNo: 'V-P-1' },
        }),
      );
    const { books } = given(...ledger, bankReturn({ receivedOn: day('2018-07-01') }));
    expect(books.holding('D-1')?.timeline.at(day('2018-05-01'))).toBe(30_00n);
  });

  it.each([
    ['the whole', 40_00n, accepted],
    ['one fen more', 40_01n, refused('exceeds-original', { expected: '4000', difference: '1' })],
    ['nothing', 0n, refused('amount-not-positive')],
  ])('%s', (_, amount, outcome) => {
    given(...ledger)
      .when(bankReturn({ amount }))
      .then(outcome);
  });

  it('in parts, together no more than was paid', () => {
    const parts = given(...ledger, bankReturn({ amount: 15_00n }));
    parts
      .when(bankReturn({ id: 'R-9', amount: 25_01n }))
      .then(refused('exceeds-original', { expected: '2500' }));
    parts.when(bankReturn({ id: 'R-9', amount: 25_00n })).then(accepted);
  });

  it('may return again what a reversed return gave back, but on no day more than was paid', () => {
    const first = bankReturn({ id: 'R-9', amount: 40_00n, returnedOn: day('2018-05-01') });
    const undone = reversal({ ofId: 'R-9', reversedOn: day('2018-06-01') });
    given(...ledger, first, undone)
      .when(bankReturn({ amount: 40_00n, returnedOn: day('2018-06-01') }))
      .then(accepted);
    given(...ledger, first, undone)
      .when(bankReturn({ amount: 1n, returnedOn: day('2018-05-31') }))
      .then(refused('exceeds-original', { expected: '0' }));
  });

  it.each([
    ['on the day of the payment', '2018-04-01', accepted],
    ['on the day before', '2018-03-31', refused('date-before-source', { field: 'returned_on' })],
  ])('%s', (_, returnedOn, outcome) => {
    given(...ledger)
      .when(bankReturn({ returnedOn: day(returnedOn) }))
      .then(outcome);
  });

  it('of a reversed payment gives nothing back', () => {
    given(...ledger, reversal({ ofId: 'P-1' }))
      .when(bankReturn())
      .then(refused('already-reversed', { field: 'of_id', value: 'P-1' }));
  });

  it('lifts a holding out of the red', () => {
    const overdrawn = payment({ id: 'P-2', amount: 30_00n, ...HAPPENED });
    const { books } = given(...ledger, overdrawn, bankReturn({ amount: 10_00n }));
    expect(books.holding('D-1')?.timeline.total).toBe(0n);
  });

  itRefusesInOrder({
    order: [
      'id-taken',
      'out-of-jurisdiction',
      'unknown-source',
      'date-before-source',
      'amount-not-positive',
      'already-reversed',
      'exceeds-original',
    ],
    impossible: [
      ['out-of-jurisdiction', 'unknown-source', 'what is not known lies nowhere'],
      ['amount-not-positive', 'exceeds-original', 'nothing is not more than what is left'],
      ['already-reversed', 'exceeds-original', 'the amount is too large for any payment'],
    ],
    scenario: (has) => ({
      given: [
        ...ledger,
        ...(has('already-reversed') ? [reversal({ ofId: 'P-1' })] : []),
        ...(has('id-taken') ? [project({ id: 'R-1' })] : []),
      ],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: bankReturn({
        ofId: has('unknown-source') ? 'D-1' : 'P-1',
        returnedOn: day(has('date-before-source') ? '2018-03-31' : '2018-05-01'),
        amount: has('amount-not-positive') ? 0n : has('exceeds-original') ? 41_00n : 10_00n,
      }),
    }),
  });
});

describe('退回: unspent cash, ¥20.00, goes back to the allocation', () => {
  it('leaves the disbursement when sent and reaches the allocation when received', () => {
    given(...ledger)
      .when(cashReturn({ receivedOn: day('2018-05-09') }))
      .then(
        happened(
          { type: 'CashReturned', streamId: 'holding-D-1', index: 0, occurredOn: '2018-05-01' },
          {
            ...{ type: 'CashReturnReceived', streamId: 'holding-A-1', index: 1 },
            ...{ occurredOn: '2018-05-09', data: { disbursementId: 'D-1', amountFen: 10_00n } },
          },
        ),
      );
    const { books } = given(...ledger, cashReturn({ receivedOn: day('2018-05-09') }));
    expect(books.holding('D-1')?.timeline.at(day('2018-05-08'))).toBe(10_00n);
    expect(books.holding('A-1')?.timeline.at(day('2018-05-08'))).toBe(40_00n);
    expect(books.holding('A-1')?.timeline.at(day('2018-05-09'))).toBe(50_00n);
  });

  it.each([
    ['all that is left', 20_00n, accepted],
    ['one fen more', 20_01n, refused('exceeds-available', { expected: '2000' })],
    ['nothing', 0n, refused('amount-not-positive')],
  ])('%s', (_, amount, outcome) => {
    given(...ledger)
      .when(cashReturn({ amount }))
      .then(outcome);
  });

  it('is not available before the allocation received it', () => {
    const sent = given(...ledger, cashReturn({ amount: 20_00n }));
    const more = disbursement({ id: 'D-2', amount: 40_01n, disbursedOn: day('2018-05-09') });
    sent.when(more).then(refused('exceeds-available', { expected: '4000' }));
    sent
      .and(cashReturn({ amount: 20_00n, receivedOn: day('2018-05-09') }))
      .when(more)
      .then(accepted);
  });

  itRefusesInOrder({
    order: [
      'id-taken',
      'out-of-jurisdiction',
      'unknown-source',
      'source-not-received',
      'date-before-source',
      'amount-not-positive',
      'already-reversed',
      'exceeds-available',
    ],
    impossible: [['out-of-jurisdiction', 'unknown-source', 'what is not known lies nowhere']],
    exceptions: [
      ['already-reversed', 'exceeds-available', 'before its balance is looked at (Last points)'],
    ],
    scenario: (has) => ({
      given: [
        ...[regional, county],
        disbursement({ creditedOn: has('source-not-received') ? null : day('2018-03-02') }),
        ...(has('exceeds-available') && !has('source-not-received') && !has('already-reversed')
          ? [payment({ amount: 61_00n, ...HAPPENED })]
          : []),
        ...(has('already-reversed') ? [reversal({ ofId: 'D-1' })] : []),
        ...(has('id-taken') ? [project({ id: 'R-2' })] : []),
      ],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: cashReturn({
        ofId: has('unknown-source') ? 'A-1' : 'D-1',
        returnedOn: day(has('date-before-source') ? '2018-03-01' : '2018-05-01'),
        amount: has('amount-not-positive') ? 0n : 10_00n,
      }),
    }),
  });
});

describe('收回: authority goes back from an allocation of ¥100.00', () => {
  const untouched = [regional, county];
  const grown = [...untouched, supplement({ amount: 50_00n })];

  it('leaves the allocation when sent and reaches the parent when received', () => {
    given(...untouched)
      .when(recall({ receivedOn: day('2018-05-09') }))
      .then(
        happened(
          {
            ...{ type: 'AuthorityRecalled', streamId: 'holding-A-1', region: REGION.mashan },
            ...{ occurredOn: '2018-05-01', data: { holdingId: 'A-1', parentId: 'A-0' } },
          },
          {
            ...{ type: 'RecallReceived', streamId: 'holding-A-0', region: REGION.guangxi },
            ...{ occurredOn: '2018-05-09', data: { ofId: 'A-1', parentRegion: REGION.guangxi } },
          },
        ),
      );
    const { books } = given(...untouched, recall({ receivedOn: day('2018-05-09') }));
    expect(books.holding('A-1')?.timeline.at(day('2018-05-01'))).toBe(90_00n);
    expect(books.holding('A-0')?.timeline.at(day('2018-05-08'))).toBe(400_00n);
    expect(books.holding('A-0')?.timeline.at(day('2018-05-09'))).toBe(410_00n);
  });

  it.each([
    ['all', 100_00n, accepted],
    ['one fen more', 100_01n, refused('exceeds-available', { expected: '10000' })],
    ['nothing', 0n, refused('amount-not-positive')],
  ])('%s', (_, amount, outcome) => {
    given(...untouched)
      .when(recall({ amount }))
      .then(outcome);
  });

  it.each([
    ['the first line no more than it brought', 'A-1', 100_00n, accepted],
    ['the first line one fen more', 'A-1', 100_01n, refused('exceeds-original')],
    ['a supplement no more than it brought', 'S-1', 50_00n, accepted],
    ['a supplement one fen more', 'S-1', 50_01n, refused('exceeds-original', { difference: '1' })],
    ['more than there is', 'S-1', 150_01n, refused('exceeds-available', { expected: '15000' })],
  ])('of one with a supplement of ¥50.00: %s', (_, ofId, amount, outcome) => {
    given(...grown)
      .when(recall({ ofId, amount }))
      .then(outcome);
  });

  it('counts what was recalled from the line before, sent or received, and not reversed', () => {
    const before = given(...grown, recall({ id: 'R-8', ofId: 'S-1', amount: 30_00n }));
    before
      .when(recall({ ofId: 'S-1', amount: 20_01n }))
      .then(refused('exceeds-original', { expected: '2000' }));
    before
      .and(reversal({ ofId: 'R-8' }))
      .when(recall({ ofId: 'S-1', amount: 50_00n, returnedOn: day('2018-06-01') }))
      .then(accepted);
  });

  it('from a supplement goes to the parent of the supplement', () => {
    const pot = allocation({ id: 'A-9', receiverRegion: REGION.nanning });
    const pooled = supplement({ parentId: 'A-9', issuerRegion: REGION.nanning });
    given(...untouched, pot, pooled)
      .when(recall({ ofId: 'S-1', receivedOn: day('2018-05-09') }))
      .then(
        happened(
          { type: 'AuthorityRecalled', data: { parentId: 'A-9', parentRegion: REGION.nanning } },
          { type: 'RecallReceived', streamId: 'holding-A-9' },
        ),
      );
  });

  it('without a parent leaves the ledger', () => {
    const outside = given(allocation({ amount: 100_00n }));
    outside
      .when(recall({ receivedOn: day('2018-05-09') }))
      .then(
        happened(
          { type: 'AuthorityRecalled', data: { parentId: null, parentRegion: null } },
          { type: 'RecallReceived', streamId: 'holding-A-1', region: REGION.mashan },
        ),
      );
    expect(outside.books.holding('A-1')?.timeline.total).toBe(90_00n);
  });

  it.each([
    ['a supplement on its way', 'S-1', null, refused('source-not-received', { value: 'S-1' })],
    ['a supplement before its receipt', 'S-1', '2018-05-02', refused('date-before-source')],
    ['the first line, long received', 'A-1', null, accepted],
  ])('of %s', (_, ofId, receivedOn, outcome) => {
    given(...untouched, supplement({ receivedOn: receivedOn === null ? null : day(receivedOn) }))
      .when(recall({ ofId }))
      .then(outcome);
  });

  itRefusesInOrder({
    order: [
      'id-taken',
      'out-of-jurisdiction',
      'unknown-source',
      'source-not-received',
      'date-before-source',
      'amount-not-positive',
      'already-reversed',
      'exceeds-available',
      'exceeds-original',
    ],
    impossible: [
      ['out-of-jurisdiction', 'unknown-source', 'what is not known lies nowhere'],
      ['amount-not-positive', 'exceeds-original', 'nothing is not more than what is left'],
    ],
    exceptions: [
      ['already-reversed', 'exceeds-available', 'before its balance is looked at (Last points)'],
    ],
    scenario: (has) => ({
      given: [
        ...untouched,
        supplement({
          amount: 10_00n,
          receivedOn: has('source-not-received') ? null : day('2018-02-10'),
        }),
        ...(has('already-reversed') ? [reversal({ ofId: 'S-1' })] : []),
        ...(has('exceeds-available')
          ? [payment({ sourceId: 'A-1', amount: 200_00n, ...HAPPENED })]
          : []),
        ...(has('id-taken') ? [project({ id: 'R-3' })] : []),
      ],
      ...(has('out-of-jurisdiction') ? { by: REGION.shanglin } : {}),
      when: recall({
        ofId: has('unknown-source') ? 'D-1' : 'S-1',
        returnedOn: day(has('date-before-source') ? '2018-02-09' : '2018-05-01'),
        amount: has('amount-not-positive') ? 0n : has('exceeds-original') ? 11_00n : 10_00n,
      }),
    }),
  });
});

describe('money going back after the project closed', () => {
  it.each([
    ['退票', bankReturn()],
    ['退回', cashReturn()],
    ['收回', recall()],
  ])('%s stays possible', (_, row) => {
    const inTime = [{ ...county, projectId: 'X-1' }, disbursement(), payment()];
    given(project({ closedOn: day('2018-04-15') }), regional, ...inTime)
      .when(row)
      .then(accepted);
  });
});
