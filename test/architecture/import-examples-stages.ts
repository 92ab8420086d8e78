// Examples of the stages of a submission (`infra/import-stages.cjs`) and of the desk and the tables around them.

export interface RowExample {
  /** The comment of the row up to its colon. */
  readonly row: string;
  /** The importing file; `*` becomes a name of its own for every example. */
  readonly from: string;
  readonly may: readonly string[];
  readonly mayNot: readonly string[];
}

export const SUBMISSION_EXAMPLES: readonly RowExample[] = [
  {
    row: 'submissions',
    from: 'libs/submissions/*.ts',
    may: [
      ...['libs/domain/money.ts', 'libs/intake/rows.ts', 'libs/vault/vault.ts'],
      ...['libs/postgres-arrays/column-bytes.ts', 'node:fs/promises'],
      ...['libs/submissions/posting/poster.ts', 'libs/submissions/postgres/staging.ts'],
    ],
    mayNot: ['pg', 'libs/vault/postgres/vault.ts', 'libs/projections/holdings/table.ts'],
  },
  {
    row: 'submissions/people',
    from: 'libs/submissions/people/*.ts',
    may: ['libs/submissions/staged.ts', 'libs/vault/vault.ts'],
    mayNot: ['libs/submissions/hand-in/read.ts', 'libs/vault/postgres/vault.ts', 'pg'],
  },
  {
    row: 'submissions/hand-in',
    from: 'libs/submissions/hand-in/*.ts',
    may: ['libs/submissions/people/seal.ts', 'libs/intake/rows.ts', 'libs/submissions/staged.ts'],
    mayNot: ['libs/submissions/validation/validator.ts', 'libs/submissions/staging/block.ts'],
  },
  {
    row: 'submissions/staging',
    from: 'libs/submissions/staging/*.ts',
    may: ['libs/submissions/hand-in/read.ts', 'libs/postgres-arrays/column-bytes.ts'],
    mayNot: ['libs/submissions/postgres/staging.ts', 'libs/submissions/posting/poster.ts', 'pg'],
  },
  {
    row: 'submissions/validation',
    from: 'libs/submissions/validation/*.ts',
    may: [
      ...['libs/submissions/hand-in/read.ts', 'libs/submissions/people/seal.ts'],
      ...['libs/submissions/staging/block.ts', 'libs/domain/money.ts'],
    ],
    mayNot: [
      ...['libs/submissions/posting/poster.ts', 'libs/submissions/postgres/staging.ts'],
      ...['libs/submissions/submission-desk.ts', 'pg'],
    ],
  },
  {
    row: 'submissions/posting',
    from: 'libs/submissions/posting/*.ts',
    may: [
      ...['libs/submissions/people/seal.ts', 'libs/submissions/staging/block.ts'],
      ...['libs/submissions/postgres/staging.ts', 'libs/command-handling/handle.ts'],
    ],
    mayNot: [
      ...['libs/submissions/hand-in/read.ts', 'libs/submissions/validation/validator.ts'],
      ...['libs/submissions/submission-desk.ts', 'libs/event-store/postgres/schema.ts'],
    ],
  },
  {
    row: 'submissions/postgres',
    from: 'libs/submissions/postgres/*.ts',
    may: [
      ...['libs/submissions/staged.ts', 'libs/submissions/staging/block.ts'],
      ...['libs/event-store/event-store.ts', 'pg'],
    ],
    mayNot: [
      ...['libs/submissions/posting/poster.ts', 'libs/submissions/validation/validator.ts'],
      ...['libs/event-store/postgres/schema.ts', 'libs/vault/vault.ts', '@nestjs/common'],
    ],
  },
];
