import type { RefusalCode, WarningCode } from '@fundflow/domain/decision';
import {
  maskAccount,
  maskName,
  maskResidentId,
  residentIdWithin,
} from '@fundflow/domain/identifiers';
import { hidePersonalNumbers } from '@fundflow/domain/personal-numbers';
import type { RowKind } from '@fundflow/domain/rows';
import { messageFor } from './messages.js';

export type Severity = 'error' | 'warning' | 'info';
export type FindingCode = RefusalCode | WarningCode | 'already-posted';

/** One line of a report (contract §3). */
export interface RowFinding {
  readonly sheet: RowKind;
  /** As a spreadsheet shows it: the header is row 1. */
  readonly row: number;
  /** The row's own id as handed in; null when it has none. */
  readonly id: string | null;
  /**
   * English column name of contract §2, or the header or position of a cell that belongs to no
   * column.
   */
  readonly field: string;
  readonly severity: Severity;
  readonly code: FindingCode;
  /** zh-CN. */
  readonly message: string;
  /** As handed in, shortened; personal values are masked. Null also where the cell itself shows nothing. */
  readonly value: string | null;
  readonly expected: string | null;
  /** Whole fen or days, as text. */
  readonly difference: string | null;
}

/**
 * How a value is hidden before it enters a finding. `words`: what somebody typed into a cell, which may be anything, so
 * numbers that look like a person's are masked; `none`: an id or a figure, in which a valid resident ID is masked.
 */
export type Masking = 'none' | 'words' | 'name' | 'code' | 'account';

const VALUE_LENGTH_MAX = 120;

/** A value fit for a report: one line, at most 120 characters, masked as said. */
export function shownValue(value: string, masking: Masking = 'none'): string {
  if (masking === 'name') return maskName(value.slice(0, VALUE_LENGTH_MAX));
  if (masking === 'account') return maskAccount(value.slice(0, VALUE_LENGTH_MAX));
  if (masking === 'code') return maskResidentId(value.slice(0, VALUE_LENGTH_MAX));
  const personal = residentIdWithin(value);
  const plain = personal === null ? value : withoutResidentId(value);
  const safe = masking === 'words' ? hidePersonalNumbers(plain) : plain;
  const line = safe.replace(/[\p{Cc}\p{Cs}]/gu, '·');
  return line.length > VALUE_LENGTH_MAX ? `${line.slice(0, VALUE_LENGTH_MAX)}…` : line;
}

const DIGIT_GROUP = /[\d０-９]{17}[\dXx０-９]/g;

const withoutResidentId = (value: string): string => value.replace(DIGIT_GROUP, maskResidentId);

export interface FindingParts {
  readonly sheet: RowKind;
  readonly row: number;
  readonly id: string | null;
  readonly field: string;
  readonly severity: Severity;
  readonly code: FindingCode;
  readonly value?: string | null;
  readonly expected?: string | null;
  readonly difference?: string | null;
  readonly masking?: Masking;
}

/** Completes a finding with its message; `id` and `value` are made fit for a report. */
export function findingOf(parts: FindingParts): RowFinding {
  const { sheet, row, field, severity, code } = parts;
  const value = parts.value == null ? null : shownValue(parts.value, parts.masking);
  const expected = parts.expected ?? null;
  const difference = parts.difference ?? null;
  return {
    sheet,
    row,
    id: parts.id === null ? null : shownValue(parts.id),
    field,
    severity,
    code,
    message: messageFor(code, { kind: sheet, field, value, expected, difference }),
    value: value || null,
    expected,
    difference,
  };
}
