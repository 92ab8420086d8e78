import { accepted, given, happened, refused } from '../../../test/support/given.js';
import { REGION } from '../../../test/support/regions.js';
import {
  allocation,
  bankReturn,
  cashReturn,
  day,
  disbursement,
  payment,
  recall,
  reversal,
  supplement,
} from '../../../test/support/rows.js';
import type { Row } from '../rows.js';

/** ¥500.00 with the region, ¥200.00 with the city, and the county's ¥100.00 of the region. */
const regional = allocation({
  ...{ id: 'A-0', amount: 500_00n },
  ...{ issuerRegion: REGION.centre, receiverRegion: REGION.guangxi },
});
const pot = allocation({ id: 'A-9', amount: 200_00n, receiverRegion: REGION.nanning });
const county = allocation({
  ...{ parentId: 'A-0', amount: 100_00n },
  ...{ issuedOn: day('2018-01-25'), receivedOn: day('2018-01-30') },
});
const pooled = supplement({ parentId: 'A-9', issuerRegion: REGION.nanning, amount: 50_00n });
const ledger = [regional, pot, county, disbursement(), payment()];
const june = day('2018-06-01');

const balance = (rows: readonly Row[], id: string, on: string): bigint | undefined =>
  given(...rows)
    .books.holding(id)
    ?.timeline.at(day(on));

describe('what a reversal undoes, on its own date', () => {
  /** id, rows before, [holding, before, after] */
  const cases: readonly [string, readonly Row[], string, readonly [string, bigint, bigint][]][] = [
    ['a payment', ledger, 'P-1', [['D-1', 20_00n, 60_00n]]],
    ['退票', [...ledger, bankReturn()], 'R-1', [['D-1', 30_00n, 20_00n]]],
    [
      '退回 on its way',
      [...ledger, cashReturn()],
      'R-2',
      [
        ['D-1', 10_00n, 20_00n],
        ['A-1', 40_00n, 40_00n],
      ],
    ],
    [
      '退回 received',
      [...ledger, cashReturn({ receivedOn: day('2018-05-09') })],
      'R-2',
      [
        ['D-1', 10_00n, 20_00n],
        ['A-1', 50_00n, 40_00n],
      ],
    ],
    [
      '收回 on its way',
      [...ledger, recall()],
      'R-3',
      [
        ['A-1', 30_00n, 40_00n],
        ['A-0', 400_00n, 400_00n],
      ],
    ],
    [
      '收回 received',
      [...ledger, recall({ receivedOn: day('2018-05-09') })],
      'R-3',
      [
        ['A-1', 30_00n, 40_00n],
        ['A-0', 410_00n, 400_00n],
      ],
    ],
    [
      '收回 out of the ledger',
      [...ledger, recall({ ofId: 'A-9' })],
      'R-3',
      [['A-9', 190_00n, 200_00n]],
    ],
    [
      'a disbursement on its way',
      [regional, county, disbursement({ creditedOn: null })],
      'D-1',
      [
        ['A-1', 40_00n, 100_00n],
        ['D-1', 0n, 0n],
      ],
    ],
    [
      'a disbursement credited',
      [regional, county, disbursement()],
      'D-1',
      [
        ['A-1', 40_00n, 100_00n],
        ['D-1', 60_00n, 0n],
      ],
    ],
    [
      'a supplement',
      [...ledger, pooled],
      'S-1',
      [
        ['A-1', 90_00n, 40_00n],
        ['A-9', 150_00n, 200_00n],
      ],
    ],
    [
      'a supplement on its way',
      [...ledger, { ...pooled, receivedOn: null }],
      'S-1',
      [
        ['A-1', 40_00n, 40_00n],
        ['A-9', 150_00n, 200_00n],
      ],
    ],
    [
      'a supplement from outside',
      [county, supplement()].map(outside),
      'S-1',
      [['A-1', 150_00n, 100_00n]],
    ],
    [
      'an allocation',
      [regional, county],
      'A-1',
      [
        ['A-1', 100_00n, 0n],
        ['A-0', 400_00n, 500_00n],
      ],
    ],
    [
      'an allocation on its way',
      [regional, { ...county, receivedOn: null }],
      'A-1',
      [
        ['A-1', 0n, 0n],
        ['A-0', 400_00n, 500_00n],
      ],
    ],
    ['an allocation from outside', [pot], 'A-9', [['A-9', 200_00n, 0n]]],
  ];

  it.each(cases)('%s', (_, rows, ofId, balances) => {
    const reversed = [...rows, reversal({ ofId, reversedOn: june })];
    for (const [id, before, after] of balances) {
      expect([id, balance(reversed, id, '2018-05-31')]).toEqual([id, before]);
      expect([id, balance(reversed, id, '2018-06-01')]).toEqual([id, after]);
    }
  });

  it.each(cases)('%s, and only once', (_, rows, ofId) => {
    given(...rows, reversal({ ofId }))
      .when(reversal({ id: 'Z-2', ofId, reversedOn: day('2018-07-01') }))
      .then(refused('already-reversed', { field: 'of_id', value: ofId }));
  });

  function outside<R extends Row>(row: R): R {
    return { ...row, parentId: null };
  }
});

describe('the events of a reversal', () => {
  it('lie in the stream of the holding that loses, and in that of the giver', () => {
    given(...ledger, pooled)
      .when(reversal({ ofId: 'S-1' }))
      .then(
        happened(
          {
            ...{ type: 'MovementReversed', streamId: 'holding-A-1', region: REGION.mashan },
            ...{ key: 'record:Z-1', index: 0, occurredOn: '2018-06-01' },
            data: {
              ...{ ofKind: 'supplement', amountFen: 50_00n, wasReceived: true },
              ...{ giverId: 'A-9', giverRegion: REGION.nanning, receiverId: 'A-1' },
              ...{ holdingId: 'A-1', documentNo: '桂财农〔2018〕2号', voucherNo: null },
            },
          },
          {
            ...{ type: 'DrawRestored', streamId: 'holding-A-9', region: REGION.nanning },
            ...{ key: 'record:Z-1', index: 2, data: { holdingId: 'A-9', amountFen: 50_00n } },
          },
        ),
      );
  });

  it('say what a return had given back, and that money out of the ledger had no receiver', () => {
    given(...ledger, recall({ ofId: 'A-9' }))
      .when(reversal({ ofId: 'R-3' }))
      .then(
        happened({
          ...{ type: 'MovementReversed', streamId: 'holding-A-9' },
          data: { ofKind: 'recall', giverId: 'A-9', receiverId: null, returnOfId: 'A-9' },
        }),
      );
    given(...ledger)
      .when(reversal())
      .then(
        happened({
          type: 'MovementReversed',
          data: { ofKind: 'payment', receiverId: null, voucherNo: 'V-P-1', documentNo: null },
        }),
      );
  });
});

describe('reversing what was drawn on since', () => {
  const spent = (amount: bigint) => payment({ id: 'P-5', sourceId: 'A-1', amount, paidOn: june });

  it.each([
    ['an allocation untouched', [regional, county], 'A-1', accepted],
    ['an allocation with a fen spent', [regional, county, spent(1n)], 'A-1', short('9999', '1')],
    [
      'an allocation with a fen recalled',
      [regional, county, recall({ amount: 1n, returnedOn: day('2018-07-01') })],
      'A-1',
      short('9999', '1'),
    ],
    [
      'an allocation with a fen passed on',
      [regional, county, allocation({ id: 'A-2', parentId: 'A-1', amount: 1n, ...within() })],
      'A-1',
      short('9999', '1'),
    ],
    ['a supplement not needed', [...ledger, pooled, spent(40_00n)], 'S-1', accepted],
    ['a supplement needed', [...ledger, pooled, spent(40_01n)], 'S-1', short('4999', '1')],
    ['a disbursement with something paid', ledger, 'D-1', short('2000', '4000')],
    [
      '退票 paid out again',
      [...ledger, bankReturn(), payment({ id: 'P-2', amount: 20_01n, paidOn: june })],
      'R-1',
      short('999', '1'),
    ],
    [
      '退回 spent again',
      [...ledger, cashReturn({ receivedOn: day('2018-05-09') }), spent(40_01n)],
      'R-2',
      short('999', '1'),
    ],
    [
      '收回 passed on again',
      [
        ...[regional, county, recall({ receivedOn: day('2018-05-09') })],
        allocation({ id: 'A-2', parentId: 'A-0', amount: 400_01n, issuedOn: june }),
      ],
      'R-3',
      short('999', '1'),
    ],
    [
      '收回 on its way to a parent that has nothing left',
      [
        ...[regional, county, recall()],
        allocation({ id: 'A-2', parentId: 'A-0', amount: 400_00n, issuedOn: june }),
      ],
      'R-3',
      accepted,
    ],
    [
      '收回 out of the ledger: nobody inside has it',
      [pot, gone(150_00n), payment({ sourceId: 'A-9', amount: 50_00n })],
      'R-3',
      accepted,
    ],
  ])('%s', (_, rows, ofId, outcome) => {
    given(...rows)
      .when(reversal({ ofId }))
      .then(outcome);
  });

  it('looks at every day from its own on', () => {
    const between = [
      payment({ sourceId: 'A-1', amount: 60_00n, paidOn: day('2018-06-10') }),
      bankReturn({ amount: 60_00n, returnedOn: day('2018-06-20') }),
    ];
    given(regional, county, ...between)
      .when(reversal({ ofId: 'A-1', reversedOn: day('2018-06-19') }))
      .then(refused('exceeds-available', { expected: '4000' }));
    given(regional, county, ...between)
      .when(reversal({ ofId: 'A-1', reversedOn: day('2018-06-20') }))
      .then(accepted);
  });

  function short(expected: string, difference: string) {
    return refused('exceeds-available', { field: 'of_id', expected, difference });
  }
  function gone(amount: bigint) {
    return recall({ ofId: 'A-9', amount, receivedOn: day('2018-05-09') });
  }
  function within() {
    return { issuerRegion: REGION.mashan, issuedOn: june, receivedOn: null };
  }
});

describe('reversing an allocation that has supplements', () => {
  const undone = reversal({ id: 'Z-9', ofId: 'S-1', reversedOn: day('2018-06-15') });

  it.each([
    ['acknowledged', supplement()],
    ['on its way', supplement({ receivedOn: null })],
  ])('is refused while one stands: %s', (_, row) => {
    given(regional, county, row)
      .when(reversal({ ofId: 'A-1' }))
      .then(refused('exceeds-available', { field: 'of_id', expected: 'S-1' }));
  });

  it('is possible from the day on which the last was reversed', () => {
    given(regional, county, supplement(), undone)
      .when(reversal({ ofId: 'A-1', reversedOn: day('2018-06-15') }))
      .then(accepted);
    given(regional, county, supplement(), undone)
      .when(reversal({ ofId: 'A-1', reversedOn: day('2018-06-14') }))
      .then(refused('exceeds-available', { expected: 'S-1' }));
  });
});

describe('reversing what was given back in part', () => {
  it.each([
    ['a payment', [...ledger, bankReturn({ amount: 1n })], 'P-1', 'R-1', '3999'],
    ['a payment returned whole', [...ledger, bankReturn({ amount: 40_00n })], 'P-1', 'R-1', '0'],
    [
      'a supplement',
      [...ledger, pooled, recall({ ofId: 'S-1', amount: 1n })],
      'S-1',
      'R-3',
      '4999',
    ],
  ])('%s: the returns are reversed first', (_, rows, ofId, returnId, expected) => {
    given(...rows)
      .when(reversal({ ofId }))
      .then(refused('exceeds-original', { field: 'of_id', expected }));
    const undone = reversal({ id: 'Z-9', ofId: returnId, reversedOn: june });
    given(...rows, undone)
      .when(reversal({ ofId, reversedOn: day('2018-05-31') }))
      .then(refused('exceeds-original'));
    given(...rows, undone)
      .when(reversal({ ofId, reversedOn: june }))
      .then(accepted);
  });
});
