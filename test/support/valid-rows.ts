import type { RowKind } from '@fundflow/domain/rows';

export type Cells = Readonly<Record<string, string>>;

/**
 * One row of every kind as it may be handed in, without a finding. Checks of ID and account hold:
 * 11010519491231002X is the example of GB 11643, 91350100M000100Y43 that of GB 32100.
 */
export const VALID_ROWS: Readonly<Record<RowKind, Cells>> = {
  projects: {
    project_id: 'MS-P1',
    name: '通屯道路',
    county: '450124',
    unit_name: '马山县交通运输局',
    planned_amount: '713',
    unit: '万元',
    approved_on: '2018-03-01',
  },
  allocations: {
    allocation_id: 'GX18-1',
    doc_no: '桂财农[2018]123号',
    fund_type: 'central-special',
    fiscal_year: '2018',
    issuer_region: '450000',
    receiver_region: '450124',
    amount: '724.712484',
    unit: '万元',
    issued_on: '2018/6/1',
  },
  supplements: {
    supplement_id: 'GX18-2',
    allocation_id: 'GX18-1',
    doc_no: '桂财农〔2018〕130号',
    issuer_region: '45',
    amount: '1',
    unit: '亿元',
    issued_on: '20180701',
  },
  disbursements: {
    disbursement_id: 'D1',
    allocation_id: 'GX18-1',
    recipient_name: '马山县扶贫办',
    recipient_code: '91350100M000100Y43',
    recipient_account: '2102 1101 0930 0012 345',
    amount: '1,000.50',
    unit: '元',
    disbursed_on: '2018年6月5日',
    voucher_no: 'PZ-1',
  },
  payments: {
    payment_id: 'P1',
    source_id: 'D1',
    payee_kind: '个人',
    payee_name: '韦小某',
    payee_code: '11010519491231002x',
    payee_account: '4111 1111 1111 1111',
    amount: '500',
    unit: '元',
    paid_on: '2018-06-10',
    method: '一卡通',
    voucher_no: 'PZ-2',
  },
  returns: {
    return_id: 'R1',
    kind: '退票',
    of_id: 'P1',
    amount: '500',
    unit: '元',
    returned_on: '2018-06-12',
  },
  reversals: { reversal_id: 'X1', of_id: 'P1', reversed_on: '2018-06-13', reason: '重复录入' },
  notices: { notice_id: 'N1', subject_id: 'MS-P1', level: '村', posted_on: '2018-06-01' },
};
