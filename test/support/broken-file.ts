import type { RefusalCode, WarningCode } from '@fundflow/domain/decision';
import type { RowKind } from '@fundflow/domain/rows';
import { type Column, COLUMNS, type ColumnType } from '@fundflow/intake/columns';
import { csvCell, type FileKey, headersOf, kindOf } from '@fundflow/generator/file-columns';
import { residentId } from '@fundflow/generator/identities';
import { PAYMENTS_MIN, planSteps } from '@fundflow/generator/plan-rows';
import { type Random, randomFor } from '@fundflow/generator/random';

/** What is wrong with one row, and what the ledger says to it. */
export interface Defect {
  /** As a spreadsheet shows it: the header is row 1. */
  readonly row: number;
  /** English column name of contract §2. */
  readonly field: string;
  readonly value: string;
  readonly code: RefusalCode | WarningCode;
  readonly severity: 'error' | 'warning';
}

export interface BrokenFile {
  readonly name: string;
  /** CSV, UTF-8 with BOM. */
  readonly text: string;
  /** One a column, in order. */
  readonly defects: readonly Defect[];
}

type Spoiled = readonly [value: string, code: Defect['code']];

const MISSING: readonly Spoiled[] = [['', 'bad-value']];
const NO_DIGITS: readonly Spoiled[] = [
  ['21305-04', 'bad-value'],
  ['基础设施', 'bad-value'],
];
const NO_CHOICE: readonly Spoiled[] = [
  ['其他', 'bad-value'],
  ['不详', 'bad-value'],
];
const NO_ACCOUNT: readonly Spoiled[] = [
  ['6.22848E+18', 'bad-value'],
  ['账号待补/见附件', 'bad-value'],
];

/** Mistakes as offices make them; which one a row shows is drawn by the seed. */
const SPOILED: Readonly<Record<Exclude<ColumnType, 'text' | 'payee-code'>, readonly Spoiled[]>> = {
  id: [
    ['XM 2018 001', 'bad-value'],
    ['编号'.repeat(33), 'bad-value'],
  ],
  line: [
    ['基础\n设施', 'bad-value'],
    ['公示\u200B栏', 'bad-value'],
  ],
  region: [
    ['45012', 'bad-value'],
    ['马山县', 'bad-value'],
    ['459900', 'unknown-region'],
  ],
  day: [
    ['2019-02-30', 'bad-value'],
    ['去年底', 'bad-value'],
    ['2019年13月1日', 'bad-value'],
  ],
  amount: [
    ['1,23.00', 'bad-value'],
    ['伍万元整', 'bad-value'],
    ['100.00000000001', 'bad-value'],
  ],
  unit: [
    ['', 'bad-value'],
    ['千元', 'bad-value'],
  ],
  year: [
    ['18', 'bad-value'],
    ['二〇一八', 'bad-value'],
  ],
  document: [
    ['未载明', 'doc-not-stated'],
    ['桂财农2018年第123', 'doc-unreadable'],
  ],
  'credit-code': [['914501240000000000', 'check-digit']],
  ...{ account: NO_ACCOUNT, 'payee-account': NO_ACCOUNT, 'payee-name': MISSING },
  ...{ 'function-code': NO_DIGITS, 'economic-code': NO_DIGITS },
  'fund-type': [
    ['扶贫款', 'unknown-fund-type'],
    ['上级资金', 'unknown-fund-type'],
  ],
  ...{ 'payee-kind': NO_CHOICE, method: NO_CHOICE, 'return-kind': NO_CHOICE },
  ...{ level: NO_CHOICE, 'yes-no': NO_CHOICE },
};

const WARNINGS: readonly string[] = ['doc-not-stated', 'doc-unreadable', 'check-digit'];

/** A reason is only missed where something is said to have happened already, in the column before it. */
const isReason = ({ name }: Column, kind: RowKind): boolean =>
  kind === 'payments' && name === 'reason';

function spoil(column: Column, kind: RowKind, random: Random): Spoiled {
  const { type, required } = column;
  switch (type) {
    case 'text':
      if (isReason(column, kind)) return random.pick(MISSING);
      return [`身份证号${residentId('450124', random.below(1_000_000))}`, 'bad-value'];
    case 'payee-code': {
      const valid = residentId('450124', random.below(1_000_000));
      return [valid.slice(0, 17) + (valid.endsWith('0') ? '1' : '0'), 'check-digit'];
    }
    case 'line':
      return random.pick(required ? MISSING : SPOILED.line);
    default:
      return random.pick(SPOILED[type]);
  }
}

/**
 * A file in which every column has its defect: one row a column, flawless but for that column. The rows refer to records
 * of the plan of the same seed with 300 payments.
 *
 * `defects` is what intake finds in it, row by row; nothing else is found.
 */
export function generateBrokenFile(seed: number, kind: RowKind): BrokenFile {
  const random = randomFor(seed, `broken/${kind}`);
  const model = flawlessRow(seed, kind);
  const lines = [headersOf(kind)];
  const defects = COLUMNS[kind].map((column, index): Defect => {
    const [value, code] = spoil(column, kind, random);
    const row = index + 2;
    const cells = model.with(0, `LX-${kind}-${row}`).with(index, value);
    if (isReason(column, kind)) cells[index - 1] = '是';
    lines.push(cells);
    const severity = WARNINGS.includes(code) ? 'warning' : 'error';
    return { row, field: column.name, value, code, severity };
  });
  const text = `\uFEFF${lines.map((cells) => cells.map(csvCell).join(',')).join('\n')}\n`;
  return { name: `broken-${kind}.csv`, text, defects };
}

/** The row of the kind with the fewest empty cells, for households where it is a payment. */
function flawlessRow(seed: number, kind: RowKind): string[] {
  let best: readonly string[] = [];
  let filled = -1;
  const look = (file: FileKey, cells: readonly string[]): void => {
    if (kindOf(file) !== kind) return;
    const isModel = kind !== 'payments' || (cells.includes('个人') && !cells.includes('是'));
    const stated = !cells.includes('未载明');
    const count = cells.filter((cell) => cell !== '').length;
    if (!isModel || !stated || count <= filled) return;
    best = cells;
    filled = count;
  };
  for (const _ of planSteps({ seed, payments: PAYMENTS_MIN }, look));
  if (best.length === 0) throw new Error(`the plan of seed ${seed} has no ${kind}`);
  return [...best];
}
