import type { RefusalCode, WarningCode } from '@fundflow/domain/decision';
import type { RowKind } from '@fundflow/domain/rows';
import { csvCell, type FileKey, HEADERS, kindOf } from './file-columns.js';
import { residentId } from './identities.js';
import { PAYMENTS_MIN, planSteps } from './plan-rows.js';
import { type Random, randomFor } from './random.js';

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

type Sort =
  | 'id'
  | 'text'
  | 'line'
  | 'required'
  | 'region'
  | 'day'
  | 'amount'
  | 'unit'
  | 'year'
  | 'document'
  | 'credit-code'
  | 'account'
  | 'digits'
  | 'fund'
  | 'choice'
  | 'person-code'
  | 'reason';

/** The columns of `HEADERS`, by English name and by what can be wrong in them. */
const COLUMNS: Readonly<Record<RowKind, string>> = {
  projects:
    'project_id:id name:required county:region township:region village:region category:line ' +
    'unit_name:required unit_code:credit-code planned_amount:amount unit:unit library_on:day ' +
    'approved_on:day planned_start:day planned_end:day performance_target:text accepted_on:day ' +
    'closed_on:day',
  allocations:
    'allocation_id:id parent_id:id doc_no:document fund_type:fund fiscal_year:year ' +
    'issuer_region:region receiver_region:region receiver_name:line amount:amount unit:unit ' +
    'issued_on:day received_on:day function_code:digits project_id:id purpose:text remark:text',
  supplements:
    'supplement_id:id allocation_id:id parent_id:id doc_no:document fund_type:fund ' +
    'issuer_region:region amount:amount unit:unit issued_on:day received_on:day purpose:text ' +
    'remark:text',
  disbursements:
    'disbursement_id:id allocation_id:id project_id:id recipient_name:required ' +
    'recipient_code:credit-code recipient_account:account amount:amount unit:unit ' +
    'disbursed_on:day credited_on:day voucher_no:required remark:text',
  payments:
    'payment_id:id source_id:id project_id:id payee_kind:choice payee_name:required ' +
    'payee_code:person-code payee_account:account payee_region:region amount:amount unit:unit ' +
    'paid_on:day method:choice voucher_no:required economic_code:digits purpose:text ' +
    'already_happened:choice reason:reason remark:text',
  returns:
    'return_id:id kind:choice of_id:id amount:amount unit:unit returned_on:day received_on:day ' +
    'reason:text',
  reversals: 'reversal_id:id of_id:id reversed_on:day reason:text',
  notices: 'notice_id:id subject_id:id level:choice place:line posted_on:day removed_on:day',
};

type Spoiled = readonly [value: string, code: Defect['code']];

/** Mistakes as offices make them; which one a row shows is drawn by the seed. */
const SPOILED: Readonly<Record<Exclude<Sort, 'text' | 'person-code'>, readonly Spoiled[]>> = {
  id: [
    ['XM 2018 001', 'bad-value'],
    ['编号'.repeat(33), 'bad-value'],
  ],
  line: [
    ['基础\n设施', 'bad-value'],
    ['公示\u200B栏', 'bad-value'],
  ],
  required: [['', 'bad-value']],
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
  account: [
    ['6.22848E+18', 'bad-value'],
    ['账号待补/见附件', 'bad-value'],
  ],
  digits: [
    ['21305-04', 'bad-value'],
    ['基础设施', 'bad-value'],
  ],
  fund: [
    ['扶贫款', 'unknown-fund-type'],
    ['上级资金', 'unknown-fund-type'],
  ],
  choice: [
    ['其他', 'bad-value'],
    ['不详', 'bad-value'],
  ],
  reason: [['', 'bad-value']],
};

const WARNINGS: readonly string[] = ['doc-not-stated', 'doc-unreadable', 'check-digit'];

function spoil(sort: Sort, random: Random): Spoiled {
  switch (sort) {
    case 'text':
      return [`身份证号${residentId('450124', random.below(1_000_000))}`, 'bad-value'];
    case 'person-code': {
      const valid = residentId('450124', random.below(1_000_000));
      return [valid.slice(0, 17) + (valid.endsWith('0') ? '1' : '0'), 'check-digit'];
    }
    default:
      return random.pick(SPOILED[sort]);
  }
}

/**
 * A file in which every column has its defect: one row a column, flawless but for that column, for tests and for people
 * who learn to read a report. The rows refer to records of the plan of the same seed with 300 payments.
 *
 * `defects` is what intake finds in it, row by row; nothing else is found.
 */
export function generateBrokenFile(seed: number, kind: RowKind): BrokenFile {
  const random = randomFor(seed, `broken/${kind}`);
  const model = flawlessRow(seed, kind);
  const columns = COLUMNS[kind].split(' ').map((column) => column.split(':') as [string, Sort]);
  const lines = [HEADERS[kind]];
  const defects = columns.map(([field, sort], index): Defect => {
    const [value, code] = spoil(sort, random);
    const row = index + 2;
    const cells = model.with(0, `LX-${kind}-${row}`).with(index, value);
    // A reason is only missed where something is said to have happened already.
    if (sort === 'reason') cells[index - 1] = '是';
    lines.push(cells);
    const severity = WARNINGS.includes(code) ? 'warning' : 'error';
    return { row, field, value, code, severity };
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
