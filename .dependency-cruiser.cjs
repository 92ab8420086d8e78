// Imports are checked fail-closed: what infra/import-table.cjs does not list is an error. The rules below forbid what no
// row could allow. test/architecture/imports.spec.ts proves that each of them can fail.

const { allowed, TEST_CODE } = require('./infra/import-table.cjs');

const forbidden = [
  {
    name: 'no-circular',
    comment: 'Two files that need each other are one file, or their common part is missing.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'not-to-unresolvable',
    comment: 'An import that only resolves on somebody’s machine breaks the clean clone.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'not-to-undeclared',
    comment: 'A package that came along with another one disappears with its next release.',
    severity: 'error',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'not-to-dev',
    comment: 'Shipped code must run after `npm ci --omit=dev`.',
    severity: 'error',
    from: { path: '^(apps|libs)/', pathNot: TEST_CODE },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'not-to-test',
    comment: 'Shipped code that leans on a test ships the test.',
    severity: 'error',
    from: { path: '^(apps|libs)/', pathNot: TEST_CODE },
    to: { path: ['\\.spec\\.ts$', '^test/'] },
  },
  {
    name: 'libraries-by-name',
    comment:
      'Another library is named (@fundflow/domain/money): a relative path hides the crossing.',
    severity: 'error',
    from: { path: '^(?:libs|apps)/([^/]+)/' },
    to: { path: '^libs/', pathNot: '^libs/$1/', dependencyTypesNot: ['aliased'] },
  },
];

module.exports = {
  allowed,
  allowedSeverity: 'error',
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '^apps/[^/]+/node_modules/', '^apps/console/(dist|api)/'] },
    // The command line has a package.json of its own; what it uses is declared at the root.
    combinedDependencies: true,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
