import { REFUSALS } from '@fundflow/domain/decision';
import type { Kind } from './support/files.js';
import type { Cells } from './support/person.js';
import {
  allocation,
  bankReturn,
  cashReturn,
  disbursement,
  notice,
  onItsWay,
} from './support/rows.js';
import { payment, project, recall, reversal, supplement } from './support/rows.js';
import type { DemoLogin } from './support/running-ledger.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();

beforeAll(async () => {
  const county = { receiver_region: '450124', amount: '100' };
  const shut = { project_id: 'X-shut', amount: '10' };
  await ledger.post('projects', project('X-1'), project('X-shut', { closed_on: '2018-06-30' }));
  await ledger.post(
    'allocations',
    ...[allocation('A', county), allocation('A-way', { ...county, ...onItsWay })],
    ...[allocation('A-gone', county), allocation('A-shut', { ...county, ...shut })],
    allocation('A-far', { receiver_region: '450125' }),
    ...[
      allocation('R', { receiver_region: '450000' }),
      allocation('R-gone', { receiver_region: '450000' }),
    ],
    allocation('R-way', { receiver_region: '450000', ...onItsWay }),
    allocation('A-below', { parent_id: 'R', amount: '5', issued_on: '2018-01-25', ...onItsWay }),
  );
  await ledger.post('supplements', supplement('S', 'A'));
  await ledger.post(
    'disbursements',
    ...[disbursement('D', 'A', { amount: '20' }), disbursement('D-gone', 'A', { amount: '5' })],
    disbursement('D-way', 'A', { amount: '5', credited_on: '' }),
    disbursement('D-far', 'A-far', { amount: '5' }),
  );
  await ledger.post(
    'payments',
    ...[payment('P', 'D', { amount: '10' }), payment('P-gone', 'D', { amount: '1' })],
    payment('P-far', 'A-far', { amount: '1' }),
  );
  await ledger.post('returns', bankReturn('B', 'P', { amount: '1' }));
  await ledger.post(
    'reversals',
    ...['A-gone', 'R-gone', 'D-gone', 'P-gone'].map((id) => reversal(`Z-${id}`, id)),
  );
});

/**
 * A ladder: the first row has every flaw its kind can have at once, each step mends the one it was refused for, and the
 * last row is accepted. So every code is said before all that stand below it.
 */
interface Ladder {
  readonly what: string;
  readonly kind: Kind;
  readonly by: DemoLogin;
  readonly worst: Cells;
  readonly steps: readonly (readonly [refusal: string, mended: Cells])[];
}

const LADDERS: readonly Ladder[] = [
  {
    what: 'a project',
    ...{ kind: 'projects', by: 'county-maker' },
    worst: project('A', { name: '', county: '999999' }),
    steps: [
      ['bad-value', { name: '路' }],
      ['unknown-region', { county: '450125' }],
      ['id-taken', { project_id: 'new-x' }],
      ['out-of-jurisdiction', { county: '450124' }],
    ],
  },
  {
    what: 'an allocation',
    ...{ kind: 'allocations', by: 'maker' },
    worst: allocation('A', {
      ...{ amount: 'x', issuer_region: '99', fund_type: '款', receiver_region: '440000' },
      ...{ parent_id: 'none', project_id: 'none', issued_on: '2018-01-01', received_on: '' },
    }),
    steps: [
      ['bad-value', { amount: '-1' }],
      ['unknown-region', { issuer_region: '450000' }],
      ['unknown-fund-type', { fund_type: 'pooled' }],
      ['id-taken', { allocation_id: 'new-a' }],
      ['out-of-jurisdiction', { receiver_region: '450124' }],
      ['unknown-source', { parent_id: 'R-way' }],
      ['source-not-received', { parent_id: 'R-gone' }],
      ['source-closed', { parent_id: 'R' }],
      ['unknown-project', { project_id: 'X-1' }],
      ['date-before-source', { issued_on: '2018-02-01' }],
      ['amount-not-positive', { amount: '95.01' }],
      ['exceeds-available', { amount: '95' }],
    ],
  },
  {
    what: 'a supplement',
    ...{ kind: 'supplements', by: 'maker' },
    worst: supplement('A', 'A-far', {
      ...{ amount: 'x', issuer_region: '99', fund_type: '款', parent_id: 'R-way' },
      ...{ issued_on: '2018-01-01', received_on: '' },
    }),
    steps: [
      ['bad-value', { amount: '-1' }],
      ['unknown-region', { issuer_region: '450124' }],
      ['unknown-fund-type', { fund_type: '' }],
      ['id-taken', { supplement_id: 'new-s' }],
      ['out-of-jurisdiction', { issuer_region: '450000', allocation_id: 'none' }],
      ['unknown-source', { allocation_id: 'A-gone' }],
      ['source-not-received', { parent_id: 'R' }],
      ['source-closed', { allocation_id: 'A' }],
      ['date-before-source', { issued_on: '2018-02-01' }],
      ['amount-not-positive', { amount: '1000' }],
      ['exceeds-available', { amount: '1' }],
    ],
  },
  {
    what: 'a disbursement',
    ...{ kind: 'disbursements', by: 'county-maker' },
    worst: disbursement('A', 'A-far', {
      ...{ amount: 'x', project_id: 'none', disbursed_on: '2018-01-01', credited_on: '' },
    }),
    steps: [
      ['bad-value', { amount: '-1' }],
      ['id-taken', { disbursement_id: 'new-d' }],
      ['out-of-jurisdiction', { allocation_id: 'D' }],
      ['unknown-source', { allocation_id: 'A-way' }],
      ['source-not-received', { allocation_id: 'A-gone' }],
      ['source-closed', { allocation_id: 'A' }],
      ['unknown-project', { project_id: 'X-1' }],
      ['date-before-source', { disbursed_on: '2018-03-01' }],
      ['amount-not-positive', { amount: '10000' }],
      ['exceeds-available', { amount: '1' }],
    ],
  },
  {
    what: 'a payment, of a project that is closed',
    ...{ kind: 'payments', by: 'county-maker' },
    worst: payment('A', 'A-far', {
      ...{ amount: 'x', payee_region: '99', project_id: 'none', paid_on: '2018-07-01' },
    }),
    steps: [
      ['bad-value', { amount: '-1' }],
      ['unknown-region', { payee_region: '45' }],
      ['id-taken', { payment_id: 'new-p' }],
      ['out-of-jurisdiction', { source_id: 'P' }],
      ['unknown-source', { source_id: 'D-way' }],
      ['source-not-received', { source_id: 'A-shut' }],
      ['source-closed', { paid_on: '2018-01-01' }],
      ['unknown-project', { project_id: '' }],
      ['date-before-source', { paid_on: '2018-06-30' }],
      ['amount-not-positive', { amount: '10.01' }],
      ['exceeds-available', { amount: '10' }],
    ],
  },
  {
    what: '退票',
    ...{ kind: 'returns', by: 'county-maker' },
    worst: bankReturn('A', 'P-far', { amount: 'x', returned_on: '2018-01-01' }),
    steps: [
      ['bad-value', { amount: '-1' }],
      ['id-taken', { return_id: 'new-b' }],
      ['out-of-jurisdiction', { of_id: 'D' }],
      ['unknown-source', { of_id: 'P-gone' }],
      ['date-before-source', { returned_on: '2018-07-01' }],
      ['amount-not-positive', { amount: '9.01' }],
      ['already-reversed', { of_id: 'P' }],
      ['exceeds-original', { amount: '9' }],
    ],
  },
  {
    what: '退回',
    ...{ kind: 'returns', by: 'county-maker' },
    worst: cashReturn('A', 'D-far', { amount: 'x', returned_on: '2018-01-01' }),
    steps: [
      ['bad-value', { amount: '-1' }],
      ['id-taken', { return_id: 'new-c' }],
      ['out-of-jurisdiction', { of_id: 'A' }],
      ['unknown-source', { of_id: 'D-way' }],
      ['source-not-received', { of_id: 'D-gone' }],
      ['date-before-source', { returned_on: '2018-07-01' }],
      ['amount-not-positive', { amount: '1000' }],
      ['already-reversed', { of_id: 'D' }],
      ['exceeds-available', { amount: '1' }],
    ],
  },
  {
    what: '收回',
    ...{ kind: 'returns', by: 'county-maker' },
    worst: recall('A', 'A-far', { amount: 'x', returned_on: '2018-01-01' }),
    steps: [
      ['bad-value', { amount: '-1' }],
      ['id-taken', { return_id: 'new-r' }],
      ['out-of-jurisdiction', { of_id: 'D' }],
      ['unknown-source', { of_id: 'A-way' }],
      ['source-not-received', { of_id: 'A-gone' }],
      ['date-before-source', { returned_on: '2018-07-01' }],
      ['amount-not-positive', { amount: '1000' }],
      ['already-reversed', { of_id: 'A' }],
      ['exceeds-available', { of_id: 'S', amount: '50.01' }],
      ['exceeds-original', { amount: '50' }],
    ],
  },
  {
    what: 'a reversal of an allocation that was drawn on',
    ...{ kind: 'reversals', by: 'county-maker' },
    worst: reversal('A', 'P-far', { reason: '', reversed_on: '2018-01-01' }),
    steps: [
      ['bad-value', { reason: '误' }],
      ['id-taken', { reversal_id: 'new-z' }],
      ['out-of-jurisdiction', { of_id: 'X-1' }],
      ['unknown-source', { of_id: 'A-gone' }],
      ['date-before-source', { reversed_on: '2018-07-01' }],
      ['already-reversed', { of_id: 'A' }],
      ['exceeds-available', { of_id: 'P' }],
      ['exceeds-original', { of_id: 'B' }],
    ],
  },
  {
    what: 'a notice',
    ...{ kind: 'notices', by: 'county-maker' },
    worst: notice('A', 'A-far', { level: '国' }),
    steps: [
      ['bad-value', { level: '村' }],
      ['id-taken', { notice_id: 'new-n' }],
      ['out-of-jurisdiction', { subject_id: 'none' }],
      ['unknown-source', { subject_id: 'P' }],
    ],
  },
];

describe('§3 “Refusals, in this order of precedence”', () => {
  it.each(LADDERS)('$what', async ({ kind, by, worst, steps }) => {
    const rows = [worst];
    for (const [, mended] of steps) rows.push({ ...rows.at(-1), ...mended } as Cells);
    const said = await ledger.verdicts(kind, rows, by);
    expect(said).toEqual([...steps.map(([refusal]) => refusal), 'ok']);
  });

  it('has no step that is not in the order of the contract, but for what §6 says of the reversed', () => {
    const order =
      `bad-value, unknown-region, unknown-fund-type, id-taken, out-of-jurisdiction, unknown-source,
      source-not-received, source-closed, unknown-project, date-before-source, amount-not-positive, exceeds-available,
      already-reversed, exceeds-original`.split(/,\s+/);
    expect(REFUSALS).toEqual(order);
    for (const { steps } of LADDERS) {
      // “Whatever is done to something reversed is already-reversed, before its balance is looked at.”
      const codes = steps.map(([code]) => code).filter((code) => code !== 'already-reversed');
      expect(codes).toEqual(order.filter((code) => codes.includes(code)));
    }
  });

  it('“an id of the wrong kind is unknown-source”, of a project unknown-project', async () => {
    const wrong = [
      ['allocations', allocation('w-1', { parent_id: 'D' })],
      ['allocations', allocation('w-2', { parent_id: 'S' })],
      ['allocations', allocation('w-3', { project_id: 'A' })],
      ['supplements', supplement('w-4', 'D')],
      ['disbursements', disbursement('w-5', 'X-1')],
      ['payments', payment('w-6', 'S')],
      ['returns', cashReturn('w-7', 'P')],
      ['returns', bankReturn('w-8', 'B')],
      ['reversals', reversal('w-9', 'Z-A-gone')],
      ['notices', notice('w-10', 'B')],
    ] as const;
    const said = await Promise.all(wrong.map(([kind, row]) => ledger.verdicts(kind, [row])));
    expect(said.flat()).toEqual(
      wrong.map((_, at) => (at === 2 ? 'unknown-project' : 'unknown-source')),
    );
  });
});
