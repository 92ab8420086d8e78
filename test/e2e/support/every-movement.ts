import { allocation, bankReturn, cashReturn, disbursement, onItsWay } from './rows.js';
import { payment, recall, reversal, supplement } from './rows.js';
import type { TheLedger } from './the-ledger.js';

/*
 * A small year in which everything happens that can happen to money, amounts in 元. Figures of it are worked out by hand
 * where they are expected.
 *
 *   R 1000 (45) ─┬─ C 600 (4501) ─┬─ M 300 + U 40 (450124) ─┬─ T 80 (450124100) ── P2
 *                │                │                         └─ D1 150 ── P1, P3
 *                │                ├─ S1 100 (450125) ── D2 60, never credited
 *                │                └─ V 7 (450125), reversed
 *                ├─ W 50 (450124), never acknowledged
 *                └─ U 40, a supplement of M
 *   L 20 (450124), the county's own ── D3 6, reversed
 */
const city = { issuer_region: '450000', receiver_region: '450100' } as const;
const toCounty = (receiver_region: string, parent_id = 'C') => ({
  ...{ parent_id, issuer_region: parent_id === 'C' ? '450100' : '450000', receiver_region },
});

const ALLOCATIONS = [
  allocation('R', {
    ...{ issuer_region: '000000', receiver_region: '450000', amount: '1000' },
    ...{ issued_on: '2018-01-05', received_on: '2018-01-10' },
  }),
  allocation('C', {
    ...{ parent_id: 'R', ...city, amount: '600' },
    ...{ issued_on: '2018-01-15', received_on: '2018-01-20' },
  }),
  allocation('M', {
    ...{ ...toCounty('450124'), amount: '300' },
    ...{ issued_on: '2018-02-01', received_on: '2018-02-05' },
  }),
  allocation('S1', {
    ...{ ...toCounty('450125'), amount: '100' },
    ...{ issued_on: '2018-02-01', received_on: '2018-02-10' },
  }),
  allocation('W', {
    ...{ ...toCounty('450124', 'R'), amount: '50', issued_on: '2018-02-15' },
    ...onItsWay,
  }),
  allocation('T', {
    ...{ parent_id: 'M', issuer_region: '450124', receiver_region: '450124100', amount: '80' },
    ...{ issued_on: '2018-02-10', received_on: '2018-02-12' },
  }),
  allocation('L', {
    ...{ issuer_region: '450124', receiver_region: '450124', amount: '20' },
    ...{ fund_type: 'county-special', issued_on: '2018-02-01', received_on: '2018-02-01' },
  }),
  allocation('V', {
    ...{ ...toCounty('450125'), amount: '7' },
    ...{ issued_on: '2018-03-01', received_on: '2018-03-02' },
  }),
];

const SUPPLEMENTS = [
  supplement('U', 'M', {
    ...{ parent_id: 'R', amount: '40', issued_on: '2018-03-01', received_on: '2018-03-05' },
  }),
];

const DISBURSEMENTS = [
  disbursement('D1', 'M', {
    ...{ amount: '150', disbursed_on: '2018-03-10', credited_on: '2018-03-12' },
  }),
  disbursement('D2', 'S1', { amount: '60', disbursed_on: '2018-03-10', credited_on: '' }),
  disbursement('D3', 'L', {
    ...{ amount: '6', disbursed_on: '2018-03-15', credited_on: '2018-03-16' },
  }),
];

const PAYMENTS = [
  payment('P1', 'D1', { amount: '90', paid_on: '2018-04-01' }),
  payment('P2', 'T', { amount: '30', paid_on: '2018-04-02', method: 'direct' }),
  payment('P3', 'D1', { amount: '10', paid_on: '2018-04-03' }),
];

const sent = (amount: string, returned_on: string, received_on = '') => ({
  ...{ amount, returned_on, received_on },
});

const RETURNS = [
  bankReturn('B1', 'P1', sent('15', '2018-04-10')),
  bankReturn('B2', 'P2', sent('5', '2018-04-12')),
  cashReturn('CR1', 'D1', sent('25', '2018-05-01', '2018-05-03')),
  cashReturn('CR2', 'D1', sent('5', '2018-05-02')),
  recall('RC1', 'M', sent('35', '2018-05-05', '2018-05-08')),
  recall('RC2', 'S1', sent('12', '2018-05-06')),
  recall('RC3', 'U', sent('8', '2018-05-07', '2018-05-09')),
  recall('RC4', 'L', sent('3', '2018-05-10', '2018-05-10')),
  cashReturn('CR3', 'D1', sent('4', '2018-05-12', '2018-05-13')),
];

const REVERSALS = [
  ...[reversal('Z-P3', 'P3', { reversed_on: '2018-06-01' })],
  ...[reversal('Z-B2', 'B2', { reversed_on: '2018-06-02' })],
  ...[reversal('Z-W', 'W', { reversed_on: '2018-07-01' })],
  ...[reversal('Z-RC1', 'RC1', { reversed_on: '2018-07-05' })],
  ...[reversal('Z-CR2', 'CR2', { reversed_on: '2018-07-06' })],
  ...[reversal('Z-RC4', 'RC4', { reversed_on: '2018-07-07' })],
  ...[reversal('Z-D2', 'D2', { reversed_on: '2018-07-08' })],
  ...[reversal('Z-V', 'V', { reversed_on: '2018-07-09' })],
  ...[reversal('Z-D3', 'D3', { reversed_on: '2018-07-10' })],
  ...[reversal('Z-CR3', 'CR3', { reversed_on: '2018-07-11' })],
];

/** Before any reversal, and after all of them. */
export const IN_MAY = { asOf: '2018-05-31' } as const;
export const IN_JULY = { asOf: '2018-07-31' } as const;

export async function postEveryMovement(ledger: TheLedger): Promise<void> {
  await ledger.post('allocations', ...ALLOCATIONS);
  await ledger.post('supplements', ...SUPPLEMENTS);
  await ledger.post('disbursements', ...DISBURSEMENTS);
  await ledger.post('payments', ...PAYMENTS);
  await ledger.post('returns', ...RETURNS);
  await ledger.post('reversals', ...REVERSALS);
}
