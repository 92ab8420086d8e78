import { type RowKind } from '@fundflow/domain/rows';
import { RECORD_ID_LENGTH_MAX } from '@fundflow/domain/identifiers';

/**
 * How the cells of a column are read. `id` is a record's own or another's id; `line` is a short
 * text of one line, `text` a longer one whose line breaks become spaces; the `payee-*` types are
 * personal data when the payee is a person.
 */
export type ColumnType =
  | 'id'
  | 'line'
  | 'text'
  | 'region'
  | 'day'
  | 'amount'
  | 'unit'
  | 'year'
  | 'document'
  | 'credit-code'
  | 'account'
  | 'function-code'
  | 'economic-code'
  | 'fund-type'
  | 'payee-kind'
  | 'payee-name'
  | 'payee-code'
  | 'payee-account'
  | 'method'
  | 'return-kind'
  | 'level'
  | 'yes-no';

/**
 * One column of one kind of file. Parsing, templates, JSON rows and messages are driven from this
 * table alone.
 */
export interface Column {
  /** English name of contract §2; the `field` of every finding. */
  readonly name: string;
  /** Chinese header of contract §2. */
  readonly header: string;
  readonly type: ColumnType;
  readonly required: boolean;
  /** Longest text in UTF-16 units; chosen so that a record stays far below 65,535 bytes. */
  readonly lengthMax: number;
  /** Other headers of offices, among them those of the integrated budget system. */
  readonly aliases: readonly string[];
  /** For the person who fills it in. */
  readonly help: string;
}

const LENGTH_MAX: Readonly<Record<ColumnType, number>> = {
  ...{ id: RECORD_ID_LENGTH_MAX * 2, line: 200, text: 1000, document: 200 },
  ...{ region: 20, day: 40, amount: 64, unit: 10, year: 10, 'credit-code': 40, account: 64 },
  ...{ 'function-code': 20, 'economic-code': 20, 'fund-type': 40, 'payee-kind': 10 },
  ...{ 'payee-name': 200, 'payee-code': 64, 'payee-account': 64, method: 20 },
  ...{ 'return-kind': 20, level: 20, 'yes-no': 10 },
};

/** `name*` marks a required column; aliases follow the help. */
function column(
  starred: string,
  header: string,
  type: ColumnType,
  help: string,
  ...aliases: string[]
): Column {
  const required = starred.endsWith('*');
  const name = required ? starred.slice(0, -1) : starred;
  return { name, header, type, required, lengthMax: LENGTH_MAX[type], aliases, help };
}

const UNIT = column(
  'unit',
  '单位',
  'unit',
  '元、万元或亿元；表头写明单位（如“金额（万元）”）时可不填',
  '金额单位',
  '计量单位',
);
const REMARK = column('remark', '备注', 'text', '说明，不参与任何规则');
const AMOUNT = column('amount*', '金额', 'amount', '十进制数，最多精确到分，不得四舍五入');
const PROJECT = column('project_id', '项目编号', 'id', '项目表中的编号', 'pro_code', '项目代码');
const FUND_TYPE_HELP = '按资金类型表填写中文或英文名称';
const DOC_NO = column(
  ...([
    'doc_no*',
    '指标文号',
    'document',
    '如 桂财农〔2018〕123号；来源未载明时填“未载明”',
  ] as const),
  ...['cor_bgt_doc_no', '文号', '发文文号'],
);
const REGION_HELP = '区划代码，2、4、6、9或12位';

const projects = [
  column('project_id*', '项目编号', 'id', '1至64个字符，不含空格', 'pro_code', '项目代码'),
  column('name*', '项目名称', 'line', '项目全称'),
  column('county*', '县区划', 'region', REGION_HELP, 'mof_div_code', '县区划代码'),
  column('township', '乡镇区划', 'region', REGION_HELP, '乡镇区划代码'),
  column('village', '村区划', 'region', REGION_HELP, '村区划代码'),
  column('category', '项目类别', 'line', '如 产业发展、基础设施'),
  column('unit_name*', '实施单位', 'line', '项目实施单位全称'),
  column('unit_code', '统一社会信用代码', 'credit-code', '18位'),
  column('planned_amount', '计划投资', 'amount', '可不填'),
  UNIT,
  column('library_on', '入库日期', 'day', '进入项目库的日期'),
  column('approved_on', '批复日期', 'day', '批复文件的日期'),
  column('planned_start', '计划开工', 'day', '日期'),
  column('planned_end', '计划完工', 'day', '日期'),
  column('performance_target', '绩效目标', 'text', '绩效目标说明'),
  column('accepted_on', '验收日期', 'day', '可以后补填'),
  column('closed_on', '完结日期', 'day', '可以后补填'),
];

const allocations = [
  column('allocation_id*', '指标编号', 'id', '1至64个字符，不含空格'),
  column('parent_id', '上级指标编号', 'id', '空白表示资金从账外进入'),
  DOC_NO,
  column('fund_type*', '资金类型', 'fund-type', FUND_TYPE_HELP),
  column('fiscal_year*', '预算年度', 'year', '四位年份'),
  column('issuer_region*', '下达地区', 'region', `${REGION_HELP}；中央为 000000`),
  column('receiver_region*', '接收地区', 'region', REGION_HELP, 'mof_div_code'),
  column('receiver_name', '接收单位', 'line', '接收单位全称'),
  AMOUNT,
  UNIT,
  column('issued_on*', '下达日期', 'day', '指标文件的日期'),
  column('received_on', '收文日期', 'day', '空白表示尚未收文，可以后补填'),
  column(
    'function_code',
    '功能科目',
    'function-code',
    '3、5或7位数字',
    'exp_func_code',
    '支出功能分类',
  ),
  PROJECT,
  column('purpose', '用途', 'text', '资金用途'),
  REMARK,
];

const supplements = [
  column('supplement_id*', '追加编号', 'id', '1至64个字符，不含空格'),
  column('allocation_id*', '指标编号', 'id', '因追加而增加的指标'),
  column('parent_id', '上级指标编号', 'id', '可与该指标原来的上级不同（统筹整合）'),
  DOC_NO,
  column('fund_type', '资金类型', 'fund-type', FUND_TYPE_HELP),
  column('issuer_region*', '下达地区', 'region', `${REGION_HELP}；中央为 000000`),
  AMOUNT,
  UNIT,
  column('issued_on*', '下达日期', 'day', '追加文件的日期'),
  column('received_on', '收文日期', 'day', '空白表示尚未收文，可以后补填'),
  column('purpose', '用途', 'text', '资金用途'),
  REMARK,
];

const disbursements = [
  column('disbursement_id*', '拨付编号', 'id', '1至64个字符，不含空格'),
  column('allocation_id*', '指标编号', 'id', '从哪一笔指标拨付'),
  PROJECT,
  column('recipient_name*', '收款单位', 'line', '收款单位全称'),
  column('recipient_code', '统一社会信用代码', 'credit-code', '18位'),
  column('recipient_account', '收款账号', 'account', '请按文本填写，不要按数字'),
  AMOUNT,
  UNIT,
  column('disbursed_on*', '拨付日期', 'day', '付出的日期'),
  column('credited_on', '到账日期', 'day', '空白表示尚未确认到账，可以后补填'),
  column('voucher_no*', '凭证号', 'line', '没有时填“未载明”'),
  REMARK,
];

const payments = [
  column('payment_id*', '支付编号', 'id', '1至64个字符，不含空格'),
  column('source_id*', '资金来源编号', 'id', '拨付编号；国库直接支付时为指标编号'),
  PROJECT,
  column('payee_kind*', '收款人类型', 'payee-kind', '单位 或 个人'),
  column('payee_name*', '收款人', 'payee-name', '单位全称或姓名'),
  column('payee_code', '证件号码', 'payee-code', '统一社会信用代码或身份证号码'),
  column('payee_account', '收款账号', 'payee-account', '请按文本填写，不要按数字'),
  column('payee_region', '收款人地区', 'region', REGION_HELP),
  AMOUNT,
  UNIT,
  column('paid_on*', '支付日期', 'day', '支付的日期'),
  column('method*', '支付方式', 'method', '直接支付、授权支付、一卡通、报账 或 现金'),
  column('voucher_no*', '凭证号', 'line', '没有时填“未载明”'),
  column('economic_code', '经济分类', 'economic-code', '3或5位数字', 'gov_bgt_eco_code'),
  column('purpose', '用途', 'text', '支付用途，不得填写身份证号码'),
  column('already_happened', '既成事实', 'yes-no', '是 或 否；填“是”须写明理由'),
  column('reason', '理由', 'text', '既成事实的理由'),
  REMARK,
];

const returns = [
  column('return_id*', '退回编号', 'id', '1至64个字符，不含空格'),
  column('kind*', '类型', 'return-kind', '退票、退回 或 收回', '退回类型'),
  column('of_id*', '对应编号', 'id', '退票填支付编号，退回填拨付编号，收回填指标或追加编号'),
  AMOUNT,
  UNIT,
  column('returned_on*', '退回日期', 'day', '退出的日期'),
  column('received_on', '收到日期', 'day', '退回和收回：空白表示在途，可以后补填'),
  column('reason', '原因', 'text', '退回原因'),
];

const reversals = [
  column('reversal_id*', '冲销编号', 'id', '1至64个字符，不含空格'),
  column('of_id*', '对应编号', 'id', '被冲销的记录'),
  column('reversed_on*', '冲销日期', 'day', '冲销的日期'),
  column('reason*', '原因', 'text', '冲销原因'),
];

const notices = [
  column('notice_id*', '公示编号', 'id', '1至64个字符，不含空格'),
  column('subject_id*', '对应编号', 'id', '项目、指标或支付编号'),
  column('level*', '公示层级', 'level', '省、市、县、乡 或 村'),
  column('place', '公示地点', 'line', '公示栏或网站'),
  column('posted_on*', '公示开始', 'day', '公示第一天'),
  column('removed_on', '公示结束', 'day', '公示最后一天，可以后补填'),
];

export const COLUMNS: Readonly<Record<RowKind, readonly Column[]>> = {
  ...{ projects, allocations, supplements, disbursements },
  ...{ payments, returns, reversals, notices },
};

/**
 * Names of the integrated budget system without a counterpart here: kept and given back like
 * `flex_*`.
 */
export const KEPT_HEADERS = ['agency_code', 'budget_level'] as const;

/** The column that holds a record's own id: the first of every kind. */
export const idColumnOf = (kind: RowKind): Column => COLUMNS[kind][0] as Column;

export function columnOf(kind: RowKind, name: string): Column {
  const found = COLUMNS[kind].find((candidate) => candidate.name === name);
  if (!found) throw new Error(`${kind} has no column ${name}`);
  return found;
}
