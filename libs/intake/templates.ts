import type { Readable } from 'node:stream';
import { ROW_KINDS, type RowKind } from '@fundflow/domain/rows';
import { type Column, COLUMNS, type ColumnType } from './columns.js';
import { BYTE_ORDER_MARK, csvLine } from './csv-text.js';
import {
  FUND_TYPES,
  HELP_SHEET,
  KIND_NAMES,
  NOTICE_LEVELS,
  PAYEE_KINDS,
  PAYMENT_METHODS,
  RETURN_KINDS,
  type Spelling,
  YES_NO,
} from './enumerations.js';
import { type ColumnStyle, type WrittenSheet, writeWorkbook } from './xlsx/write-workbook.js';

/** What may be chosen from in a column, in Chinese. */
const CHOICES: Readonly<Partial<Record<ColumnType, readonly Spelling<unknown>[]>>> = {
  'fund-type': FUND_TYPES,
  'payee-kind': PAYEE_KINDS,
  method: PAYMENT_METHODS,
  'return-kind': RETURN_KINDS,
  level: NOTICE_LEVELS,
  'yes-no': YES_NO,
};
const UNITS = ['元', '万元', '亿元'];

function choicesOf({ type }: Column): readonly string[] {
  if (type === 'unit') return UNITS;
  return (CHOICES[type] ?? []).map(({ chinese }) => chinese);
}

const styleOf = ({ type }: Column): ColumnStyle =>
  type === 'day' ? 'day' : type === 'amount' ? 'plain' : 'text';

const HELP_HEADER = ['表', '列名', '英文列名', '必填', '填写说明', '可选值'];

const helpRow = (kind: RowKind, column: Column): string[] => [
  KIND_NAMES[kind],
  column.header,
  column.name,
  column.required ? '是' : '否',
  column.help,
  choicesOf(column).join('、'),
];

/** Every column of a kind, or of all kinds, explained in Chinese. */
export function columnHelp(kinds: readonly RowKind[] = ROW_KINDS): string[][] {
  return [HELP_HEADER, ...kinds.flatMap((kind) => COLUMNS[kind].map((c) => helpRow(kind, c)))];
}

/**
 * The empty table of a kind as CSV: UTF-8 with its mark, Chinese headers. It can be handed in as it
 * is filled.
 */
export function templateCsv(kind: RowKind): string {
  return BYTE_ORDER_MARK + csvLine(COLUMNS[kind].map((column) => column.header));
}

/**
 * The explanation of the columns as CSV; a table of its own, because every row of a table is data.
 */
export function helpCsv(kinds: readonly RowKind[] = ROW_KINDS): string {
  return BYTE_ORDER_MARK + columnHelp(kinds).map(csvLine).join('');
}

function sheetOf(kind: RowKind): WrittenSheet {
  return {
    name: KIND_NAMES[kind],
    columns: COLUMNS[kind].map((column) => ({
      width: Math.max(12, column.header.length * 2 + 4),
      style: styleOf(column),
      choices: choicesOf(column),
    })),
    rows: [COLUMNS[kind].map((column) => column.header)],
  };
}

const HELP_WIDTHS = [8, 18, 20, 8, 50, 60];

/**
 * One workbook with an empty sheet for every kind, its columns formatted so that ids and accounts
 * keep their digits and closed lists can be chosen from, and a sheet 说明 that explains every column.
 * It can be handed in as it is filled.
 */
export function templateWorkbook(): Readable {
  const help: WrittenSheet = {
    name: HELP_SHEET,
    columns: HELP_WIDTHS.map((width) => ({ width, style: 'text' })),
    rows: columnHelp(),
  };
  return writeWorkbook([...ROW_KINDS.map(sheetOf), help]);
}
