import iconv from 'iconv-lite';
import { rawWorkbook, xmlRow } from '../../support/raw-workbook.js';
import type { Cells } from './person.js';

/** Contract §2, word by word: every column of every kind, `*` for required. */
const COLUMNS = {
  projects:
    'project_id* 项目编号 · name* 项目名称 · county* 县区划 · township 乡镇区划 · village 村区划 · category 项目类别 · unit_name* 实施单位 · unit_code 统一社会信用代码 · planned_amount 计划投资 · unit 单位 · library_on 入库日期 · approved_on 批复日期 · planned_start 计划开工 · planned_end 计划完工 · performance_target 绩效目标 · accepted_on 验收日期 · closed_on 完结日期',
  allocations:
    'allocation_id* 指标编号 · parent_id 上级指标编号 · doc_no* 指标文号 · fund_type* 资金类型 · fiscal_year* 预算年度 · issuer_region* 下达地区 · receiver_region* 接收地区 · receiver_name 接收单位 · amount* 金额 · unit 单位 · issued_on* 下达日期 · received_on 收文日期 · function_code 功能科目 · project_id 项目编号 · purpose 用途 · remark 备注',
  supplements:
    'supplement_id* 追加编号 · allocation_id* 指标编号 · parent_id 上级指标编号 · doc_no* 指标文号 · fund_type 资金类型 · issuer_region* 下达地区 · amount* 金额 · unit 单位 · issued_on* 下达日期 · received_on 收文日期 · purpose 用途 · remark 备注',
  disbursements:
    'disbursement_id* 拨付编号 · allocation_id* 指标编号 · project_id 项目编号 · recipient_name* 收款单位 · recipient_code 统一社会信用代码 · recipient_account 收款账号 · amount* 金额 · unit 单位 · disbursed_on* 拨付日期 · credited_on 到账日期 · voucher_no* 凭证号 · remark 备注',
  payments:
    'payment_id* 支付编号 · source_id* 资金来源编号 · project_id 项目编号 · payee_kind* 收款人类型 · payee_name* 收款人 · payee_code 证件号码 · payee_account 收款账号 · payee_region 收款人地区 · amount* 金额 · unit 单位 · paid_on* 支付日期 · method* 支付方式 · voucher_no* 凭证号 · economic_code 经济分类 · purpose 用途 · already_happened 既成事实 · reason 理由 · remark 备注',
  returns:
    'return_id* 退回编号 · kind* 类型 · of_id* 对应编号 · amount* 金额 · unit 单位 · returned_on* 退回日期 · received_on 收到日期 · reason 原因',
  reversals: 'reversal_id* 冲销编号 · of_id* 对应编号 · reversed_on* 冲销日期 · reason* 原因',
  notices:
    'notice_id* 公示编号 · subject_id* 对应编号 · level* 公示层级 · place 公示地点 · posted_on* 公示开始 · removed_on 公示结束',
} as const;

export type Kind = keyof typeof COLUMNS;
export const KINDS = Object.keys(COLUMNS) as Kind[];

/** Contract §2: what a sheet is called in Chinese. */
export const SHEET_NAMES: Readonly<Record<Kind, string>> = {
  projects: '项目',
  allocations: '指标',
  supplements: '追加',
  disbursements: '拨付',
  payments: '支付',
  returns: '退回',
  reversals: '冲销',
  notices: '公示',
};

export interface ContractColumn {
  readonly name: string;
  readonly header: string;
  readonly required: boolean;
}

export const columnsOf = (kind: Kind): readonly ContractColumn[] =>
  COLUMNS[kind].split(' · ').map((text) => {
    const [starred = '', header = ''] = text.split(' ');
    return { name: starred.replace('*', ''), header, required: starred.endsWith('*') };
  });

export type Table = readonly (readonly string[])[];

/** Header and rows in the order of the contract; a column that no row fills stays out. */
export function tableOf(kind: Kind, language: 'en' | 'zh', rows: readonly Cells[]): Table {
  const columns = columnsOf(kind).filter(({ name }) => rows.some((row) => row[name] !== undefined));
  const header = columns.map(({ name, header: chinese }) => (language === 'en' ? name : chinese));
  return [header, ...rows.map((row) => columns.map(({ name }) => row[name] ?? ''))];
}

const quoted = (cell: string): string =>
  /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

export const csv = (table: Table, separator = ','): string =>
  table.map((row) => `${row.map(quoted).join(separator)}\r\n`).join('');

export const encoded = (text: string, encoding: string, addBOM = false): Uint8Array =>
  iconv.encode(text, encoding, { addBOM });

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A workbook of text cells; a cell that begins with `<c ` is taken as written. */
export function workbook(
  sheets: Readonly<Record<string, Table>>,
  parts: { readonly styles?: string } = {},
): Promise<Buffer> {
  return rawWorkbook({
    ...parts,
    sheets: Object.entries(sheets).map(([name, table]) => ({
      name,
      rows: table
        .map((row, index) =>
          xmlRow(
            index + 1,
            row.map((cell) => (cell.startsWith('<c ') ? cell : escaped(cell))),
          ),
        )
        .join(''),
    })),
  });
}
