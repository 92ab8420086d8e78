import type { Day } from '../calendar.js';
import type { Fen } from '../money.js';
import type { RegionCode } from '../region.js';
import type {
  AllocationRow,
  DisbursementRow,
  PaymentRow,
  ReturnKind,
  ReturnRow,
  ReversalRow,
  SupplementRow,
} from '../rows.js';

/**
 * What happened to money. Giver and receiver record their own side, each on its own date: the issue lies in the giver's
 * stream, the acknowledgement in the receiver's. Every event carries what a reader needs to place it (regions, the other
 * holding), so that a projection folds it without looking anything up.
 *
 * Regions here are those of the holdings as recorded (a parent's receiver), never looked up in a table.
 */
export type HoldingEvent =
  | AllocationIssued
  | AllocationReceived
  | SupplementIssued
  | SupplementDrawn
  | SupplementReceived
  | CashDisbursed
  | CashCredited
  | PaymentMade
  | PaymentReturned
  | CashReturned
  | CashReturnReceived
  | AuthorityRecalled
  | RecallReceived
  | MovementReversed
  | DrawRestored;

/**
 * `key` + `index` make the event id: the key of a row's events is `record:<id>`, so an id can be posted once only.
 * Index 0 is the record itself; 1 its acknowledgement (receipt, credit); 2 the giver's counterpart.
 */
export interface EventHead<T extends string> {
  readonly type: T;
  readonly streamId: string;
  readonly key: string;
  readonly index: number;
  readonly occurredOn: Day | null;
  /** The region of the holding (or project, notice subject) the event is about. */
  readonly region: RegionCode;
}

/** Authority leaves the parent, or enters the ledger. Stream: the parent's; the allocation's own when it has none. */
export interface AllocationIssued extends EventHead<'AllocationIssued'> {
  readonly data: {
    readonly row: AllocationRow;
    /** Region of the parent holding; null when the money enters from outside. */
    readonly giverRegion: RegionCode | null;
    /** The project of the row, else of its source. */
    readonly projectId: string | null;
  };
}

/** The receiver acknowledges. Stream: the allocation's. */
export interface AllocationReceived extends EventHead<'AllocationReceived'> {
  readonly data: {
    readonly allocationId: string;
    readonly parentId: string | null;
    readonly amountFen: Fen;
    readonly giverRegion: RegionCode | null;
    readonly holdingRegion: RegionCode;
    readonly issuerRegion: RegionCode;
    readonly issuedOn: Day;
    readonly documentNo: string;
    readonly projectId: string | null;
  };
}

/** A further line into an existing allocation. Stream: the allocation that grows. */
export interface SupplementIssued extends EventHead<'SupplementIssued'> {
  readonly data: {
    readonly row: SupplementRow;
    readonly giverRegion: RegionCode | null;
    /** Region of the allocation that grows. */
    readonly holdingRegion: RegionCode;
    readonly projectId: string | null;
  };
}

/** The giver's side of a supplement. Stream: the parent's. Absent when the money enters from outside. */
export interface SupplementDrawn extends EventHead<'SupplementDrawn'> {
  readonly data: {
    readonly supplementId: string;
    readonly holdingId: string;
    readonly allocationId: string;
    readonly amountFen: Fen;
  };
}

/** Stream: the allocation that grows. */
export interface SupplementReceived extends EventHead<'SupplementReceived'> {
  readonly data: {
    readonly supplementId: string;
    readonly allocationId: string;
    readonly parentId: string | null;
    readonly amountFen: Fen;
    readonly giverRegion: RegionCode | null;
    readonly holdingRegion: RegionCode;
    readonly issuerRegion: RegionCode;
    readonly issuedOn: Day;
    readonly documentNo: string;
    readonly projectId: string | null;
  };
}

/** Cash leaves for a unit's account. Stream: the allocation's. */
export interface CashDisbursed extends EventHead<'CashDisbursed'> {
  readonly data: {
    readonly row: DisbursementRow;
    readonly holdingRegion: RegionCode;
    readonly projectId: string | null;
    readonly fundType: AllocationRow['fundType'];
    readonly fiscalYear: number;
  };
}

/** The unit confirms the credit. Stream: the disbursement's. */
export interface CashCredited extends EventHead<'CashCredited'> {
  readonly data: {
    readonly disbursementId: string;
    readonly allocationId: string;
    readonly amountFen: Fen;
    readonly holdingRegion: RegionCode;
    readonly disbursedOn: Day;
    readonly voucherNo: string;
    readonly recipientName: string;
    readonly projectId: string | null;
  };
}

/** Final use. Stream: the holding it is drawn on. */
export interface PaymentMade extends EventHead<'PaymentMade'> {
  readonly data: {
    readonly row: PaymentRow;
    readonly holdingRegion: RegionCode;
    readonly holdingKind: 'allocation' | 'disbursement';
    readonly projectId: string | null;
  };
}

/** 退票. Stream: the holding the payment was drawn on. */
export interface PaymentReturned extends EventHead<'PaymentReturned'> {
  readonly data: {
    readonly row: ReturnRow;
    readonly holdingId: string;
    readonly holdingRegion: RegionCode;
    readonly holdingKind: 'allocation' | 'disbursement';
    /** Where the payee of the payment is, which may be elsewhere; null: not stated, or a record of schema 1. */
    readonly payeeRegion: RegionCode | null;
    readonly voucherNo: string;
    readonly projectId: string | null;
  };
}

/** 退回, the sender's side. Stream: the disbursement's. */
export interface CashReturned extends EventHead<'CashReturned'> {
  readonly data: {
    readonly row: ReturnRow;
    readonly allocationId: string;
    readonly holdingRegion: RegionCode;
    readonly voucherNo: string;
    readonly projectId: string | null;
  };
}

/** 退回, the receiver's side. Stream: the allocation's. */
export interface CashReturnReceived extends EventHead<'CashReturnReceived'> {
  readonly data: {
    readonly returnId: string;
    readonly disbursementId: string;
    readonly allocationId: string;
    readonly amountFen: Fen;
    readonly holdingRegion: RegionCode;
    readonly voucherNo: string;
    readonly projectId: string | null;
  };
}

/** 收回, the sender's side. Stream: the allocation the authority goes back from. */
export interface AuthorityRecalled extends EventHead<'AuthorityRecalled'> {
  readonly data: {
    readonly row: ReturnRow;
    /** The allocation it goes back from; its line is the first line, or the supplement `row.ofId`. */
    readonly holdingId: string;
    readonly holdingRegion: RegionCode;
    /** The line's giver; null: the authority leaves the ledger. */
    readonly parentId: string | null;
    readonly parentRegion: RegionCode | null;
    readonly issuerRegion: RegionCode;
    readonly documentNo: string;
    readonly projectId: string | null;
  };
}

/** 收回, the receiver's side. Stream: the parent's; the allocation's own when there is none. */
export interface RecallReceived extends EventHead<'RecallReceived'> {
  readonly data: {
    readonly returnId: string;
    readonly ofId: string;
    readonly holdingId: string;
    readonly holdingRegion: RegionCode;
    readonly parentId: string | null;
    readonly parentRegion: RegionCode | null;
    readonly amountFen: Fen;
    readonly documentNo: string;
    readonly projectId: string | null;
  };
}

export type ReversedKind = 'allocation' | 'supplement' | 'disbursement' | 'payment' | ReturnKind;

/**
 * 红冲. Stream: the holding that loses (allocation, supplement: the receiver; disbursement: itself; payment and 退票: the
 * holding drawn on; 退回: its allocation; 收回: the parent, or the allocation itself without one).
 */
export interface MovementReversed extends EventHead<'MovementReversed'> {
  readonly data: {
    readonly row: ReversalRow;
    readonly ofKind: ReversedKind;
    readonly amountFen: Fen;
    /** Whether the receiver's side had been recorded when it was reversed. */
    readonly wasReceived: boolean;
    /** Where the money had come from; null = outside. */
    readonly giverId: string | null;
    readonly giverRegion: RegionCode | null;
    /** Where it had gone: a holding; null = a payee, or out of the ledger. */
    readonly receiverId: string | null;
    readonly receiverRegion: RegionCode | null;
    readonly issuerRegion: RegionCode | null;
    /** For a payment and 退票: where the payee is; null: not stated, or a record of schema 1. */
    readonly payeeRegion: RegionCode | null;
    /** The holding whose `available` loses, or gains for a payment: the stream this event lies in. */
    readonly holdingId: string;
    /** For 退票: the payment; for 收回: the allocation or supplement it named; for 退回: the disbursement. */
    readonly returnOfId: string | null;
    readonly documentNo: string | null;
    readonly voucherNo: string | null;
    readonly projectId: string | null;
  };
}

/** The giver's counterpart of a reversal: what was drawn is available again. Stream: the giver's. */
export interface DrawRestored extends EventHead<'DrawRestored'> {
  readonly data: {
    readonly reversalId: string;
    readonly ofId: string;
    readonly ofKind: ReversedKind;
    readonly holdingId: string;
    readonly amountFen: Fen;
    readonly returnOfId: string | null;
  };
}
