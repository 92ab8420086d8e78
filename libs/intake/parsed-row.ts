import type { Payee, PaymentRow, Row } from '@fundflow/domain/rows';
import type { RowFinding } from './findings.js';

/**
 * A person who is paid, in clear, until the values are sealed as commitments; must not reach the
 * log like this.
 */
export interface UnsealedPerson {
  readonly kind: 'person';
  readonly name: string;
  /** A resident ID in upper case, or another document as handed in. */
  readonly code: string | null;
  readonly account: string | null;
}

export interface UnsealedPaymentRow extends Omit<PaymentRow, 'payee'> {
  readonly payee: Extract<Payee, { kind: 'unit' }> | UnsealedPerson;
}

/** A row as intake hands it out: everything but personal data is as the decision will see it. */
export type ParsedRow = Exclude<Row, PaymentRow> | UnsealedPaymentRow;

/** What became of one row: a row or an error, never both, and any number of warnings. */
export interface RowOutcome {
  readonly row: ParsedRow | null;
  /** Exactly one, the first by the contract's order of precedence. */
  readonly error: RowFinding | null;
  readonly warnings: readonly RowFinding[];
  /** `flex_*` columns that are not empty, by their header as handed in. */
  readonly flex: Readonly<Record<string, string>>;
}

/**
 * Why a cell cannot be taken at its text: a formula or an error of a spreadsheet, a number stored
 * with fewer digits than it had, a date in a column of texts, part of a merged area, or (JSON) no
 * text at all.
 */
export type CellProblem =
  'formula' | 'error-value' | 'digits-lost' | 'date-cell' | 'merged' | 'not-a-text';
