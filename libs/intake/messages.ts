import type { RefusalCode, WarningCode } from '@fundflow/domain/decision';
import { formatYuan, parseFenText } from '@fundflow/domain/money';
import type { RowKind } from '@fundflow/domain/rows';
import { COLUMNS, idColumnOf } from './columns.js';

export interface MessageParts {
  /** English column name of contract §2. */
  readonly field: string;
  readonly value: string | null;
  /**
   * What was expected: a text for people (`bad-value`), else fen, a date, a region or ids, as the
   * decision gave it.
   */
  readonly expected: string | null;
  /** Fen or days, as text. */
  readonly difference: string | null;
  /** Names the field as this kind of file does; without it, as the first kind that has it. */
  readonly kind?: RowKind;
}

type Message = (parts: MessageParts, label: string) => string;

const quoted = (text: string | null): string => (text === null || text === '' ? '' : `“${text}”`);

/** Fen as people read them; anything else stays as it is. */
function yuan(text: string | null): string {
  const amount = text === null ? null : parseFenText(text);
  return amount === null ? (text ?? '') : `${formatYuan(amount)}元`;
}

const after = (lead: string, text: string | null, tail = ''): string =>
  text === null || text === '' ? '' : `${lead}${text}${tail}`;

const REFUSAL_MESSAGES: Readonly<Record<RefusalCode, Message>> = {
  'bad-value': ({ value, expected }, label) =>
    value === null
      ? `${label}不能为空${after('，应填：', expected)}`
      : `${label}填写有误${after('：', quoted(value))}${after('，要求：', expected)}`,
  'unknown-region': ({ value }, label) => `${label}${quoted(value)}不在区划表中`,
  'unknown-fund-type': ({ value }, label) => `${label}${quoted(value)}不是已知的资金类型`,
  'id-taken': ({ value }) => `编号${quoted(value)}已被内容不同的记录使用`,
  'out-of-jurisdiction': ({ value, expected }, label) =>
    `${label}${quoted(value)}不在允许的范围内${after('，应在 ', expected, ' 之内')}`,
  'unknown-source': ({ value }, label) => `${label}${quoted(value)}没有对应的有效记录`,
  'source-not-received': ({ value }, label) => `${label}${quoted(value)}尚未登记收文或到账`,
  'source-closed': ({ value, expected }, label) =>
    `${label}${quoted(value)}已冲销，或其项目已完结${after('（', expected, '）')}`,
  'unknown-project': ({ value }) => `项目${quoted(value)}不存在`,
  'date-before-source': ({ value, expected, difference }, label) =>
    `${label}${quoted(value)}早于来源日期${quoted(expected)}${after('，相差', difference, '天')}`,
  'amount-not-positive': ({ value }, label) => `${label}必须大于零${after('，现为', yuan(value))}`,
  'exceeds-available': ({ value, expected, difference }, label) =>
    difference === null
      ? `${label}${quoted(value)}之下还有其他记录，须先冲销${after('：', expected)}`
      : `金额${yuan(value)}超过可用余额${yuan(expected)}，超出${yuan(difference)}`,
  'already-reversed': ({ value }, label) => `${label}${quoted(value)}已被冲销`,
  'exceeds-original': ({ value, expected, difference }) =>
    `金额${yuan(value)}超过原记录可退金额${yuan(expected)}${after('，超出', yuan(difference))}`,
};

const WARNING_MESSAGES: Readonly<Record<WarningCode, Message>> = {
  'region-vintage': ({ value, expected }, label) =>
    `${label}${quoted(value)}不在${expected ?? '该'}年度的区划表中，请核对`,
  'doc-not-stated': (_parts, label) => `${label}未载明`,
  'doc-unreadable': ({ value }, label) => `${label}${quoted(value)}无法辨认，已按原文保留`,
  'check-digit': ({ value }, label) => `${label}${quoted(value)}校验位不符，请核对`,
  'hidden-row': () => '此行在表格中已被隐藏（或筛去），照常读取，请核对是否应当报送',
};

const MESSAGES: Readonly<Record<RefusalCode | WarningCode | 'already-posted', Message>> = {
  ...REFUSAL_MESSAGES,
  ...WARNING_MESSAGES,
  'already-posted': ({ value }) => `记录${quoted(value)}此前已经入账，不再重复入账`,
};

const LABELS: ReadonlyMap<string, string> = new Map(
  Object.values(COLUMNS)
    .flat()
    .reverse()
    .map((column) => [column.name, column.header]),
);

/** The Chinese header of a field; a decision calls a row's own id `id`. */
function labelOf(field: string, kind: RowKind | undefined): string {
  if (field === 'id') return kind === undefined ? '编号' : idColumnOf(kind).header;
  const own = kind && COLUMNS[kind].find((column) => column.name === field)?.header;
  return own ?? LABELS.get(field) ?? field;
}

/**
 * The zh-CN message of every refusal, warning and `already-posted`, values filled in. Amounts in
 * `value`, `expected` and `difference` come as fen and are shown in yuan.
 */
export function messageFor(
  code: RefusalCode | WarningCode | 'already-posted',
  parts: MessageParts,
): string {
  return MESSAGES[code](parts, labelOf(parts.field, parts.kind));
}
