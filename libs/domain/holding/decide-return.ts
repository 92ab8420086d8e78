import { type Books, type PostedRecord, recordKey } from '../books.js';
import { accept, refuse } from '../decision.js';
import type { LedgerEvent } from '../events.js';
import type { PostingContext, RowDecision } from '../posting-context.js';
import type { DisbursementRow, PaymentRow, ReturnRow } from '../rows.js';
import {
  beforeSource,
  exceedsAvailable,
  exceedsOriginal,
  firstRefusal,
  holdingOf,
  notPositive,
  outsideJurisdiction,
  recordOfKind,
} from './drawing.js';
import type { CashReturnReceived, RecallReceived } from './events.js';
import { type Holding, leftOf, type Line, receivedOn, streamOf } from './holding.js';

/**
 * Sends money back: 退票 (a bank returned a payment), 退回 (unspent cash to its allocation), 收回 (authority to the
 * parent of the line). Stays possible when the project is closed.
 *
 * Refuses, first match wins: out-of-jurisdiction, unknown-source, source-not-received, date-before-source,
 * amount-not-positive, already-reversed, exceeds-available, exceeds-original. Whatever is done to something reversed is
 * already-reversed, before its balance is looked at (contract §6, Last points).
 */
export function decideReturn(books: Books, row: ReturnRow, context: PostingContext): RowDecision {
  switch (row.returnKind) {
    case 'bank-return':
      return decideBankReturn(books, row, context);
    case 'cash-return':
      return decideCashReturn(books, row, context);
    case 'recall':
      return decideRecall(books, row, context);
  }
}

const head = (row: ReturnRow) => ({
  key: recordKey(row.id),
  index: 0,
  occurredOn: row.returnedOn,
});

function decideBankReturn(books: Books, row: ReturnRow, context: PostingContext): RowDecision {
  const payment = recordOfKind(books, row.ofId, ['payments'])?.row as PaymentRow | undefined;
  if (!payment) return refuse('unknown-source', 'of_id', row.ofId);
  const holding = holdingOf(books, payment.sourceId);
  const left = leftOf(holding, payment.id, payment.amountFen, row.returnedOn);
  const reversed = holding.reversedIds.has(payment.id);
  const refusal = firstRefusal(
    () => outsideJurisdiction(holding.region, 'of_id', context),
    () => beforeSource(row.returnedOn, payment.paidOn, 'returned_on'),
    () => notPositive(row.amountFen),
    () => (reversed ? refuse('already-reversed', 'of_id', row.ofId) : null),
    () => exceedsOriginal(row.amountFen, left, 'amount'),
  );
  if (refusal) return refusal;
  return accept([
    {
      ...head(row),
      type: 'PaymentReturned',
      streamId: streamOf(holding.id),
      region: holding.region,
      data: {
        row,
        holdingId: holding.id,
        holdingRegion: holding.region,
        holdingKind: holding.kind,
        payeeRegion: payment.payeeRegion,
        voucherNo: payment.voucherNo,
        projectId: payment.projectId ?? holding.projectId,
      },
    },
  ]);
}

function decideCashReturn(books: Books, row: ReturnRow, context: PostingContext): RowDecision {
  const known = recordOfKind(books, row.ofId, ['disbursements']);
  if (!known) return refuse('unknown-source', 'of_id', row.ofId);
  const holding = holdingOf(books, row.ofId);
  const refusal = firstRefusal(
    () => outsideJurisdiction(holding.region, 'of_id', context),
    () => (receivedOn(holding) === null ? refuse('source-not-received', 'of_id', row.ofId) : null),
    () => beforeSource(row.returnedOn, receivedOn(holding), 'returned_on'),
    () => notPositive(row.amountFen),
    () => (holding.reversed ? refuse('already-reversed', 'of_id', row.ofId) : null),
    () => exceedsAvailable(holding, row.amountFen, row.returnedOn, 'amount'),
  );
  if (refusal) return refusal;
  const { allocationId, voucherNo } = known.row as DisbursementRow;
  const { region: holdingRegion, projectId } = holding;
  const returned: LedgerEvent = {
    ...head(row),
    type: 'CashReturned',
    streamId: streamOf(holding.id),
    region: holdingRegion,
    data: { row, allocationId, holdingRegion, voucherNo, projectId },
  };
  if (row.receivedOn === null) return accept([returned]);
  return accept([returned, cashReceived(row, allocationId, voucherNo, holding)]);
}

function cashReceived(
  row: ReturnRow,
  allocationId: string,
  voucherNo: string,
  disbursement: Holding,
): CashReturnReceived {
  return {
    type: 'CashReturnReceived',
    streamId: streamOf(allocationId),
    key: recordKey(row.id),
    index: 1,
    occurredOn: row.receivedOn,
    region: disbursement.region,
    data: {
      returnId: row.id,
      disbursementId: row.ofId,
      allocationId,
      amountFen: row.amountFen,
      holdingRegion: disbursement.region,
      voucherNo,
      projectId: disbursement.projectId,
    },
  };
}

function recalledLine(books: Books, ofId: string): { holding: Holding; line: Line } | null {
  const known = recordOfKind(books, ofId, ['allocations', 'supplements']);
  if (!known?.holdingId) return null;
  const holding = holdingOf(books, known.holdingId);
  const line = holding.lines.find((candidate) => candidate.id === ofId);
  return line ? { holding, line } : null;
}

function decideRecall(books: Books, row: ReturnRow, context: PostingContext): RowDecision {
  const found = recalledLine(books, row.ofId);
  if (!found) return refuse('unknown-source', 'of_id', row.ofId);
  const { holding, line } = found;
  const left = leftOf(holding, line.id, line.amountFen, row.returnedOn);
  const reversed = line.reversedOn !== null || holding.reversed;
  const refusal = firstRefusal(
    () => outsideJurisdiction(holding.region, 'of_id', context),
    () => (line.receivedOn === null ? refuse('source-not-received', 'of_id', row.ofId) : null),
    () => beforeSource(row.returnedOn, line.receivedOn, 'returned_on'),
    () => notPositive(row.amountFen),
    () => (reversed ? refuse('already-reversed', 'of_id', row.ofId) : null),
    () => exceedsAvailable(holding, row.amountFen, row.returnedOn, 'amount'),
    () => exceedsOriginal(row.amountFen, left, 'amount'),
  );
  if (refusal) return refusal;
  const recalled: LedgerEvent = {
    ...head(row),
    type: 'AuthorityRecalled',
    streamId: streamOf(holding.id),
    region: holding.region,
    data: {
      row,
      holdingId: holding.id,
      holdingRegion: holding.region,
      parentId: line.parentId,
      parentRegion: line.giverRegion,
      issuerRegion: line.issuerRegion,
      documentNo: line.documentNo,
      projectId: holding.projectId,
    },
  };
  if (row.receivedOn === null) return accept([recalled]);
  return accept([recalled, recallReceived(row, holding, line)]);
}

function recallReceived(row: ReturnRow, holding: Holding, line: Line): RecallReceived {
  return {
    type: 'RecallReceived',
    streamId: streamOf(line.parentId ?? holding.id),
    key: recordKey(row.id),
    index: 1,
    occurredOn: row.receivedOn,
    region: line.giverRegion ?? holding.region,
    data: {
      returnId: row.id,
      ofId: row.ofId,
      holdingId: holding.id,
      holdingRegion: holding.region,
      parentId: line.parentId,
      parentRegion: line.giverRegion,
      amountFen: row.amountFen,
      documentNo: line.documentNo,
      projectId: holding.projectId,
    },
  };
}

/**
 * The receiver acknowledges a return posted before. Refuses: out-of-jurisdiction, already-reversed. A bank return is
 * complete on its own date and has no second side.
 */
export function receiveReturn(books: Books, row: ReturnRow, context: PostingContext): RowDecision {
  const record = books.record(row.id) as PostedRecord;
  const receiver = holdingOf(books, record.holdingId as string);
  const refusal = firstRefusal(
    () => outsideJurisdiction(record.region, 'of_id', context),
    () =>
      receiver.reversedIds.has(row.id) ? refuse('already-reversed', 'return_id', row.id) : null,
  );
  if (refusal) return refusal;
  switch (row.returnKind) {
    case 'bank-return':
      throw new Error(`bank return ${row.id} has no second side`);
    case 'cash-return': {
      const disbursement = books.record(row.ofId)?.row as DisbursementRow;
      const { allocationId, voucherNo } = disbursement;
      return accept([cashReceived(row, allocationId, voucherNo, holdingOf(books, row.ofId))]);
    }
    case 'recall': {
      const found = recalledLine(books, row.ofId);
      if (!found) throw new Error(`return ${row.id} names no line`);
      return accept([recallReceived(row, found.holding, found.line)]);
    }
  }
}
