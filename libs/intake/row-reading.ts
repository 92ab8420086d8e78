import type { RefusalCode, WarningCode } from '@fundflow/domain/decision';
import { maskName, residentIdWithin } from '@fundflow/domain/identifiers';
import {
  hidePersonalNumbers,
  type PersonalNumber,
  personalNumberWithin,
} from '@fundflow/domain/personal-numbers';
import type { RegionCode, KnownRegions } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import { type Column, COLUMNS, idColumnOf } from './columns.js';
import { findingOf, type Masking, type RowFinding } from './findings.js';
import type { SheetLayout } from './headers.js';
import { FLEX_LENGTH_MAX } from './limits.js';
import type { CellProblem } from './parsed-row.js';

/** The cells of one row by position, and what is wrong with some of them before they are read. */
export interface RowCells {
  readonly rowNumber: number;
  readonly texts: readonly (string | undefined)[];
  readonly problems: ReadonlyMap<number, CellProblem> | null;
  /** Nobody sees it in the spreadsheet: a row that is hidden, or filtered away. */
  readonly isHidden?: boolean;
}

const BY_NAME = Object.fromEntries(
  Object.entries(COLUMNS).map(([kind, columns]) => [
    kind,
    new Map(columns.map((column) => [column.name, column])),
  ]),
) as unknown as Readonly<Record<RowKind, ReadonlyMap<string, Column>>>;

const PROBLEM_EXPECTED: Readonly<Record<CellProblem, string>> = {
  formula: '数值，单元格含公式，请粘贴为数值',
  'error-value': '有效的值，单元格为错误值',
  'digits-lost': '文本格式，按数字存储已丢失末位数字',
  'date-cell': '文本格式，单元格被存成了日期',
  merged: '取消合并单元格，每行分别填写',
  'not-a-text': '文本（JSON 中写在引号里）',
};

const NUMBER_NAMES: Readonly<Record<PersonalNumber, string>> = {
  ...{ 'resident-id': '居民身份证号码', card: '银行卡号', mobile: '手机号码' },
};
/** Numbers of documents, which may look like any number. */
const NUMBERED = 'voucher_no';
/** A figure, whole: as long as an ID or a card it is more money than there is. */
const FIGURE = /^[\d.,，．\s]{1,16}$/;
const NAME_LENGTH_MIN = 2;

/** Printable ASCII and unified ideographs without blanks at the ends: nothing to normalise, nothing to refuse. */
const PLAIN = /^[\x21-\x7e\u4e00-\u9fff](?:[\x20-\x7e\u4e00-\u9fff]*[\x21-\x7e\u4e00-\u9fff])?$/;
// Control characters, lone surrogates, and the invisible ones that hide or turn around what people
// read.
const REFUSED = /[\p{Cc}\p{Cs}\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFE\uFFFF]/u;

export interface RowRegion {
  readonly name: string;
  readonly code: RegionCode;
}

const NO_REGIONS: readonly RowRegion[] = [];

/**
 * Reads the cells of one row and keeps its findings. The first error of each rank counts; warnings
 * all count.
 */
export class RowReading {
  readonly warnings: RowFinding[] = [];
  /**
   * Whether `payee_*` cells are personal data; true until the row says that the payee is a unit.
   */
  payeeIsPerson = true;
  /** Every known region of the row, to be compared with the table of its year. */
  get regions(): readonly RowRegion[] {
    return this.#regions;
  }
  #regions: readonly RowRegion[] = NO_REGIONS;
  /** Most rows have none. */
  #errors: Map<RefusalCode, RowFinding> | null = null;
  readonly columns: ReadonlyMap<string, Column>;

  constructor(
    readonly layout: SheetLayout,
    readonly cells: RowCells,
    readonly regionTable: KnownRegions,
  ) {
    this.columns = BY_NAME[layout.kind];
  }

  /** Of a column, found in some table. Rarely two a row, so the list is never made with room for more. */
  addRegion(name: string, code: RegionCode): void {
    this.#regions = [...this.#regions, { name, code }];
  }

  /** The first error by the contract's order of precedence. */
  error(): RowFinding | null {
    const ranks = ['bad-value', 'unknown-region', 'unknown-fund-type'] as const;
    const errors = this.#errors;
    if (!errors) return null;
    return ranks.map((code) => errors.get(code)).find((found) => found) ?? null;
  }

  fail(code: RefusalCode, field: string, value: string | null, expected: string | null): void {
    this.#errors ??= new Map();
    if (this.#errors.has(code)) return;
    this.#errors.set(code, this.#finding('error', code, field, value, expected));
  }

  warn(code: WarningCode, field: string, value: string | null, expected: string | null): void {
    this.warnings.push(this.#finding('warning', code, field, value, expected));
  }

  #finding(
    severity: 'error' | 'warning',
    code: RefusalCode | WarningCode,
    field: string,
    value: string | null,
    expected: string | null,
  ): RowFinding {
    const { kind, indexOf } = this.layout;
    const id = this.cells.texts[indexOf.get(idColumnOf(kind).name) ?? -1]?.trim() || null;
    const masking = this.#maskingOf(this.columns.get(field), value ?? '');
    const row = this.cells.rowNumber;
    const shown = masking === 'words' && value !== null ? this.#withoutPayee(value) : value;
    const parts = { sheet: kind, row, id: id && this.#withoutPayee(id), field, severity, code };
    return findingOf({ ...parts, value: shown, expected, masking });
  }

  #maskingOf(column: Column | undefined, value: string): Masking {
    if (column?.type === 'account' || column?.type === 'payee-account') return 'account';
    if (column?.type === 'amount' && FIGURE.test(value)) return 'none';
    if (column?.type === 'payee-name') return this.payeeIsPerson ? 'name' : 'words';
    return column?.type === 'payee-code' && this.payeeIsPerson ? 'code' : 'words';
  }

  /** The name of the person who is paid, where it stands in another cell too. */
  #withoutPayee(text: string): string {
    const index = this.payeeIsPerson ? this.layout.indexOf.get('payee_name') : undefined;
    const name = index === undefined ? '' : (this.cells.texts[index]?.trim() ?? '');
    return name.length < NAME_LENGTH_MIN ? text : text.replaceAll(name, maskName(name));
  }

  /**
   * A cell as clean text; null when it is empty or refused. Refuses an empty required cell:
   * bad-value.
   */
  text(name: string): string | null {
    const column = this.columns.get(name);
    if (!column) throw new Error(`${this.layout.kind} has no column ${name}`);
    const index = this.layout.indexOf.get(name);
    if (index !== undefined && this.#hasProblem(column, index)) return null;
    const raw = index === undefined ? undefined : this.cells.texts[index];
    const text = raw === undefined || raw === '' ? '' : this.#clean(column, raw);
    if (text === null) return null;
    if (text === '') {
      if (column.required) this.fail('bad-value', name, null, column.help);
      return null;
    }
    if (text.length > column.lengthMax) {
      this.fail('bad-value', name, text, `不超过${column.lengthMax}个字符`);
      return null;
    }
    return text;
  }

  #hasProblem(column: Column, index: number): boolean {
    const problem = this.cells.problems?.get(index);
    if (problem === undefined) return false;
    if (problem === 'date-cell' && column.type === 'day') return false;
    // A double holds an amount of 16 or 17 digits, and nothing longer was ever stored.
    if (problem === 'digits-lost' && column.type === 'amount') return false;
    this.fail('bad-value', column.name, this.cells.texts[index] ?? '', PROBLEM_EXPECTED[problem]);
    return true;
  }

  #clean(column: Column, raw: string): string | null {
    const oneLine = column.type === 'text' ? raw.replace(/[\t\r\n]+/g, ' ') : raw;
    const isPlain = PLAIN.test(oneLine);
    const text = isPlain ? oneLine : oneLine.normalize('NFC').trim();
    if (!isPlain && REFUSED.test(text)) {
      this.fail('bad-value', column.name, text, '不得含有换行、控制字符或不可见字符');
      return null;
    }
    const number = this.#isPersonal(column) ? null : personalNumberIn(column, text);
    if (number === null) return text;
    this.fail('bad-value', column.name, text, `不得含有${NUMBER_NAMES[number]}`);
    return null;
  }

  #isPersonal(column: Column): boolean {
    return this.payeeIsPerson && column.type.startsWith('payee-');
  }

  /** What stands below a list, such as its total, is no record: bad-value, whatever else the row holds. */
  isRecord(): void {
    const id = idColumnOf(this.layout.kind).name;
    const first = this.cells.texts.find((text) => text !== undefined && text.trim() !== '');
    if (first === undefined || !isBelowTheList(first)) return;
    this.fail('bad-value', id, first, '记录的编号；合计、附注等不是记录，请删去此行');
  }

  /**
   * Cells that no header names, and cells beyond the last header, must be empty: a comma may have
   * torn the row.
   */
  nothingBeside(): void {
    const { width, unnamed } = this.layout;
    const { texts } = this.cells;
    const isFull = (text: string | undefined): boolean => text !== undefined && text.trim() !== '';
    const extra = texts.length > width ? texts.slice(width).find(isFull) : undefined;
    if (extra !== undefined) {
      this.fail(
        'bad-value',
        `第${width + 1}列`,
        extra,
        `每行不超过${width}列，文本中的分隔符须加引号`,
      );
    }
    for (const index of unnamed) {
      const text = texts[index];
      if (text === undefined || text.trim() === '') continue;
      this.fail('bad-value', `第${index + 1}列`, text, '此列没有表头，应为空');
    }
  }

  flex(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const { name, index } of this.layout.flex) {
      const text = (this.cells.texts[index] ?? '').replace(/[\p{Cc}\p{Cs}]+/gu, ' ').trim();
      if (text.length > FLEX_LENGTH_MAX) {
        this.fail('bad-value', name, text, `不超过${FLEX_LENGTH_MAX}个字符`);
      } else if (text !== '') found[name] = this.#withoutPayee(hidePersonalNumbers(text));
    }
    return found;
  }
}

const ASCII_LAST = 0x7f;
const TOTAL = /^[(（]?(?:本[页表])?(?:合计|总计|小计|共计|累计)(?![^\s:：(（)）])/;
const REMARK =
  /^(?:附?注|备注|说明|填[表报]人?|填报单位|制表人?|审核人?|复核人?|经办人?|负责人)[:：]/;

/** Whether a first cell is that of a total or of a remark. */
function isBelowTheList(text: string): boolean {
  if (text.charCodeAt(0) <= ASCII_LAST && !/^\s/.test(text)) return false;
  const plain = text.replace(/\s+/g, '');
  return TOTAL.test(plain) || REMARK.test(plain);
}

/** In words any; in ids, codes and numbers a resident ID alone, by its check digit. */
function personalNumberIn({ type, name }: Column, text: string): PersonalNumber | null {
  const isWords = (type === 'text' || type === 'line') && name !== NUMBERED;
  if (isWords) return personalNumberWithin(text);
  return text.length >= 18 && residentIdWithin(text) !== null ? 'resident-id' : null;
}
