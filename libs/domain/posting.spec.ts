import { accepted, alreadyPosted, given, happened, refused } from '../../test/support/given.js';
import { REGION } from '../../test/support/regions.js';
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
} from '../../test/support/rows.js';
import type { LedgerEventType } from './events.js';
import { referencesOf } from './posting.js';
import type { Row } from './rows.js';

interface Completion {
  readonly name: string;
  readonly before: readonly Row[];
  readonly row: Row;
  readonly filled: Row;
  readonly type: LedgerEventType;
  readonly streamId: string;
}

/** One row of every kind, in an order in which they fit. */
const all: readonly Row[] = [
  project(),
  allocation({ receivedOn: day('2018-01-20') }),
  supplement({ receivedOn: day('2018-02-10') }),
  disbursement({ creditedOn: day('2018-03-02') }),
  payment(),
  bankReturn(),
  cashReturn({ receivedOn: day('2018-05-09') }),
  recall(),
  reversal({ ofId: 'R-1' }),
  notice(),
];

describe('the same row again', () => {
  it.each(all.map((row) => [row.kind, row.id, row] as const))(
    'of %s %s posts nothing',
    (_, __, row) => {
      given(...all)
        .when(row)
        .then(alreadyPosted);
      given(...all)
        .by(REGION.guangdong)
        .when(row)
        .then(alreadyPosted);
    },
  );

  it('is the same whatever text the amount was handed in as', () => {
    given(...all)
      .when({ ...allocation(), amountText: '0.01 万元' })
      .then(alreadyPosted);
    const planned = { amountFen: allocation().amountFen, amountText: '100 元' };
    given(project({ planned }))
      .when(project({ planned: { ...planned, amountText: '0.01 万元' } }))
      .then(alreadyPosted);
  });

  it.each<[string, Row]>([
    ['another amount', allocation({ amount: 100_01n })],
    ['another remark', allocation({ remark: '更正' })],
    ['another date', allocation({ issuedOn: day('2018-01-11') })],
    ['another parent', allocation({ parentId: 'A-0' })],
    [
      'another payee',
      payment({ payee: { kind: 'unit', name: '别的公司', code: null, account: null } }),
    ],
    ['a payee that became a person', payment({ payee: person('c1') })],
    ['another plan', project({ planned: { amountFen: allocation().amountFen, amountText: '' } })],
    ['another reason', reversal({ ofId: 'R-1', reason: '重复' })],
  ])('but %s is id-taken', (_, row) => {
    given(...all)
      .when(row)
      .then(refused('id-taken', { field: 'id', value: row.id }));
  });

  it('compares the commitments of a person', () => {
    const paid = payment({ payee: person('c1') });
    const rows = [allocation(), disbursement(), paid];
    given(...rows)
      .when(payment({ payee: person('c1') }))
      .then(alreadyPosted);
    given(...rows)
      .when(payment({ payee: person('c2') }))
      .then(refused('id-taken'));
  });

  it('within one submission is already-posted as well', () => {
    const ledger = given(allocation());
    ledger.when(disbursement()).then(accepted);
    ledger.when(disbursement()).then(alreadyPosted);
  });

  function person(commitment: string) {
    return { kind: 'person', name: { commitment }, code: null, account: null } as const;
  }
});

describe('one name space for all ids', () => {
  it.each(all.map((row) => [row.kind, row] as const))(
    '%s may not take an id of another kind',
    (_, row) => {
      const other =
        row.kind === 'projects'
          ? notice({ id: row.id, subjectId: 'A-1' })
          : project({ id: row.id });
      given(...all)
        .when(other)
        .then(refused('id-taken', { value: row.id }));
    },
  );
});

describe('completing a record', () => {
  const ledger = [project(), allocation(), supplement({ receivedOn: null })];
  const onItsWay = disbursement({ creditedOn: null });
  const cases: readonly Completion[] = [
    {
      ...{ name: 'an allocation received', before: [], row: allocation({ receivedOn: null }) },
      ...{ filled: allocation(), type: 'AllocationReceived', streamId: 'holding-A-1' },
    },
    {
      ...{ name: 'a supplement received', before: [allocation()] },
      ...{ row: supplement({ receivedOn: null }), filled: supplement() },
      ...{ type: 'SupplementReceived', streamId: 'holding-A-1' },
    },
    {
      ...{ name: 'cash credited', before: ledger, row: onItsWay, filled: disbursement() },
      ...{ type: 'CashCredited', streamId: 'holding-D-1' },
    },
    {
      ...{ name: 'cash back', before: [...ledger, disbursement()], row: cashReturn() },
      filled: cashReturn({ receivedOn: day('2018-05-09') }),
      ...{ type: 'CashReturnReceived', streamId: 'holding-A-1' },
    },
    {
      ...{ name: 'authority back', before: ledger, row: recall() },
      filled: recall({ receivedOn: day('2018-05-09') }),
      ...{ type: 'RecallReceived', streamId: 'holding-A-1' },
    },
    {
      ...{ name: 'a project accepted', before: [], row: project() },
      filled: project({ acceptedOn: day('2018-11-01') }),
      ...{ type: 'ProjectAccepted', streamId: 'project-X-1' },
    },
    {
      ...{ name: 'a project closed', before: [], row: project() },
      filled: project({ closedOn: day('2018-12-01') }),
      ...{ type: 'ProjectClosed', streamId: 'project-X-1' },
    },
    {
      ...{ name: 'a notice taken down', before: ledger, row: notice() },
      filled: notice({ removedOn: day('2018-05-15') }),
      ...{ type: 'NoticeRemoved', streamId: 'notice-N-1' },
    },
  ];

  it.each(cases)(
    '$name: posts the missing side only',
    ({ before, row, filled, type, streamId }) => {
      given(...before, row)
        .when(filled)
        .then(happened({ type, streamId, key: `record:${row.id}` }));
    },
  );

  it.each(cases)('$name: every state ever posted is already-posted', ({ before, row, filled }) => {
    const ledger = given(...before, row, filled);
    ledger.when(row).then(alreadyPosted);
    ledger.when(filled).then(alreadyPosted);
  });

  it.each(cases)(
    '%s: a date once filled never changes and never empties',
    ({ before, row, filled }) => {
      const later = moved(filled, row);
      given(...before, row, filled)
        .when(later)
        .then(refused('id-taken'));
      // Posted with its date at once, the empty state never was.
      given(...before, filled)
        .when(later)
        .then(refused('id-taken'));
      given(...before, filled)
        .when(row)
        .then(refused('id-taken'));
    },
  );

  it.each(cases)('$name: nothing else may change with it', ({ before, row, filled }) => {
    const changed =
      'reason' in filled ? { reason: '别的' } : 'remark' in filled ? { remark: '别的' } : {};
    const other = Object.keys(changed).length > 0 ? changed : ownChange(filled);
    given(...before, row)
      .when({ ...filled, ...other } as Row)
      .then(refused('id-taken'));
  });

  it.each(cases)('$name: is a matter of the jurisdiction', ({ before, row, filled }) => {
    given(...before, row)
      .by(REGION.shanglin)
      .when(filled)
      .then(refused('out-of-jurisdiction'));
  });

  it.each(cases.filter(({ row }) => !['projects', 'notices'].includes(row.kind)))(
    '$name: not after it was reversed',
    ({ before, row, filled }) => {
      given(...before, row, reversal({ ofId: row.id }))
        .when(filled)
        .then(refused('already-reversed', { value: row.id }));
      given(...before, row, reversal({ ofId: row.id }))
        .when(row)
        .then(alreadyPosted);
    },
  );

  it('a project fills its two dates one after the other, or both at once', () => {
    const [acceptedOn, closedOn] = [day('2018-11-01'), day('2018-12-01')];
    given(project())
      .when(project({ acceptedOn, closedOn }))
      .then(happened({ type: 'ProjectAccepted' }, { type: 'ProjectClosed' }));
    const acceptedFirst = () => given(project(), project({ acceptedOn }));
    acceptedFirst()
      .when(project({ acceptedOn, closedOn }))
      .then(happened({ type: 'ProjectClosed', data: { acceptedOn, closedOn } }));
    // Closed but not accepted: a state this project never was in.
    acceptedFirst().when(project({ closedOn })).then(refused('id-taken'));
    acceptedFirst()
      .when(project({ acceptedOn: day('2018-11-02'), closedOn }))
      .then(refused('id-taken'));
    const both = acceptedFirst().and(project({ acceptedOn, closedOn }));
    both.when(project({ acceptedOn })).then(alreadyPosted);
    both.when(project({ closedOn })).then(refused('id-taken'));
  });

  it('of 退票 there is none: it counts on its own date', () => {
    const rows = [allocation(), disbursement(), payment()];
    const [may, june] = [day('2018-05-20'), day('2018-06-20')];
    given(...rows, bankReturn())
      .when(bankReturn({ receivedOn: may }))
      .then(alreadyPosted);
    const dated = given(...rows, bankReturn({ receivedOn: may }));
    dated.when(bankReturn({ receivedOn: june })).then(refused('id-taken'));
    dated.when(bankReturn()).then(refused('id-taken'));
  });

  function moved(filled: Row, row: Row): Row {
    const dates = Object.entries(filled).filter(
      ([key, value]) => value !== null && row[key as keyof Row] === null,
    );
    return { ...filled, ...Object.fromEntries(dates.map(([key]) => [key, day('2019-01-01')])) };
  }
  function ownChange(row: Row): object {
    return row.kind === 'projects' ? { name: '别的' } : { place: '别的' };
  }
});

describe('what a row leans on', () => {
  it.each<[Row, string[]]>([
    [project(), []],
    [allocation({ parentId: 'A-0', projectId: 'X-1' }), ['A-0', 'X-1']],
    [allocation(), []],
    [supplement({ parentId: 'A-0' }), ['A-0', 'A-1']],
    [disbursement({ projectId: 'X-1' }), ['A-1', 'X-1']],
    [payment({ projectId: 'X-1' }), ['D-1', 'X-1']],
    [cashReturn(), ['D-1']],
    [reversal(), ['P-1']],
    [notice(), ['X-1']],
  ])('%#', (row, ids) => {
    expect(referencesOf(row)).toEqual(ids);
  });
});
