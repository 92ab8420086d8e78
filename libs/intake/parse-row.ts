import { type Day } from '@fundflow/domain/calendar';
import { isEconomicCode, isFunctionCode } from '@fundflow/domain/identifiers';
import { ZERO } from '@fundflow/domain/money';
import type { RegionCode, KnownRegions } from '@fundflow/domain/region';
import type { HandedInAmount, RowKind } from '@fundflow/domain/rows';
import {
  checkOrder,
  checkVintage,
  readAmount,
  readDay,
  readDocument,
  readId,
  readOneOf,
  readRegion,
  readShaped,
  readYear,
} from './cells.js';
import { idColumnOf } from './columns.js';
import {
  FUND_TYPES,
  NOTICE_LEVELS,
  PAYMENT_METHODS,
  RETURN_KINDS,
  spellingsOf,
  YES_NO,
} from './enumerations.js';
import type { SheetLayout } from './headers.js';
import type { ParsedRow, RowOutcome } from './parsed-row.js';
import { readAccount, readCreditCode, readPayee } from './payee-cells.js';
import { type RowCells, RowReading } from './row-reading.js';

const FUND_TYPE = spellingsOf(FUND_TYPES);
const METHOD = spellingsOf(PAYMENT_METHODS);
const RETURN_KIND = spellingsOf(RETURN_KINDS);
const LEVEL = spellingsOf(NOTICE_LEVELS);
const YES = spellingsOf(YES_NO);

// What stands for a required value that was refused. The row has an error then and is never handed
// on.
const NO_TEXT = '';
const NO_DAY = '' as Day;
const NO_REGION = '' as RegionCode;
const NO_AMOUNT: HandedInAmount = { amountFen: ZERO, amountText: '' };

type Reader = (reading: RowReading) => ParsedRow;

const projects: Reader = (r) => {
  const libraryOn = readDay(r, 'library_on');
  const approvedOn = readDay(r, 'approved_on');
  const plannedStart = readDay(r, 'planned_start');
  const plannedEnd = readDay(r, 'planned_end');
  const acceptedOn = readDay(r, 'accepted_on');
  const closedOn = readDay(r, 'closed_on');
  const row: ParsedRow = {
    kind: 'projects',
    id: readId(r, 'project_id') ?? NO_TEXT,
    name: r.text('name') ?? NO_TEXT,
    county: readRegion(r, 'county') ?? NO_REGION,
    township: readRegion(r, 'township'),
    village: readRegion(r, 'village'),
    category: r.text('category'),
    unitName: r.text('unit_name') ?? NO_TEXT,
    unitCode: readCreditCode(r, 'unit_code'),
    planned: readAmount(r, 'planned_amount'),
    ...{ libraryOn, approvedOn, plannedStart, plannedEnd },
    performanceTarget: r.text('performance_target'),
    ...{ acceptedOn, closedOn },
  };
  // A plan is no fact: what happened may run ahead of it, but each of the two runs forward.
  checkOrder(
    r,
    ['library_on', libraryOn],
    ['approved_on', approvedOn],
    ['accepted_on', acceptedOn],
    ['closed_on', closedOn],
  );
  checkOrder(r, ['planned_start', plannedStart], ['planned_end', plannedEnd]);
  checkVintage(r, approvedOn ?? libraryOn);
  return row;
};

const allocations: Reader = (r) => {
  const row: ParsedRow = {
    kind: 'allocations',
    id: readId(r, 'allocation_id') ?? NO_TEXT,
    parentId: readId(r, 'parent_id'),
    documentNo: readDocument(r, 'doc_no') ?? NO_TEXT,
    fundType: readOneOf(r, 'fund_type', FUND_TYPE, 'unknown-fund-type') ?? 'special',
    fiscalYear: readYear(r, 'fiscal_year') ?? 0,
    issuerRegion: readRegion(r, 'issuer_region') ?? NO_REGION,
    receiverRegion: readRegion(r, 'receiver_region') ?? NO_REGION,
    receiverName: r.text('receiver_name'),
    ...(readAmount(r, 'amount') ?? NO_AMOUNT),
    issuedOn: readDay(r, 'issued_on') ?? NO_DAY,
    receivedOn: readDay(r, 'received_on'),
    functionCode: readShaped(r, 'function_code', isFunctionCode),
    projectId: readId(r, 'project_id'),
    purpose: r.text('purpose'),
    remark: r.text('remark'),
  };
  checkOrder(r, ['issued_on', row.issuedOn || null], ['received_on', row.receivedOn]);
  checkVintage(r, row.issuedOn || null);
  return row;
};

const supplements: Reader = (r) => {
  const row: ParsedRow = {
    kind: 'supplements',
    id: readId(r, 'supplement_id') ?? NO_TEXT,
    allocationId: readId(r, 'allocation_id') ?? NO_TEXT,
    parentId: readId(r, 'parent_id'),
    documentNo: readDocument(r, 'doc_no') ?? NO_TEXT,
    fundType: readOneOf(r, 'fund_type', FUND_TYPE, 'unknown-fund-type'),
    issuerRegion: readRegion(r, 'issuer_region') ?? NO_REGION,
    ...(readAmount(r, 'amount') ?? NO_AMOUNT),
    issuedOn: readDay(r, 'issued_on') ?? NO_DAY,
    receivedOn: readDay(r, 'received_on'),
    purpose: r.text('purpose'),
    remark: r.text('remark'),
  };
  checkOrder(r, ['issued_on', row.issuedOn || null], ['received_on', row.receivedOn]);
  checkVintage(r, row.issuedOn || null);
  return row;
};

const disbursements: Reader = (r) => {
  const row: ParsedRow = {
    kind: 'disbursements',
    id: readId(r, 'disbursement_id') ?? NO_TEXT,
    allocationId: readId(r, 'allocation_id') ?? NO_TEXT,
    projectId: readId(r, 'project_id'),
    recipientName: r.text('recipient_name') ?? NO_TEXT,
    recipientCode: readCreditCode(r, 'recipient_code'),
    recipientAccount: readAccount(r, 'recipient_account', false),
    ...(readAmount(r, 'amount') ?? NO_AMOUNT),
    disbursedOn: readDay(r, 'disbursed_on') ?? NO_DAY,
    creditedOn: readDay(r, 'credited_on'),
    voucherNo: r.text('voucher_no') ?? NO_TEXT,
    remark: r.text('remark'),
  };
  checkOrder(r, ['disbursed_on', row.disbursedOn || null], ['credited_on', row.creditedOn]);
  return row;
};

const payments: Reader = (r) => {
  const payee = readPayee(r);
  const row: ParsedRow = {
    kind: 'payments',
    id: readId(r, 'payment_id') ?? NO_TEXT,
    sourceId: readId(r, 'source_id') ?? NO_TEXT,
    projectId: readId(r, 'project_id'),
    payee,
    payeeRegion: readRegion(r, 'payee_region'),
    ...(readAmount(r, 'amount') ?? NO_AMOUNT),
    paidOn: readDay(r, 'paid_on') ?? NO_DAY,
    method: readOneOf(r, 'method', METHOD) ?? 'direct',
    voucherNo: r.text('voucher_no') ?? NO_TEXT,
    economicCode: readShaped(r, 'economic_code', isEconomicCode),
    purpose: r.text('purpose'),
    alreadyHappened: readOneOf(r, 'already_happened', YES) ?? false,
    reason: r.text('reason'),
    remark: r.text('remark'),
  };
  if (row.alreadyHappened && row.reason === null) {
    r.fail('bad-value', 'reason', null, '既成事实须写明理由');
  }
  checkVintage(r, row.paidOn || null);
  return row;
};

const returns: Reader = (r) => {
  const row: ParsedRow = {
    kind: 'returns',
    id: readId(r, 'return_id') ?? NO_TEXT,
    returnKind: readOneOf(r, 'kind', RETURN_KIND) ?? 'recall',
    ofId: readId(r, 'of_id') ?? NO_TEXT,
    ...(readAmount(r, 'amount') ?? NO_AMOUNT),
    returnedOn: readDay(r, 'returned_on') ?? NO_DAY,
    receivedOn: readDay(r, 'received_on'),
    reason: r.text('reason'),
  };
  checkOrder(r, ['returned_on', row.returnedOn || null], ['received_on', row.receivedOn]);
  return row;
};

const reversals: Reader = (r) => ({
  kind: 'reversals',
  id: readId(r, 'reversal_id') ?? NO_TEXT,
  ofId: readId(r, 'of_id') ?? NO_TEXT,
  reversedOn: readDay(r, 'reversed_on') ?? NO_DAY,
  reason: r.text('reason') ?? NO_TEXT,
});

const notices: Reader = (r) => {
  const row: ParsedRow = {
    kind: 'notices',
    id: readId(r, 'notice_id') ?? NO_TEXT,
    subjectId: readId(r, 'subject_id') ?? NO_TEXT,
    level: readOneOf(r, 'level', LEVEL) ?? 'village',
    place: r.text('place'),
    postedOn: readDay(r, 'posted_on') ?? NO_DAY,
    removedOn: readDay(r, 'removed_on'),
  };
  checkOrder(r, ['posted_on', row.postedOn || null], ['removed_on', row.removedOn]);
  return row;
};

const READERS: Readonly<Record<RowKind, Reader>> = {
  ...{ projects, allocations, supplements, disbursements },
  ...{ payments, returns, reversals, notices },
};

/**
 * One row of a table whose header was read.
 *
 * Refuses with exactly one error, the first of: bad-value, unknown-region, unknown-fund-type;
 * within one of them the first cell that was looked at. Warns region-vintage, doc-not-stated,
 * doc-unreadable, check-digit, hidden-row, also beside an error. Zero and negative amounts pass: whether an
 * amount may be posted is decided later.
 */
export function parseCells(
  layout: SheetLayout,
  cells: RowCells,
  regionTable: KnownRegions,
): RowOutcome {
  const reading = new RowReading(layout, cells, regionTable);
  reading.isRecord();
  reading.nothingBeside();
  const row = READERS[layout.kind](reading);
  const flex = reading.flex();
  const error = reading.error();
  if (cells.isHidden) reading.warn('hidden-row', idColumnOf(layout.kind).name, null, null);
  return { row: error ? null : row, error, warnings: reading.warnings, flex };
}
