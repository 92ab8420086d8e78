import type { MovementReversed } from '@fundflow/domain/holding/events';
import type { Completion, Fact } from '../complete-rows.js';
import type { Cell } from '@fundflow/postgres-arrays/column-bytes';
import { DaySums } from '../day-sums.js';
import { NewRows, type RowShape, rowsOf } from '../new-rows.js';
import { CannotFold, type FoldedEvent, type Recorded } from '../projection.js';
import type { PaymentRecord } from '../records/payment-record.js';
import { type Day, dayCells, type Delta, isPaidOnly } from './days.js';
import { monthCells, monthsOf, newDay, paidCells } from './days.js';
import { HOLDING_DAYS, HOLDING_MONTHS, HOLDINGS, LINES, PAID_DAYS, RETURNS } from './shapes.js';

/** A row that an event of the page began; later events of the page fill its other facts. */
interface Begun {
  readonly cells: readonly Cell[];
  received: Fact | null;
  reversed: Fact | null;
}

/** Facts about rows of earlier pages. */
export interface Completions {
  readonly received: Completion[];
  readonly reversed: Completion[];
}

interface Facts extends Completions {
  readonly begun: Map<string, Begun>;
}

/** What a page adds to the tables of holdings, folded in memory. */
export interface HoldingsPage {
  readonly holdings: NewRows;
  readonly lines: { readonly begun: NewRows } & Completions;
  readonly returns: { readonly begun: NewRows } & Completions;
  readonly days: NewRows;
  readonly paidDays: NewRows;
  readonly months: NewRows;
}

/** Folds a page in memory; the same for the same events wherever page boundaries were, since days are sums. */
export class HoldingsFold {
  readonly holdings = new NewRows(HOLDINGS);
  readonly lines: Facts = { begun: new Map(), received: [], reversed: [] };
  readonly returns: Facts = { begun: new Map(), received: [], reversed: [] };
  readonly days = new DaySums<Day>();

  add(recorded: Recorded): void {
    foldEvent(this, recorded, recorded.event);
  }

  addPayment(payment: PaymentRecord): void {
    const { position, occurredOn, recordedAt, amountFen } = payment;
    const id = payment.text(payment.sourceId);
    const make = (): Day => newDay(id, occurredOn, recordedAt);
    const day = this.days.day(recordedAt, occurredOn, id, make);
    day.position = position;
    day.paid += amountFen;
  }

  /** A date that counts for `lastMovementOn`, and what changes on it. */
  day(holdingId: string, { event, envelope, position }: Recorded, delta?: Delta, fen = 0n): void {
    const [on, at] = [event.occurredOn as string, envelope.recordedAt];
    const day = this.days.day(at, on, holdingId, () => newDay(holdingId, on, at));
    day.position = position;
    if (delta) day[delta] += fen;
  }

  /** The rows of everything added. */
  page(): HoldingsPage {
    const { holdings, lines, returns } = this;
    const days = this.days.all;
    const ofMore = days.filter((day) => !isPaidOnly(day));
    return {
      holdings,
      lines: { begun: begunRows(LINES, lines), received: lines.received, reversed: lines.reversed },
      returns: {
        begun: begunRows(RETURNS, returns),
        received: returns.received,
        reversed: returns.reversed,
      },
      days: rowsOf(HOLDING_DAYS, ofMore, dayCells),
      paidDays: rowsOf(PAID_DAYS, days.filter(isPaidOnly), paidCells),
      months: rowsOf(HOLDING_MONTHS, monthsOf(days), monthCells),
    };
  }
}

const factOf = ({ event, envelope, position }: Recorded): Fact => ({
  on: event.occurredOn as string,
  at: envelope.recordedAt,
  position,
});

function begin(facts: Facts, id: string, recorded: Recorded, cells: readonly Cell[]): void {
  const { on, at, position } = factOf(recorded);
  facts.begun.set(id, { cells: [id, ...cells, on, at, position], received: null, reversed: null });
}

function complete(
  facts: Facts,
  which: 'received' | 'reversed',
  id: string,
  recorded: Recorded,
): void {
  const begun = facts.begun.get(id);
  if (begun?.[which]) throw new CannotFold(recorded.position, `${id} is ${which} twice`);
  if (begun) begun[which] = factOf(recorded);
  else facts[which].push({ id, fact: factOf(recorded) });
}

const factCells = (fact: Fact | null): Cell[] =>
  fact ? [fact.on, fact.at, fact.position] : [null, null, null];

const begunRows = (shape: RowShape, facts: Facts): NewRows =>
  rowsOf(shape, facts.begun.values(), ({ cells, received, reversed }) => [
    ...cells,
    ...factCells(received),
    ...factCells(reversed),
  ]);

function foldEvent(fold: HoldingsFold, recorded: Recorded, event: FoldedEvent): void {
  switch (event.type) {
    case 'AllocationIssued':
    case 'SupplementIssued':
    case 'CashDisbursed':
      return foldIssue(fold, recorded, event);
    case 'AllocationReceived':
      return foldReceipt(fold, recorded, event.data.allocationId, event.data.allocationId);
    case 'SupplementReceived':
      return foldReceipt(fold, recorded, event.data.supplementId, event.data.allocationId);
    case 'CashCredited':
      return foldReceipt(fold, recorded, event.data.disbursementId, event.data.disbursementId);
    case 'PaymentMade':
      return fold.day(event.data.row.sourceId, recorded, 'paid', event.data.row.amountFen);
    case 'PaymentReturned':
      return fold.day(event.data.holdingId, recorded, 'paid', -event.data.row.amountFen);
    case 'CashReturned':
    case 'AuthorityRecalled':
    case 'CashReturnReceived':
    case 'RecallReceived':
      return foldReturn(fold, recorded, event);
    case 'MovementReversed':
      return foldReversal(fold, recorded, event);
    // The giver's side of these lies in the record of the receiver's side, which names the giver.
    case 'SupplementDrawn':
    case 'DrawRestored':
    case 'ProjectRegistered':
    case 'ProjectEnteredLibrary':
    case 'ProjectApproved':
    case 'ProjectAccepted':
    case 'ProjectClosed':
    case 'NoticePosted':
    case 'NoticeRemoved':
    case 'SubmissionCertified':
    case 'SubmissionPartPosted':
    case 'AttachmentAdded':
    case 'RuleLimitSet':
      return;
  }
}

type Issue = Extract<
  FoldedEvent,
  { type: 'AllocationIssued' | 'SupplementIssued' | 'CashDisbursed' }
>;

function foldIssue(fold: HoldingsFold, recorded: Recorded, event: Issue): void {
  switch (event.type) {
    case 'AllocationIssued': {
      const { row, giverRegion, projectId } = event.data;
      const { id, parentId, issuerRegion, receiverRegion: region, amountFen, documentNo } = row;
      fold.holdings.add([
        ...[id, 'allocation', region, row.fundType, row.fiscalYear, projectId],
        ...[parentId, row.receiverName, recorded.position],
      ]);
      const regions = [giverRegion, region, issuerRegion];
      begin(fold.lines, id, recorded, [id, parentId, ...regions, amountFen, documentNo]);
      fold.day(id, recorded);
      if (parentId !== null) fold.day(parentId, recorded, 'passedDown', amountFen);
      return;
    }
    case 'SupplementIssued': {
      const { row, giverRegion, holdingRegion } = event.data;
      const { allocationId, parentId, issuerRegion, amountFen, documentNo } = row;
      const regions = [giverRegion, holdingRegion, issuerRegion];
      const line = [allocationId, parentId, ...regions, amountFen, documentNo];
      begin(fold.lines, row.id, recorded, line);
      fold.day(allocationId, recorded);
      if (parentId !== null) fold.day(parentId, recorded, 'passedDown', amountFen);
      return;
    }
    case 'CashDisbursed': {
      const { row, holdingRegion: region, projectId, fundType, fiscalYear } = event.data;
      const { id, allocationId, amountFen } = row;
      fold.holdings.add([
        ...[id, 'disbursement', region, fundType, fiscalYear, projectId],
        ...[allocationId, row.recipientName, recorded.position],
      ]);
      const regions = [region, region, region];
      begin(fold.lines, id, recorded, [id, allocationId, ...regions, amountFen, null]);
      fold.day(id, recorded);
      return fold.day(allocationId, recorded, 'disbursed', amountFen);
    }
  }
}

type Receipt = Extract<
  FoldedEvent,
  { type: 'AllocationReceived' | 'SupplementReceived' | 'CashCredited' }
>;

function foldReceipt(
  fold: HoldingsFold,
  recorded: Recorded,
  lineId: string,
  holdingId: string,
): void {
  const { amountFen } = (recorded.event as Receipt).data;
  complete(fold.lines, 'received', lineId, recorded);
  fold.day(holdingId, recorded, 'amountIn', amountFen);
}

type Return = Extract<
  FoldedEvent,
  { type: 'CashReturned' | 'AuthorityRecalled' | 'CashReturnReceived' | 'RecallReceived' }
>;

function foldReturn(fold: HoldingsFold, recorded: Recorded, event: Return): void {
  switch (event.type) {
    case 'CashReturned': {
      const { row, allocationId } = event.data;
      const between = [row.ofId, row.ofId, allocationId];
      begin(fold.returns, row.id, recorded, ['cash-return', ...between, row.amountFen]);
      return fold.day(row.ofId, recorded, 'returnedUp', row.amountFen);
    }
    case 'CashReturnReceived': {
      const { returnId, allocationId, amountFen } = event.data;
      complete(fold.returns, 'received', returnId, recorded);
      return fold.day(allocationId, recorded, 'disbursed', -amountFen);
    }
    case 'AuthorityRecalled': {
      const { row, holdingId, parentId } = event.data;
      const between = [row.ofId, holdingId, parentId];
      begin(fold.returns, row.id, recorded, ['recall', ...between, row.amountFen]);
      return fold.day(holdingId, recorded, 'returnedUp', row.amountFen);
    }
    case 'RecallReceived': {
      const { returnId, parentId, amountFen } = event.data;
      complete(fold.returns, 'received', returnId, recorded);
      if (parentId !== null) fold.day(parentId, recorded, 'passedDown', -amountFen);
      return;
    }
  }
}

function foldReversal(fold: HoldingsFold, recorded: Recorded, { data }: MovementReversed): void {
  const { ofKind, row, amountFen, wasReceived, holdingId, giverId, receiverId } = data;
  switch (ofKind) {
    case 'allocation':
    case 'supplement':
    case 'disbursement':
      complete(fold.lines, 'reversed', row.ofId, recorded);
      fold.day(holdingId, recorded, 'amountIn', wasReceived ? -amountFen : 0n);
      if (giverId === null) return;
      return fold.day(
        giverId,
        recorded,
        ofKind === 'disbursement' ? 'disbursed' : 'passedDown',
        -amountFen,
      );
    case 'payment':
      return fold.day(holdingId, recorded, 'paid', -amountFen);
    case 'bank-return':
      return fold.day(holdingId, recorded, 'paid', amountFen);
    case 'cash-return':
    case 'recall':
      complete(fold.returns, 'reversed', row.ofId, recorded);
      fold.day(giverId as string, recorded, 'returnedUp', -amountFen);
      if (!wasReceived || receiverId === null) return;
      return fold.day(
        receiverId,
        recorded,
        ofKind === 'recall' ? 'passedDown' : 'disbursed',
        amountFen,
      );
  }
}
