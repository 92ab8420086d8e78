// The house style (functions first, no barrels, money is bigint, the domain is pure) as far as a machine can check it.
// What needs the whole tree at once (file names, lock file, machine paths) is in test/architecture/style.spec.ts;
// who may import whom is in .dependency-cruiser.cjs.
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const TYPESCRIPT = ['apps/**/*.ts', 'libs/**/*.ts', 'test/**/*.ts'];
// A contract suite is a spec that several adapters call: it is measured like one.
const SPECS = ['**/*.spec.ts', '**/*contract.ts', 'test/**/*.ts'];

const BANNED_SYNTAX = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name: a default export is renamed at every import.',
  },
  {
    selector: 'ExportAllDeclaration',
    message: 'No barrels: import the file that has it.',
  },
  {
    selector: 'CallExpression[callee.name="parseFloat"]',
    message: 'No floating point near money: parseMoney or Number on a checked text.',
  },
  {
    selector: 'CallExpression[callee.object.name="Number"][callee.property.name="parseFloat"]',
    message: 'No floating point near money: parseMoney or Number on a checked text.',
  },
  {
    selector: 'CallExpression[callee.name="Number"] > [name=/[fF]en$/]',
    message: 'Money stays a bigint of fen.',
  },
  {
    selector: 'CallExpression[callee.name="Number"] > MemberExpression[property.name=/[fF]en$/]',
    message: 'Money stays a bigint of fen.',
  },
  {
    selector: 'ClassDeclaration[abstract=true]',
    message: 'No base classes: pass a function.',
  },
  {
    selector: 'ClassDeclaration[superClass.name=/^(Base|Abstract)/]',
    message: 'No base classes: pass a function.',
  },
  {
    selector: 'Property[key.name="synchronize"][value.value=true]',
    message: 'Tables change by written statements only: synchronize drops columns.',
  },
  {
    selector: 'SwitchCase[test=null] > ReturnStatement > Identifier[name=/^(state|before)$/]',
    message: 'An event that changes nothing is named: a new one must not vanish in a default.',
  },
  {
    selector: 'TSEnumDeclaration',
    message: 'A closed list is a union of literals.',
  },
];

const CLOCK_AND_CHANCE = [
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: 'Time is an input of the domain.',
  },
  {
    selector: 'CallExpression[callee.name="Date"]',
    message: 'Time is an input of the domain.',
  },
  {
    selector: 'ImportExpression',
    message: 'The domain imports nothing.',
  },
];

const OUTSIDE_WORLD = [
  ...['process', 'fetch', 'Buffer', 'console', 'performance', 'crypto', 'globalThis', 'global'],
  ...['require', 'module', 'navigator', 'window', 'WebSocket', 'XMLHttpRequest', 'Intl'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'eval', 'Function'],
];

const kebabCaseFileName = {
  meta: { type: 'suggestion', schema: [], messages: { name: '{{name}} is not kebab-case.' } },
  create: (context) => ({
    Program(node) {
      const name = context.filename.split(/[\\/]/).pop();
      const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
      if (!kebab.test(name)) context.report({ node, messageId: 'name', data: { name } });
    },
  }),
};

export default defineConfig(
  {
    ignores: [
      ...['**/node_modules/', '**/dist/', 'coverage/', 'data/', 'apps/console/'],
      ...['**/*.generated.*'],
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: globals.node },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-undef': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.recommended],
    plugins: { house: { rules: { 'kebab-case-file-name': kebabCaseFileName } } },
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'house/kebab-case-file-name': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...BANNED_SYNTAX],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@nestjs/common',
              importNames: ['forwardRef', 'Global'],
              message: 'Say who needs whom: a circle or a global hides it.',
            },
            {
              name: '@nestjs/cqrs',
              importNames: ['EventBus', 'EventPublisher', 'EventsHandler', 'Saga', 'AggregateRoot'],
              message: 'Unordered and in memory: followers read the log by position.',
            },
          ],
        },
      ],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 70, skipComments: true, skipBlankLines: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      // A table takes the few events it shows, so a written `default` counts; leaving cases out in silence does not.
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['libs/domain/**/*.ts'],
    ignores: SPECS,
    rules: {
      'no-restricted-globals': ['error', ...OUTSIDE_WORLD],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time is an input of the domain.' },
        { object: 'Math', property: 'random', message: 'Randomness is an input of the domain.' },
      ],
      'no-restricted-syntax': ['error', ...BANNED_SYNTAX, ...CLOCK_AND_CHANCE],
    },
  },
  {
    files: SPECS,
    rules: { 'max-lines': ['error', { max: 350 }], 'max-lines-per-function': 'off' },
  },
  {
    // The command line is where the ledger speaks to a person.
    files: ['apps/fundflow/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
