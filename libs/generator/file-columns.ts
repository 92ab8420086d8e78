import type { RowKind } from '@fundflow/domain/rows';

/** The files of a plan, in the order in which they must be imported: none refers to a later one. */
export const FILES = [
  'projects',
  'allocations',
  'supplements',
  'disbursements',
  'payments',
  'returns',
  'reversals',
  'payments-again',
  'notices',
] as const;

export type FileKey = (typeof FILES)[number];

/** What a bank sent back is paid again only after the return is posted: payments come in two files. */
export const kindOf = (file: FileKey): RowKind => (file === 'payments-again' ? 'payments' : file);

/** Chinese headers of contract §2, in its order; cells are handed over in the same order. */
export const HEADERS: Readonly<Record<RowKind, readonly string[]>> = {
  projects: [
    ...['项目编号', '项目名称', '县区划', '乡镇区划', '村区划', '项目类别', '实施单位'],
    ...['统一社会信用代码', '计划投资', '单位', '入库日期', '批复日期', '计划开工', '计划完工'],
    ...['绩效目标', '验收日期', '完结日期'],
  ],
  allocations: [
    ...['指标编号', '上级指标编号', '指标文号', '资金类型', '预算年度', '下达地区', '接收地区'],
    ...['接收单位', '金额', '单位', '下达日期', '收文日期', '功能科目', '项目编号', '用途', '备注'],
  ],
  supplements: [
    ...['追加编号', '指标编号', '上级指标编号', '指标文号', '资金类型', '下达地区', '金额', '单位'],
    ...['下达日期', '收文日期', '用途', '备注'],
  ],
  disbursements: [
    ...['拨付编号', '指标编号', '项目编号', '收款单位', '统一社会信用代码', '收款账号', '金额'],
    ...['单位', '拨付日期', '到账日期', '凭证号', '备注'],
  ],
  payments: [
    ...['支付编号', '资金来源编号', '项目编号', '收款人类型', '收款人', '证件号码', '收款账号'],
    ...['收款人地区', '金额', '单位', '支付日期', '支付方式', '凭证号', '经济分类', '用途'],
    ...['既成事实', '理由', '备注'],
  ],
  returns: ['退回编号', '类型', '对应编号', '金额', '单位', '退回日期', '收到日期', '原因'],
  reversals: ['冲销编号', '对应编号', '冲销日期', '原因'],
  notices: ['公示编号', '对应编号', '公示层级', '公示地点', '公示开始', '公示结束'],
};

/** Takes one row: the cells of `HEADERS[kindOf(file)]`. */
export type Sink = (file: FileKey, cells: readonly string[]) => void;

/** A cell of a comma-separated file (RFC 4180). */
export const csvCell = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
