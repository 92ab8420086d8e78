import type { Cells } from './person.js';

/*
 * Rows of contract §2 as an office hands them in, English headers, amounts in 元: `amount: '12.50'` is 1250 fen. A spec
 * names only what it is about. By default money enters 马山县 (450124) from the region on 10 January 2018, is received on
 * 20 January, disbursed in March and paid in April.
 */
export const project = (project_id: string, over: Cells = {}): Cells => ({
  project_id,
  name: '通屯道路硬化',
  county: '450124',
  unit_name: '马山县交通运输局',
  ...over,
});

export const allocation = (allocation_id: string, over: Cells = {}): Cells => ({
  allocation_id,
  parent_id: '',
  doc_no: '桂财农〔2018〕1号',
  fund_type: 'central-special',
  fiscal_year: '2018',
  issuer_region: '450000',
  receiver_region: '450124',
  amount: '100',
  unit: '元',
  issued_on: '2018-01-10',
  received_on: '2018-01-20',
  ...over,
});

/** Money under way: nobody has acknowledged it. */
export const onItsWay = { received_on: '' } as const;

export const supplement = (
  supplement_id: string,
  allocation_id: string,
  over: Cells = {},
): Cells => ({
  supplement_id,
  allocation_id,
  parent_id: '',
  doc_no: '桂财农〔2018〕2号',
  issuer_region: '450000',
  amount: '50',
  unit: '元',
  issued_on: '2018-02-01',
  received_on: '2018-02-10',
  ...over,
});

export const disbursement = (
  disbursement_id: string,
  allocation_id: string,
  over: Cells = {},
): Cells => ({
  disbursement_id,
  allocation_id,
  recipient_name: '马山县交通运输局',
  amount: '60',
  unit: '元',
  disbursed_on: '2018-03-01',
  credited_on: '2018-03-02',
  voucher_no: `V-${disbursement_id}`,
  ...over,
});

export const payment = (payment_id: string, source_id: string, over: Cells = {}): Cells => ({
  payment_id,
  source_id,
  payee_kind: 'unit',
  payee_name: '广西路桥有限公司',
  amount: '40',
  unit: '元',
  paid_on: '2018-04-01',
  method: 'authorised',
  voucher_no: `V-${payment_id}`,
  ...over,
});

const moneyBack =
  (kind: string) =>
  (return_id: string, of_id: string, over: Cells = {}): Cells => ({
    return_id,
    kind,
    of_id,
    amount: '10',
    unit: '元',
    returned_on: '2018-05-01',
    received_on: '',
    ...over,
  });

/** 退票 */
export const bankReturn = moneyBack('bank-return');
/** 退回 */
export const cashReturn = moneyBack('cash-return');
/** 收回 */
export const recall = moneyBack('recall');

export const reversal = (reversal_id: string, of_id: string, over: Cells = {}): Cells => ({
  reversal_id,
  of_id,
  reversed_on: '2018-06-01',
  reason: '录入错误',
  ...over,
});

export const notice = (notice_id: string, subject_id: string, over: Cells = {}): Cells => ({
  notice_id,
  subject_id,
  level: 'county',
  posted_on: '2018-05-01',
  ...over,
});
