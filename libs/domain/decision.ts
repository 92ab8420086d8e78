/** Every reason to refuse a row, in the contract's order of precedence (§3): the first that holds is the answer. */
export const REFUSALS = [
  'bad-value',
  'unknown-region',
  'unknown-fund-type',
  'id-taken',
  'out-of-jurisdiction',
  'unknown-source',
  'source-not-received',
  'source-closed',
  'unknown-project',
  'date-before-source',
  'amount-not-positive',
  'exceeds-available',
  'already-reversed',
  'exceeds-original',
] as const;

export type RefusalCode = (typeof REFUSALS)[number];

/** Findings that are reported and block nothing. */
export const WARNINGS = [
  'region-vintage',
  'doc-not-stated',
  'doc-unreadable',
  'check-digit',
  'hidden-row',
] as const;
export type WarningCode = (typeof WARNINGS)[number];

/** A refusal states the fact; `expected` and `difference` (fen or days as text) help the person mend the row. */
export interface Refusal {
  readonly code: RefusalCode;
  /** English column name of contract §2. */
  readonly field: string;
  readonly value: string | null;
  readonly expected: string | null;
  readonly difference: string | null;
}

export type Decision<E> =
  | {
      readonly outcome: 'accepted';
      readonly events: readonly E[];
      readonly guards: readonly string[];
    }
  /** An identical row, or a state this row once had: nothing to post. */
  | { readonly outcome: 'already-posted' }
  | Refused;

export interface Refused {
  readonly outcome: 'refused';
  readonly refusal: Refusal;
}

const NO_GUARDS: readonly string[] = [];

export const accept = <E>(events: readonly E[], guards = NO_GUARDS): Decision<E> => ({
  outcome: 'accepted',
  events,
  guards,
});

export const alreadyPosted: Decision<never> = { outcome: 'already-posted' };

export function refuse(
  code: RefusalCode,
  field: string,
  value: string | null = null,
  rest: { expected?: string; difference?: string } = {},
): Refused {
  const refusal: Refusal = {
    code,
    field,
    value,
    expected: rest.expected ?? null,
    difference: rest.difference ?? null,
  };
  return { outcome: 'refused', refusal };
}
