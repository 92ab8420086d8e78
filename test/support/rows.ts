import type { Day } from '@fundflow/domain/calendar';
import { fen } from '@fundflow/domain/money';
import type {
  AllocationRow,
  DisbursementRow,
  HandedInAmount,
  NoticeRow,
  PaymentRow,
  ProjectRow,
  ReturnKind,
  ReturnRow,
  ReversalRow,
  SupplementRow,
} from '@fundflow/domain/rows';
import { REGION } from './regions.js';

/**
 * Rows as intake hands them to the decision, with defaults that a clean file of a county would have: every row fits on
 * the defaults of the kind before it (allocation A-1 of ¥100.00, disbursement D-1 and payment P-1 below it). A spec
 * names only what it is about.
 *
 * `amount` is in fen, `1_00n` is one yuan.
 */
type Over<T> = Partial<Omit<T, 'kind' | keyof HandedInAmount>>;
type WithAmount<T> = Over<T> & { readonly amount?: bigint };

export const day = (text: string): Day => text as Day;

function split<O extends { readonly amount?: bigint }>(
  over: O,
  amount: bigint,
): [HandedInAmount, Omit<O, 'amount'>] {
  const { amount: given = amount, ...rest } = over;
  return [{ amountFen: fen(given), amountText: `${given} 分` }, rest];
}

export const project = (over: Over<ProjectRow> = {}): ProjectRow => ({
  kind: 'projects',
  id: 'X-1',
  name: '白山镇内学村道路硬化',
  county: REGION.mashan,
  township: null,
  village: null,
  category: null,
  unitName: '马山县交通运输局',
  unitCode: null,
  planned: null,
  libraryOn: null,
  approvedOn: null,
  plannedStart: null,
  plannedEnd: null,
  performanceTarget: null,
  acceptedOn: null,
  closedOn: null,
  ...over,
});

export function allocation(over: WithAmount<AllocationRow> = {}): AllocationRow {
  const [amount, rest] = split(over, 100_00n);
  return {
    kind: 'allocations',
    id: 'A-1',
    parentId: null,
    documentNo: '桂财农〔2018〕1号',
    fundType: 'central-special',
    fiscalYear: 2018,
    issuerRegion: REGION.guangxi,
    receiverRegion: REGION.mashan,
    receiverName: null,
    issuedOn: day('2018-01-10'),
    receivedOn: day('2018-01-20'),
    functionCode: null,
    projectId: null,
    purpose: null,
    remark: null,
    ...amount,
    ...rest,
  };
}

export function supplement(over: WithAmount<SupplementRow> = {}): SupplementRow {
  const [amount, rest] = split(over, 50_00n);
  return {
    kind: 'supplements',
    id: 'S-1',
    allocationId: 'A-1',
    parentId: null,
    documentNo: '桂财农〔2018〕2号',
    fundType: null,
    issuerRegion: REGION.guangxi,
    issuedOn: day('2018-02-01'),
    receivedOn: day('2018-02-10'),
    purpose: null,
    remark: null,
    ...amount,
    ...rest,
  };
}

export function disbursement(over: WithAmount<DisbursementRow> = {}): DisbursementRow {
  const [amount, rest] = split(over, 60_00n);
  return {
    kind: 'disbursements',
    id: 'D-1',
    allocationId: 'A-1',
    projectId: null,
    recipientName: '马山县交通运输局',
    recipientCode: null,
    recipientAccount: null,
    disbursedOn: day('2018-03-01'),
    creditedOn: day('2018-03-02'),
    voucherNo: 'V-D-1',
    remark: null,
    ...amount,
    ...rest,
  };
}

export function payment(over: WithAmount<PaymentRow> = {}): PaymentRow {
  const [amount, rest] = split(over, 40_00n);
  return {
    kind: 'payments',
    id: 'P-1',
    sourceId: 'D-1',
    projectId: null,
    payee: { kind: 'unit', name: '广西路桥有限公司', code: null, account: null },
    payeeRegion: null,
    paidOn: day('2018-04-01'),
    method: 'authorised',
    voucherNo: 'V-P-1',
    economicCode: null,
    purpose: null,
    alreadyHappened: false,
    reason: null,
    remark: null,
    ...amount,
    ...rest,
  };
}

const moneyBack =
  (returnKind: ReturnKind, id: string, ofId: string) =>
  (over: WithAmount<ReturnRow> = {}): ReturnRow => {
    const [amount, rest] = split(over, 10_00n);
    return {
      kind: 'returns',
      id,
      returnKind,
      ofId,
      returnedOn: day('2018-05-01'),
      receivedOn: null,
      reason: null,
      ...amount,
      ...rest,
    };
  };

/** 退票 of payment P-1. */
export const bankReturn = moneyBack('bank-return', 'R-1', 'P-1');
/** 退回 from disbursement D-1, on its way. */
export const cashReturn = moneyBack('cash-return', 'R-2', 'D-1');
/** 收回 from allocation A-1, on its way. */
export const recall = moneyBack('recall', 'R-3', 'A-1');

export const reversal = (over: Over<ReversalRow> = {}): ReversalRow => ({
  kind: 'reversals',
  id: 'Z-1',
  ofId: 'P-1',
  reversedOn: day('2018-06-01'),
  reason: '录入错误',
  ...over,
});

export const notice = (over: Over<NoticeRow> = {}): NoticeRow => ({
  kind: 'notices',
  id: 'N-1',
  subjectId: 'X-1',
  level: 'county',
  place: null,
  postedOn: day('2018-05-01'),
  removedOn: null,
  ...over,
});
