import {
  type FundType,
  type NoticeLevel,
  type PaymentMethod,
  type ReturnKind,
  ROW_KINDS,
  type RowKind,
} from '@fundflow/domain/rows';

/**
 * A closed list of a column: every spelling that is accepted (contract §2 and §6), the first two
 * being the official.
 */
export interface Spelling<T> {
  readonly value: T;
  readonly chinese: string;
  /** Spellings of offices for the same thing; never one that would have to be guessed. */
  readonly also?: readonly string[];
}

export const FUND_TYPES: readonly Spelling<FundType>[] = [
  { value: 'central-special', chinese: '中央财政专项扶贫资金' },
  { value: 'region-special', chinese: '自治区财政专项扶贫资金' },
  { value: 'city-special', chinese: '市级专项' },
  { value: 'county-special', chinese: '县级专项' },
  { value: 'pooled', chinese: '统筹整合财政涉农资金' },
  { value: 'bond', chinese: '政府债券资金' },
  { value: 'guangdong', chinese: '粤桂扶贫协作资金' },
  { value: 'world-bank', chinese: '世界银行贷款' },
  { value: 'land-quota', chinese: '增减挂钩节余指标调剂收入' },
  { value: 'relending', chinese: '扶贫再贷款' },
  { value: 'policy-loan', chinese: '政策性贷款' },
  { value: 'commercial-loan', chinese: '商业性贷款' },
  { value: 'microcredit', chinese: '扶贫小额信贷' },
  { value: 'donation', chinese: '社会捐赠' },
  { value: 'lottery', chinese: '彩票公益金' },
  { value: 'east-west', chinese: '东西部扶贫协作资金' },
  { value: 'special', chinese: '财政专项扶贫资金' },
  { value: 'sector', chinese: '行业扶贫资金' },
];

export const PAYEE_KINDS: readonly Spelling<'unit' | 'person'>[] = [
  { value: 'unit', chinese: '单位' },
  { value: 'person', chinese: '个人' },
];

export const PAYMENT_METHODS: readonly Spelling<PaymentMethod>[] = [
  { value: 'direct', chinese: '直接支付' },
  { value: 'authorised', chinese: '授权支付', also: ['authorized'] },
  { value: 'card', chinese: '一卡通' },
  { value: 'reimbursement', chinese: '报账', also: ['报账制'] },
  { value: 'cash', chinese: '现金' },
];

export const RETURN_KINDS: readonly Spelling<ReturnKind>[] = [
  { value: 'bank-return', chinese: '退票' },
  { value: 'cash-return', chinese: '退回' },
  { value: 'recall', chinese: '收回' },
];

export const NOTICE_LEVELS: readonly Spelling<NoticeLevel>[] = [
  { value: 'province', chinese: '省', also: ['省级', '自治区', '自治区级'] },
  { value: 'city', chinese: '市', also: ['市级'] },
  { value: 'county', chinese: '县', also: ['县级'] },
  { value: 'township', chinese: '乡', also: ['乡级', '乡镇', '镇'] },
  { value: 'village', chinese: '村', also: ['村级'] },
];

export const YES_NO: readonly Spelling<boolean>[] = [
  { value: true, chinese: '是', also: ['yes', 'y', 'true', '1'] },
  { value: false, chinese: '否', also: ['no', 'n', 'false', '0'] },
];

/** What a sheet, and a kind in a message, is called (contract §2). */
export const KIND_NAMES: Readonly<Record<RowKind, string>> = {
  projects: '项目',
  allocations: '指标',
  supplements: '追加',
  disbursements: '拨付',
  payments: '支付',
  returns: '退回',
  reversals: '冲销',
  notices: '公示',
};

/** Every accepted spelling, lower case, to its value. */
export function spellingsOf<T>(list: readonly Spelling<T>[]): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const { value, chinese, also = [] } of list) {
    for (const text of [String(value), chinese, ...also]) found.set(text.toLowerCase(), value);
  }
  return found;
}

/** The kind under its English or Chinese name; null when it is none. */
export function kindOf(text: string): RowKind | null {
  const wanted = text.trim().toLowerCase();
  return ROW_KINDS.find((kind) => kind === wanted || KIND_NAMES[kind] === wanted) ?? null;
}

/** The sheet of a template that explains the columns; sheets whose name begins so are not read. */
export const HELP_SHEET = '说明';
