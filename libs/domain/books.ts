import type { Day } from './calendar.js';
import type { LedgerEvent } from './events.js';
import type { AllocationIssued, CashDisbursed, HoldingEvent } from './holding/events.js';
import { beginHolding, copyHolding, draw, evolveHolding, type Holding } from './holding/holding.js';
import type { RegionCode } from './region.js';
import type { PaymentDraw, Row, RowKind } from './rows.js';

/** One id of the single name space: the row as first posted, and the dates posted since. */
export interface PostedRecord {
  readonly kind: RowKind;
  readonly row: Row;
  /** Region of the holding, project or subject it belongs to: what jurisdiction looks at. */
  readonly region: RegionCode;
  /** Where the payee of a payment, or of the payment a 退票 names, is; null for every other record. */
  readonly payeeRegion: RegionCode | null;
  /** Effective project. */
  readonly projectId: string | null;
  /** Completion dates as of now, by field name. */
  readonly dates: Record<string, Day | null>;
  /** Every state the completion dates ever had, as joined text. */
  readonly states: Set<string>;
  /** Whose stream a reversal of it lies in. */
  readonly holdingId: string | null;
}

export const stateText = (dates: Readonly<Record<string, Day | null>>): string =>
  Object.keys(dates)
    .sort()
    .map((field) => `${field}=${dates[field] ?? ''}`)
    .join('|');

export const recordKey = (id: string): string => `record:${id}`;

const COMPLETES: Readonly<Record<string, string>> = {
  AllocationReceived: 'receivedOn',
  SupplementReceived: 'receivedOn',
  CashCredited: 'creditedOn',
  CashReturnReceived: 'receivedOn',
  RecallReceived: 'receivedOn',
  NoticeRemoved: 'removedOn',
};

/**
 * The part of the ledger a batch of rows leans on, folded from events: what `decide` looks at, and what it grows by when
 * a row is accepted, so that later rows of the same submission see it.
 *
 * The caller loads it (libs/command-handling); nothing here reads or writes anything.
 */
export class Books {
  readonly #records = new Map<string, PostedRecord>();
  readonly #payments = new Set<string>();
  readonly #holdings = new Map<string, Holding>();
  /** Beginnings of holdings that nobody has asked for. */
  readonly #begun = new Map<string, AllocationIssued | CashDisbursed>();
  /** Holdings that somebody else keeps as they are: copied before they change. */
  readonly #lent = new Set<string>();

  record(id: string): PostedRecord | undefined {
    return this.#records.get(id);
  }

  holding(id: string): Holding | undefined {
    const begun = this.#begun.get(id);
    if (!begun) return this.#holdings.get(id);
    const holding = beginHolding(begun);
    this.place(holding);
    return holding;
  }

  /** The date the project of a holding was closed on, if it is closed. */
  projectClosedOn(projectId: string | null): Day | null {
    if (projectId === null) return null;
    const project = this.#records.get(projectId);
    // A project nobody loaded would pass for one that is open.
    if (!project) throw new Error(`project ${projectId} is not loaded`);
    return project.dates['closedOn'] ?? null;
  }

  hasProject(projectId: string): boolean {
    return this.#records.get(projectId)?.kind === 'projects';
  }

  /** Makes a record known by its index-0 event; a holding begins empty, its stream is folded with `applyTo`. */
  register(event: LedgerEvent): void {
    const record = recordOf(event);
    if (!record || this.#records.has(record.row.id)) return;
    this.#records.set(record.row.id, record);
    if (record.kind === 'payments') this.#payments.add(record.row.id);
    if (event.type === 'AllocationIssued' || event.type === 'CashDisbursed') {
      this.#begun.set(event.data.row.id, event);
    }
  }

  /** A completion of a registered record: the missing date. Completions may come in any order. */
  complete(event: LedgerEvent): void {
    if (event.type === 'ProjectAccepted' || event.type === 'ProjectClosed') {
      const record = this.#records.get(event.data.projectId);
      if (!record) return;
      const { acceptedOn, closedOn } = event.data;
      record.states.add(stateText({ acceptedOn, closedOn }));
      if (acceptedOn !== null) record.dates['acceptedOn'] = acceptedOn;
      if (closedOn !== null) record.dates['closedOn'] = closedOn;
      return;
    }
    const field = COMPLETES[event.type];
    const id = completedId(event);
    const record = id === null || !field ? undefined : this.#records.get(id);
    if (!record || !field) return;
    record.dates[field] = event.occurredOn;
    record.states.add(stateText(record.dates));
  }

  /** Folds an event into one holding, if it is here. */
  applyTo(holdingId: string, event: LedgerEvent): void {
    const holding = this.#ownHolding(holdingId);
    if (holding) evolveHolding(holding, event as HoldingEvent);
  }

  /** What `apply` of a payment does to its holding; the record is not kept. */
  draw({ sourceId, paidOn, amountFen }: PaymentDraw): void {
    const holding = this.#ownHolding(sourceId);
    if (holding) draw(holding, paidOn, amountFen);
  }

  /** A holding to change: nobody else's any more. */
  #ownHolding(id: string): Holding | undefined {
    const holding = this.holding(id);
    if (!holding || !this.#lent.delete(id)) return holding;
    const copy = copyHolding(holding);
    this.#holdings.set(id, copy);
    return copy;
  }

  /** Puts in a holding that somebody else keeps as it is now: here it is copied before it changes. */
  borrow(holding: Holding): void {
    this.place(holding);
    this.#lent.add(holding.id);
  }

  /** A holding as it stands, for somebody to keep: here it is copied before it changes again. */
  lend(id: string): Holding | undefined {
    const holding = this.holding(id);
    if (holding) this.#lent.add(id);
    return holding;
  }

  /** Puts in a holding folded elsewhere, and the receipts its registered lines have by now. */
  place(holding: Holding): void {
    this.#begun.delete(holding.id);
    this.#holdings.set(holding.id, holding);
    for (const line of holding.lines) {
      const record = this.#records.get(line.id);
      if (!record || line.receivedOn === null) continue;
      record.dates[holding.kind === 'disbursement' ? 'creditedOn' : 'receivedOn'] = line.receivedOn;
      record.states.add(stateText(record.dates));
    }
  }

  /** Drops the payments: a file of a million rows keeps its holdings in memory, not its rows. Returns their ids. */
  forgetPayments(keep: ReadonlySet<string> = new Set()): string[] {
    const forgotten: string[] = [];
    for (const id of this.#payments) {
      if (keep.has(id)) continue;
      this.#payments.delete(id);
      this.#records.delete(id);
      forgotten.push(id);
    }
    return forgotten;
  }

  /** Applies a decided event in full: record, completion, and the holding whose stream it lies in. */
  apply(event: LedgerEvent): void {
    this.register(event);
    if (event.type === 'PaymentMade') return this.draw(event.data.row);
    this.complete(event);
    if (event.streamId.startsWith('holding-')) {
      this.applyTo(event.streamId.slice('holding-'.length), event);
    }
  }
}

/** The id an acknowledgement completes. */
function completedId(event: LedgerEvent): string | null {
  switch (event.type) {
    case 'AllocationReceived':
      return event.data.allocationId;
    case 'SupplementReceived':
      return event.data.supplementId;
    case 'CashCredited':
      return event.data.disbursementId;
    case 'CashReturnReceived':
    case 'RecallReceived':
      return event.data.returnId;
    case 'NoticeRemoved':
      return event.data.noticeId;
    default:
      return null;
  }
}

/** Of records that nothing completes: all of them share these, for nobody changes them. */
const NO_DATES: PostedRecord['dates'] = Object.freeze({});
const NO_STATES = new Set([stateText(NO_DATES)]);

/** The events of index 0: each has its row. */
type RowEvent = Extract<LedgerEvent, { readonly data: { readonly row: Row } }>;

const hasRow = (event: LedgerEvent): event is RowEvent => 'row' in event.data;

/** What the index-0 event of a row says about its record; null for every other event. */
export const recordOf = (event: LedgerEvent): PostedRecord | null =>
  hasRow(event) ? recordOfRow(event) : null;

function recordOfRow(event: RowEvent): PostedRecord {
  const make = (
    row: Row,
    region: RegionCode,
    projectId: string | null,
    holdingId: string | null,
    dates: Record<string, Day | null> | null = null,
    payeeRegion: RegionCode | null = null,
  ): PostedRecord => ({
    kind: row.kind,
    row,
    region,
    payeeRegion,
    projectId,
    dates: dates ?? NO_DATES,
    states: dates ? new Set([stateText(dates)]) : NO_STATES,
    holdingId,
  });
  switch (event.type) {
    case 'AllocationIssued': {
      const { row, projectId } = event.data;
      return make(row, row.receiverRegion, projectId, row.id, { receivedOn: row.receivedOn });
    }
    case 'SupplementIssued': {
      const { row, holdingRegion, projectId } = event.data;
      const dates = { receivedOn: row.receivedOn };
      return make(row, holdingRegion, projectId, row.allocationId, dates);
    }
    case 'CashDisbursed': {
      const { row, holdingRegion, projectId } = event.data;
      return make(row, holdingRegion, projectId, row.id, { creditedOn: row.creditedOn });
    }
    case 'PaymentMade': {
      const { row, holdingRegion, projectId } = event.data;
      return make(row, holdingRegion, projectId, row.sourceId, null, row.payeeRegion);
    }
    case 'PaymentReturned': {
      const { row, holdingRegion, holdingId, payeeRegion, projectId } = event.data;
      return make(row, holdingRegion, projectId, holdingId, null, payeeRegion);
    }
    case 'CashReturned': {
      const { row, holdingRegion, allocationId, projectId } = event.data;
      return make(row, holdingRegion, projectId, allocationId, { receivedOn: row.receivedOn });
    }
    case 'AuthorityRecalled': {
      const { row, holdingRegion, holdingId, parentId, projectId } = event.data;
      const dates = { receivedOn: row.receivedOn };
      return make(row, holdingRegion, projectId, parentId ?? holdingId, dates);
    }
    case 'MovementReversed':
      return make(event.data.row, event.region, event.data.projectId, event.data.holdingId);
    case 'ProjectRegistered': {
      const { row } = event.data;
      const dates = { acceptedOn: row.acceptedOn, closedOn: row.closedOn };
      return make(row, row.county, row.id, null, dates);
    }
    case 'NoticePosted': {
      const { row, projectId } = event.data;
      return make(row, event.region, projectId, null, { removedOn: row.removedOn });
    }
  }
}
