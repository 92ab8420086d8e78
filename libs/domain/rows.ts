import type { Day } from './calendar.js';
import type { Fen } from './money.js';
import type { RegionCode } from './region.js';

/**
 * One typed row a kind of file (contract §2), as intake hands it to the decision: values parsed, personal data already
 * replaced by commitments, `flex_*` columns left outside. `null` is an empty cell.
 */
export type Row =
  | ProjectRow
  | AllocationRow
  | SupplementRow
  | DisbursementRow
  | PaymentRow
  | ReturnRow
  | ReversalRow
  | NoticeRow;

export type RowKind = Row['kind'];

export const ROW_KINDS = [
  'projects',
  'allocations',
  'supplements',
  'disbursements',
  'payments',
  'returns',
  'reversals',
  'notices',
] as const satisfies readonly RowKind[];

export type FundType =
  | 'central-special'
  | 'region-special'
  | 'city-special'
  | 'county-special'
  | 'pooled'
  | 'bond'
  | 'guangdong'
  | 'world-bank'
  | 'land-quota'
  | 'relending'
  | 'policy-loan'
  | 'commercial-loan'
  | 'microcredit'
  | 'donation'
  | 'lottery'
  | 'east-west'
  | 'special'
  | 'sector';

/** 文号: the normalised text, or as handed in where it cannot be read, or `未载明`. */
export type DocumentNumber = string;

/** HMAC-SHA256(opening, value) of a value of personal data; value and opening lie in the vault. */
export interface Commitment {
  readonly commitment: string;
}

export type PersonalField = Commitment | null;

export type Payee =
  | {
      readonly kind: 'unit';
      readonly name: string;
      readonly code: string | null;
      readonly account: string | null;
    }
  | {
      readonly kind: 'person';
      readonly name: PersonalField;
      readonly code: PersonalField;
      readonly account: PersonalField;
    };

export type PaymentMethod = 'direct' | 'authorised' | 'card' | 'reimbursement' | 'cash';
export type ReturnKind = 'bank-return' | 'cash-return' | 'recall';
export type NoticeLevel = 'province' | 'city' | 'county' | 'township' | 'village';

/** The amount beside the text as handed in, e.g. `724.712484 万元`; the text is no part of a row's identity. */
export interface HandedInAmount {
  readonly amountFen: Fen;
  readonly amountText: string;
}

export interface ProjectRow {
  readonly kind: 'projects';
  readonly id: string;
  readonly name: string;
  readonly county: RegionCode;
  readonly township: RegionCode | null;
  readonly village: RegionCode | null;
  readonly category: string | null;
  readonly unitName: string;
  readonly unitCode: string | null;
  readonly planned: HandedInAmount | null;
  readonly libraryOn: Day | null;
  readonly approvedOn: Day | null;
  readonly plannedStart: Day | null;
  readonly plannedEnd: Day | null;
  readonly performanceTarget: string | null;
  readonly acceptedOn: Day | null;
  readonly closedOn: Day | null;
}

export interface AllocationRow extends HandedInAmount {
  readonly kind: 'allocations';
  readonly id: string;
  readonly parentId: string | null;
  readonly documentNo: DocumentNumber;
  readonly fundType: FundType;
  readonly fiscalYear: number;
  readonly issuerRegion: RegionCode;
  readonly receiverRegion: RegionCode;
  readonly receiverName: string | null;
  readonly issuedOn: Day;
  readonly receivedOn: Day | null;
  readonly functionCode: string | null;
  readonly projectId: string | null;
  readonly purpose: string | null;
  readonly remark: string | null;
}

export interface SupplementRow extends HandedInAmount {
  readonly kind: 'supplements';
  readonly id: string;
  readonly allocationId: string;
  readonly parentId: string | null;
  readonly documentNo: DocumentNumber;
  readonly fundType: FundType | null;
  readonly issuerRegion: RegionCode;
  readonly issuedOn: Day;
  readonly receivedOn: Day | null;
  readonly purpose: string | null;
  readonly remark: string | null;
}

export interface DisbursementRow extends HandedInAmount {
  readonly kind: 'disbursements';
  readonly id: string;
  readonly allocationId: string;
  readonly projectId: string | null;
  readonly recipientName: string;
  readonly recipientCode: string | null;
  readonly recipientAccount: string | null;
  readonly disbursedOn: Day;
  readonly creditedOn: Day | null;
  readonly voucherNo: string;
  readonly remark: string | null;
}

export interface PaymentRow extends HandedInAmount {
  readonly kind: 'payments';
  readonly id: string;
  readonly sourceId: string;
  readonly projectId: string | null;
  readonly payee: Payee;
  readonly payeeRegion: RegionCode | null;
  readonly paidOn: Day;
  readonly method: PaymentMethod;
  readonly voucherNo: string;
  readonly economicCode: string | null;
  readonly purpose: string | null;
  readonly alreadyHappened: boolean;
  readonly reason: string | null;
  readonly remark: string | null;
}

/** What a payment takes, and out of which holding: all that its decision looks at beside its id. */
export type PaymentDraw = Pick<
  PaymentRow,
  'sourceId' | 'projectId' | 'paidOn' | 'amountFen' | 'alreadyHappened'
>;

export interface ReturnRow extends HandedInAmount {
  readonly kind: 'returns';
  readonly id: string;
  readonly returnKind: ReturnKind;
  readonly ofId: string;
  readonly returnedOn: Day;
  readonly receivedOn: Day | null;
  readonly reason: string | null;
}

export interface ReversalRow {
  readonly kind: 'reversals';
  readonly id: string;
  readonly ofId: string;
  readonly reversedOn: Day;
  readonly reason: string;
}

export interface NoticeRow {
  readonly kind: 'notices';
  readonly id: string;
  readonly subjectId: string;
  readonly level: NoticeLevel;
  readonly place: string | null;
  readonly postedOn: Day;
  readonly removedOn: Day | null;
}

/** The dates a later row may fill in, per kind: a completion (contract §6). */
export const COMPLETION_DATES = {
  projects: ['acceptedOn', 'closedOn'],
  allocations: ['receivedOn'],
  supplements: ['receivedOn'],
  disbursements: ['creditedOn'],
  payments: [],
  returns: ['receivedOn'],
  reversals: [],
  notices: ['removedOn'],
} as const satisfies { readonly [K in RowKind]: readonly (keyof Extract<Row, { kind: K }>)[] };
