import { Books, type PostedRecord, stateText } from './books.js';
import type { Day } from './calendar.js';
import { alreadyPosted, refuse, type Refused } from './decision.js';
import { decideAllocation, receiveAllocation } from './holding/decide-allocation.js';
import { creditDisbursement, decideDisbursement } from './holding/decide-disbursement.js';
import { decideDraw, decidePayment, type Drawn } from './holding/decide-payment.js';
import { decideReturn, receiveReturn } from './holding/decide-return.js';
import { decideReversal } from './holding/decide-reversal.js';
import { decideSupplement, receiveSupplement } from './holding/decide-supplement.js';
import { completeNotice, decideNotice } from './project/decide-notice.js';
import { completeProject, decideProject } from './project/decide-project.js';
import type { PostingContext, RowDecision } from './posting-context.js';
import { COMPLETION_DATES, type PaymentDraw, type Row } from './rows.js';

/**
 * Decides one row against the books: the entry of every kind of record (contract §2, §3).
 *
 * Refuses, first match wins: id-taken, then what the kind's own decision lists, in the order of `REFUSALS`. A row equal
 * to a state its id once had is `already-posted`; one that only fills empty dates is a completion.
 *
 * Field-level refusals (bad-value, unknown-region, unknown-fund-type) come before, from intake.
 */
export function decideRow(books: Books, row: Row, context: PostingContext): RowDecision {
  const posted = books.record(row.id);
  return posted ? decideAgain(books, posted, row, context) : decideNew(books, row, context);
}

/** `decideRow`, and on acceptance the books grow by it. */
export function postRow(books: Books, row: Row, context: PostingContext): RowDecision {
  const decision = decideRow(books, row, context);
  if (decision.outcome === 'accepted') for (const event of decision.events) books.apply(event);
  return decision;
}

/**
 * `postRow` of a payment under an id that no record has, without its event: the same refusal, or the holding drawn on as
 * it stands afterwards. The books do not keep the record: an id that is used again has to be known otherwise.
 */
export function postDraw(
  books: Books,
  draw: PaymentDraw,
  context: PostingContext,
): Drawn | Refused {
  const decision = decideDraw(books, draw, context);
  if (decision.outcome === 'drawn') books.draw(draw);
  return decision;
}

function decideNew(books: Books, row: Row, context: PostingContext): RowDecision {
  switch (row.kind) {
    case 'projects':
      return decideProject(row, context);
    case 'allocations':
      return decideAllocation(books, row, context);
    case 'supplements':
      return decideSupplement(books, row, context);
    case 'disbursements':
      return decideDisbursement(books, row, context);
    case 'payments':
      return decidePayment(books, row, context);
    case 'returns':
      return decideReturn(books, row, context);
    case 'reversals':
      return decideReversal(books, row, context);
    case 'notices':
      return decideNotice(books, row, context);
  }
}

function decideAgain(
  books: Books,
  posted: PostedRecord,
  row: Row,
  context: PostingContext,
): RowDecision {
  const fields = (COMPLETION_DATES[row.kind] as readonly string[]).filter((f) => f in posted.dates);
  if (posted.kind !== row.kind || !sameValue(posted.row, row, [...fields, ...idleDates(posted)])) {
    return refuse('id-taken', 'id', row.id);
  }
  const dates = Object.fromEntries(fields.map((field) => [field, dateOf(row, field)]));
  if (posted.states.has(stateText(dates))) return alreadyPosted;
  const filled = fields.filter((field) => (posted.dates[field] ?? null) === null && dates[field]);
  const kept = fields.every((f) => filled.includes(f) || (posted.dates[f] ?? null) === dates[f]);
  if (!kept || filled.length === 0) return refuse('id-taken', 'id', row.id);
  return decideCompletion(books, row, filled, context);
}

/** 退票 counts on its own date: a receipt filled in later moves nothing, though one once filled never changes. */
function idleDates({ row }: PostedRecord): string[] {
  const isBankReturn = row.kind === 'returns' && row.returnKind === 'bank-return';
  return isBankReturn && row.receivedOn === null ? ['receivedOn'] : [];
}

function decideCompletion(
  books: Books,
  row: Row,
  filled: readonly string[],
  context: PostingContext,
): RowDecision {
  switch (row.kind) {
    case 'allocations':
      return receiveAllocation(books, row, context);
    case 'supplements':
      return receiveSupplement(books, row, context);
    case 'disbursements':
      return creditDisbursement(books, row, context);
    case 'returns':
      return receiveReturn(books, row, context);
    case 'projects':
      return completeProject(row, filled, context);
    case 'notices':
      return completeNotice(books, row, context);
    case 'payments':
    case 'reversals':
      throw new Error(`${row.kind} have no dates to complete`);
  }
}

const dateOf = (row: Row, field: string): Day | null =>
  (row as unknown as Readonly<Record<string, Day | null>>)[field] ?? null;

/** The same values after parsing; the text an amount was handed in as does not count (contract §6, Records). */
function sameValue(a: unknown, b: unknown, ignored: readonly string[] = []): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const key of keys) {
    if (key === 'amountText' || ignored.includes(key)) continue;
    if (!sameValue(left[key] ?? null, right[key] ?? null)) return false;
  }
  return true;
}

/** Every id a row leans on: what must be loaded before it can be decided. */
export function referencesOf(row: Row): string[] {
  const ids: (string | null)[] = [];
  switch (row.kind) {
    case 'allocations':
      ids.push(row.parentId, row.projectId);
      break;
    case 'supplements':
      ids.push(row.parentId, row.allocationId);
      break;
    case 'disbursements':
      ids.push(row.allocationId, row.projectId);
      break;
    case 'payments':
      return row.projectId === null ? [row.sourceId] : [row.sourceId, row.projectId];
    case 'returns':
    case 'reversals':
      ids.push(row.ofId);
      break;
    case 'notices':
      ids.push(row.subjectId);
      break;
    case 'projects':
      break;
  }
  return ids.filter((id): id is string => id !== null);
}
