import { type RowExample, SUBMISSION_EXAMPLES } from './import-examples-stages.js';

/** Files the examples point at; a tree planted from them has the layout of this repository. */
export const TARGETS: readonly string[] = [
  ...['libs/domain/money.ts', 'libs/domain/calendar.ts', 'libs/domain/holding/events.ts'],
  ...['libs/domain/region.ts', 'libs/row-security/roles.ts', 'libs/directories/make-directory.ts'],
  ...['libs/domain/holding/decide.ts', 'libs/domain/rules/idle.ts', 'libs/intake/rows.ts'],
  ...['libs/divisions/table.ts', 'libs/event-store/event-store.ts'],
  ...['libs/event-store/postgres/schema.ts', 'libs/event-store/kurrentdb/client.ts'],
  ...['libs/embedded-postgres/server.ts', 'libs/command-handling/handle.ts'],
  ...['libs/vault/name-folding.ts', 'libs/vault/vault-key.ts', 'libs/vault/commitment.ts'],
  ...['libs/submissions/staged.ts', 'libs/submissions/people/seal.ts'],
  ...['libs/submissions/hand-in/read.ts', 'libs/submissions/validation/validator.ts'],
  ...['libs/submissions/staging/block.ts', 'libs/submissions/posting/poster.ts'],
  ...['libs/submissions/submission-desk.ts', 'libs/submissions/postgres/staging.ts'],
  ...['libs/vault/vault.ts', 'libs/vault/postgres/vault.ts'],
  ...['libs/projections/holdings/table.ts', 'libs/projections/holdings/apply.ts'],
  ...['libs/queries/trail.ts', 'libs/proof/tree.ts', 'libs/proof/files/tiles.ts'],
  ...['libs/oversight/oversight-log.ts', 'libs/oversight/postgres/reasons.ts'],
  ...['libs/domain/oversight/events.ts', 'libs/domain/submission/submission.ts'],
  ...['libs/relay/messages.ts', 'libs/relay/kafka/producer.ts', 'libs/identity/user.ts'],
  ...['libs/nest-edge/problem.ts', 'libs/runtime/serve.ts'],
  ...['libs/relay/contract.ts', 'apps/ledger/main.ts', 'libs/postgres-arrays/column-bytes.ts'],
  ...['apps/audit/main.ts', 'apps/fundflow/start.ts', 'apps/console/app.tsx', 'infra/tool.mjs'],
  ...['test/e2e/ledger.ts', 'test/support/given.ts', 'libs/domain/money.spec.ts'],
];

export const PACKAGES = {
  declared: [
    ...['@fastify/helmet', '@kurrent/kurrentdb-client', '@nestjs/common'],
    ...['class-transformer', 'csv-parse', 'embedded-postgres', 'iconv-lite', 'kafkajs', 'pg'],
    ...['fflate', 'pdfkit', 'pg-copy-streams', 'pinyin-pro', 'react', 'saxes', 'typeorm', 'yauzl'],
  ],
  dev: ['@jest/globals', 'fast-check'],
  undeclared: ['came-along'],
};

export const EXAMPLES: readonly RowExample[] = [
  {
    row: 'domain',
    from: 'libs/domain/*.ts',
    may: ['libs/domain/money.ts'],
    mayNot: ['node:crypto', 'pg', 'libs/intake/rows.ts', 'libs/event-store/event-store.ts'],
  },
  {
    row: 'domain tests',
    from: 'libs/domain/*.spec.ts',
    may: ['libs/domain/holding/decide.ts', 'test/support/given.ts', 'fast-check', '@jest/globals'],
    mayNot: ['node:fs', 'pg', 'libs/event-store/event-store.ts', 'test/e2e/ledger.ts'],
  },
  {
    row: 'intake',
    from: 'libs/intake/*.ts',
    may: ['libs/domain/money.ts', 'csv-parse', 'iconv-lite', 'saxes', 'yauzl', 'node:stream'],
    mayNot: ['pg', 'libs/event-store/event-store.ts', 'libs/vault/vault.ts', '@nestjs/common'],
  },
  {
    row: 'divisions',
    from: 'libs/divisions/*.ts',
    may: ['libs/domain/money.ts', 'node:fs'],
    mayNot: ['pg', 'node:http', 'libs/intake/rows.ts'],
  },
  {
    row: 'directories',
    from: 'libs/directories/*.ts',
    may: ['libs/directories/make-directory.ts', 'node:fs/promises'],
    mayNot: ['pg', 'libs/domain/money.ts', 'node:fs'],
  },
  {
    row: 'postgres-arrays',
    from: 'libs/postgres-arrays/*.ts',
    may: ['libs/postgres-arrays/column-bytes.ts'],
    mayNot: ['pg', 'libs/domain/money.ts', 'libs/event-store/event-store.ts', 'node:fs'],
  },
  {
    row: 'event-store',
    from: 'libs/event-store/*.ts',
    may: ['libs/event-store/event-store.ts', 'node:crypto'],
    mayNot: ['pg', 'libs/event-store/postgres/schema.ts', 'libs/domain/money.ts'],
  },
  {
    row: 'event-store/postgres',
    from: 'libs/event-store/postgres/*.ts',
    may: [
      ...['libs/event-store/event-store.ts', 'libs/event-store/postgres/schema.ts', 'pg'],
      'libs/postgres-arrays/column-bytes.ts',
    ],
    mayNot: ['@kurrent/kurrentdb-client', 'libs/event-store/kurrentdb/client.ts', 'typeorm'],
  },
  {
    row: 'event-store/kurrentdb',
    from: 'libs/event-store/kurrentdb/*.ts',
    may: ['libs/event-store/event-store.ts', '@kurrent/kurrentdb-client'],
    mayNot: ['pg', 'libs/event-store/postgres/schema.ts'],
  },
  {
    row: 'generator',
    from: 'libs/generator/*.ts',
    may: ['libs/domain/money.ts', 'libs/divisions/table.ts', 'libs/directories/make-directory.ts'],
    mayNot: ['pg', 'libs/event-store/event-store.ts', 'libs/vault/vault.ts'],
  },
  {
    row: 'embedded-postgres',
    from: 'libs/embedded-postgres/*.ts',
    may: ['libs/embedded-postgres/server.ts', 'embedded-postgres', 'pg', 'node:child_process'],
    mayNot: ['libs/domain/money.ts', 'typeorm', 'libs/event-store/event-store.ts'],
  },
  {
    row: 'command-handling',
    from: 'libs/command-handling/*.ts',
    may: ['libs/domain/holding/decide.ts', 'libs/event-store/event-store.ts'],
    mayNot: ['libs/event-store/postgres/schema.ts', 'pg', 'libs/projections/holdings/table.ts'],
  },
  ...SUBMISSION_EXAMPLES,
  {
    row: 'oversight',
    from: 'libs/oversight/*.ts',
    may: [
      ...['libs/domain/oversight/events.ts', 'libs/command-handling/handle.ts'],
      ...['libs/event-store/event-store.ts', 'node:crypto'],
    ],
    mayNot: ['pg', 'libs/identity/user.ts', '@nestjs/common', 'libs/vault/vault.ts'],
  },
  {
    row: 'oversight/postgres',
    from: 'libs/oversight/postgres/*.ts',
    may: ['libs/oversight/oversight-log.ts', 'pg', 'typeorm'],
    mayNot: ['libs/event-store/postgres/schema.ts', 'libs/identity/user.ts', '@nestjs/common'],
  },
  {
    row: 'public-totals',
    from: 'libs/public-totals/*.ts',
    may: ['libs/domain/money.ts', 'libs/projections/holdings/apply.ts', 'pg', 'typeorm'],
    mayNot: ['libs/vault/vault.ts', 'libs/identity/user.ts', '@nestjs/common'],
  },
  {
    row: 'vault',
    from: 'libs/vault/*.ts',
    may: ['libs/domain/money.ts', 'libs/vault/vault.ts', 'node:crypto', 'node:fs'],
    mayNot: ['pg', 'libs/vault/postgres/vault.ts', 'libs/event-store/event-store.ts', 'node:http'],
  },
  {
    row: 'vault/names',
    from: 'libs/vault/names/*.ts',
    may: ['libs/vault/name-folding.ts', 'pinyin-pro'],
    mayNot: ['libs/vault/vault-key.ts', 'libs/vault/commitment.ts', 'pg', 'node:crypto', 'node:fs'],
  },
  {
    row: 'vault/postgres',
    from: 'libs/vault/postgres/*.ts',
    may: ['libs/vault/vault.ts', 'libs/postgres-arrays/column-bytes.ts', 'pg'],
    mayNot: [
      'typeorm',
      'libs/event-store/postgres/schema.ts',
      'libs/projections/holdings/table.ts',
    ],
  },
  {
    row: 'projections',
    from: 'libs/projections/*.ts',
    may: [
      ...['libs/domain/money.ts', 'libs/domain/holding/events.ts', 'libs/domain/rules/idle.ts'],
      ...['libs/event-store/event-store.ts', 'typeorm', 'pg'],
      'libs/postgres-arrays/column-bytes.ts',
    ],
    mayNot: [
      ...['libs/domain/holding/decide.ts', 'libs/event-store/postgres/schema.ts'],
      ...['libs/vault/vault.ts', '@nestjs/common', 'libs/command-handling/handle.ts'],
    ],
  },
  {
    row: 'queries',
    from: 'libs/queries/*.ts',
    may: ['libs/projections/holdings/table.ts', 'libs/domain/money.ts'],
    mayNot: [
      ...['typeorm', 'libs/projections/holdings/apply.ts', 'libs/domain/holding/decide.ts'],
      ...['libs/event-store/event-store.ts', '@nestjs/common', 'libs/runtime/serve.ts'],
    ],
  },
  {
    row: 'row-security',
    from: 'libs/row-security/*.ts',
    may: ['libs/row-security/roles.ts', 'libs/domain/region.ts', 'pg', 'node:crypto'],
    mayNot: ['libs/domain/money.ts', 'libs/vault/vault.ts', 'typeorm', 'node:fs'],
  },
  {
    row: 'proof',
    from: 'libs/proof/*.ts',
    may: ['libs/proof/tree.ts', 'node:crypto'],
    mayNot: ['node:fs', 'pg', 'libs/domain/money.ts', 'libs/proof/files/tiles.ts', 'node:net'],
  },
  {
    row: 'proof adapters',
    from: 'libs/proof/files/*.ts',
    may: ['libs/proof/tree.ts', 'libs/directories/make-directory.ts', 'node:fs'],
    mayNot: ['libs/domain/money.ts', 'libs/event-store/event-store.ts', 'node:net'],
  },
  {
    row: 'evidence',
    from: 'libs/evidence/*.ts',
    may: ['libs/proof/tree.ts', 'pdfkit', 'pg', 'node:stream'],
    mayNot: ['libs/domain/money.ts', 'libs/event-store/postgres/schema.ts', 'node:http'],
  },
  {
    row: 'relay',
    from: 'libs/relay/*.ts',
    may: ['libs/event-store/event-store.ts', 'libs/relay/messages.ts'],
    mayNot: ['kafkajs', 'libs/relay/kafka/producer.ts', 'libs/event-store/postgres/schema.ts'],
  },
  {
    row: 'relay/kafka',
    from: 'libs/relay/kafka/*.ts',
    may: ['libs/relay/messages.ts', 'kafkajs'],
    mayNot: ['pg', 'libs/domain/holding/decide.ts', '@nestjs/common'],
  },
  {
    row: 'identity',
    from: 'libs/identity/*.ts',
    may: [
      ...['libs/domain/money.ts', 'libs/nest-edge/problem.ts', '@nestjs/common', 'typeorm'],
      ...['libs/oversight/oversight-log.ts', 'libs/domain/oversight/events.ts'],
    ],
    mayNot: ['libs/event-store/event-store.ts', 'class-transformer', 'kafkajs'],
  },
  {
    row: 'nest-edge',
    from: 'libs/nest-edge/*.ts',
    may: ['libs/domain/money.ts', '@nestjs/common', 'class-transformer', 'node:stream'],
    mayNot: ['libs/identity/user.ts', 'libs/queries/trail.ts', 'libs/domain/holding/decide.ts'],
  },
  {
    row: 'runtime',
    from: 'libs/runtime/*.ts',
    may: ['libs/event-store/postgres/schema.ts', 'libs/vault/vault.ts', '@nestjs/common', 'pg'],
    mayNot: ['apps/ledger/main.ts', 'kafkajs', 'node:child_process'],
  },
  {
    row: 'apps',
    from: 'apps/ledger/*.ts',
    may: ['apps/ledger/main.ts', 'libs/event-store/postgres/schema.ts', 'pg', 'node:http'],
    mayNot: ['apps/audit/main.ts', 'apps/console/app.tsx', 'infra/tool.mjs'],
  },
  {
    row: 'apps/fundflow',
    from: 'apps/fundflow/*.ts',
    may: ['apps/ledger/main.ts', 'apps/audit/main.ts'],
    mayNot: ['apps/console/app.tsx', 'infra/tool.mjs'],
  },
  {
    row: 'apps/verify',
    from: 'apps/verify/*.ts',
    may: ['libs/proof/tree.ts', 'yauzl', 'node:fs', 'node:util'],
    mayNot: [
      ...['libs/proof/files/tiles.ts', 'libs/vault/vault.ts', 'libs/domain/money.ts', 'pg'],
      ...['libs/event-store/postgres/schema.ts', 'node:http', 'node:net', 'node:child_process'],
    ],
  },
  {
    row: 'apps/verify/page',
    from: 'apps/verify/page/*.ts',
    may: ['libs/proof/tree.ts', 'fflate'],
    mayNot: ['libs/proof/files/tiles.ts', 'libs/domain/money.ts', 'pg', 'yauzl', 'node:crypto'],
  },
  {
    row: 'apps/console',
    from: 'apps/console/*.ts',
    may: ['libs/domain/money.ts', 'libs/domain/calendar.ts', 'react'],
    mayNot: ['libs/domain/holding/decide.ts', 'libs/queries/trail.ts', 'node:fs'],
  },
  {
    row: 'library tests',
    from: 'libs/queries/*.spec.ts',
    may: [
      ...['libs/embedded-postgres/server.ts', 'libs/relay/contract.ts', 'test/support/given.ts'],
      ...['fast-check', 'node:os'],
    ],
    mayNot: ['apps/ledger/main.ts', 'test/e2e/ledger.ts'],
  },
  {
    row: 'tests of the whole',
    from: 'test/e2e/*.ts',
    may: ['apps/ledger/main.ts', 'libs/queries/trail.ts', 'fast-check', 'infra/tool.mjs'],
    mayNot: ['apps/console/app.tsx'],
  },
  {
    row: 'infra',
    from: 'infra/*.mjs',
    may: ['node:fs', 'infra/tool.mjs'],
    mayNot: ['libs/domain/money.ts', 'apps/ledger/main.ts'],
  },
];

interface ForbiddenExample {
  readonly rule: string;
  readonly offender: string;
  readonly files: Readonly<Record<string, string>>;
}

const file = (specifier: string): string =>
  `import * as it from '${specifier}';\nexport const kept = it;\n`;

export const FORBIDDEN_EXAMPLES: readonly ForbiddenExample[] = [
  {
    rule: 'no-circular',
    offender: 'libs/domain/egg.ts',
    files: { 'libs/domain/hen.ts': file('./egg.js'), 'libs/domain/egg.ts': file('./hen.js') },
  },
  {
    rule: 'not-to-unresolvable',
    offender: 'apps/ledger/nowhere.ts',
    files: { 'apps/ledger/nowhere.ts': file('not-installed') },
  },
  {
    rule: 'not-to-undeclared',
    offender: 'apps/ledger/transitive.ts',
    files: { 'apps/ledger/transitive.ts': file('came-along') },
  },
  {
    rule: 'not-to-dev',
    offender: 'apps/ledger/dev.ts',
    files: { 'apps/ledger/dev.ts': file('fast-check') },
  },
  {
    rule: 'not-to-test',
    offender: 'libs/domain/leaning.ts',
    files: { 'libs/domain/leaning.ts': file('./money.spec.js') },
  },
  {
    rule: 'libraries-by-name',
    offender: 'libs/intake/crossing.ts',
    files: { 'libs/intake/crossing.ts': file('../domain/money.js') },
  },
];
