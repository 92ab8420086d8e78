import type { Officer, RowsChoice, SubmissionStatus } from '@fundflow/domain/submission/submission';
import type { Day } from '@fundflow/domain/calendar';
import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { RegionCode } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';

/** One line of a report (contract §3). `row` counts as a spreadsheet does: the header is row 1. */
export interface ReportEntry {
  readonly sheet: string;
  /** Null when it is about the file, not about a row. */
  readonly row: number | null;
  readonly id: string | null;
  readonly field: string | null;
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: string;
  readonly message: string;
  readonly value: string | null;
  readonly expected: string | null;
  readonly difference: string | null;
  readonly flex: Readonly<Record<string, string>>;
}

/** Why a whole file was refused, or a posting stopped. */
export interface SubmissionRefusal {
  readonly code: string;
  readonly message: string;
  readonly row: number | null;
  /** The part that no longer fitted; null before certification. */
  readonly part: number | null;
}

export interface SubmissionRecord {
  readonly id: string;
  readonly createdAt: string;
  readonly status: SubmissionStatus;
  readonly kind: RowKind | null;
  readonly fileName: string | null;
  readonly maker: Officer;
  /** SHA-256 (hex) of what was handed in; null while it is read. */
  readonly handedInSha256: string | null;
  readonly bytesTotal: number;
  readonly bytesRead: number;
  readonly rows: number;
  readonly acceptedRows: number;
  readonly alreadyPostedRows: number;
  readonly errors: number;
  readonly warnings: number;
  readonly refusal: SubmissionRefusal | null;
  readonly checker: Officer | null;
  readonly certifiedAt: string | null;
  readonly rowsChoice: RowsChoice | null;
  readonly postedParts: number;
  readonly postedRows: number;
  readonly firstPosition: bigint | null;
  readonly lastPosition: bigint | null;
}

/** Of a blind index. */
export const SUBJECT_BYTES = 32;

/** Values and openings of one payee, encrypted. Goes to the vault when the row is posted. */
export interface StagedSecret {
  /** Blind index of the person, `SUBJECT_BYTES`. */
  readonly subject: Uint8Array;
  readonly sealed: Uint8Array;
  /** Of the holding paid from, unpadded code: where the person may be searched for. Known once the row is decided. */
  readonly region?: string;
}

/**
 * What decides a payment, as a number: raised whenever a rule of `decidePayment` changes, or what is staged of a decision,
 * so that what an older program decided and nobody has certified yet is decided again.
 */
export const PAYMENT_RULES = 3;

/** What decided a payment: rules and schema of its event. What something else decided than `DECIDED_NOW` is decided again. */
export const decidedBy = ({ rules, schema }: Pick<DecidedOn, 'rules' | 'schema'>): string =>
  `${rules}/${schema}`;

export const DECIDED_NOW = decidedBy({
  rules: PAYMENT_RULES,
  schema: SCHEMA_VERSIONS.PaymentMade,
});

/** What validation decided a payment on, and every other one out of the same holding. */
export interface DecidedOn {
  /** `PAYMENT_RULES` of the program that decided. */
  readonly rules: number;
  /** Schema of the event's data. */
  readonly schema: number;
  /** The stream of its holding. */
  readonly streamId: string;
  /** Of the holding. */
  readonly region: RegionCode;
  /** The project of the holding, not closed then. Staged once for all rows of a block, and null when a row is read back. */
  readonly openProjectId: string | null;
}

/** A payment as validation decided it: what it leaned on, and where its event stands if nothing of that changes. */
export interface DecidedPayment extends DecidedOn {
  readonly eventId: string;
  /** The version the event gets in its stream when the rows before it are posted. */
  readonly version: number;
  readonly occurredOn: Day;
}

/** A row that was accepted, waiting for certification. Personal data stand in it as commitments only. */
export class StagedRow {
  constructor(
    readonly sheet: RowKind,
    readonly row: number,
    readonly id: string,
    /** Canonical text: the data of the event of a decided payment, in which the row stands; else the row's wire form. */
    readonly content: string,
    readonly secret: StagedSecret | null,
    readonly decided: DecidedPayment | null,
  ) {}

  /** Wire form of the typed row. */
  get wire(): unknown {
    const content = JSON.parse(this.content) as { readonly row: unknown };
    return this.decided ? content.row : content;
  }
}

/** What validation has found so far; written together with a block of rows. */
export interface ValidationCounts {
  readonly bytesRead: number;
  readonly rows: number;
  readonly acceptedRows: number;
  readonly alreadyPostedRows: number;
  readonly errors: number;
  readonly warnings: number;
}

/** A certification as it is marked on the submission. */
export interface CertifiedMark {
  readonly id: string;
  readonly checker: Officer;
  readonly certifiedAt: string;
  readonly rowsChoice: RowsChoice;
}
