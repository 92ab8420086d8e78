import { brokenRules } from './lint-text.js';

const SYNTAX = 'no-restricted-syntax';

/** One offender a rule: a rule that finds nothing guards nothing. */
const OFFENDERS = [
  ['a default export', 'export default 1;', SYNTAX],
  ['a barrel', "export * from './money.js';", SYNTAX],
  ['a float from text', "export const it = parseFloat('1.5');", SYNTAX],
  ['a float from text by its other name', "export const it = Number.parseFloat('1.5');", SYNTAX],
  ['money as a number', 'export const it = (fen: bigint) => Number(fen);', SYNTAX],
  [
    'money of a row as a number',
    'export const it = (row: { amountFen: bigint }) => Number(row.amountFen);',
    SYNTAX,
  ],
  ['an abstract class', 'export abstract class It {}', SYNTAX],
  ['a base class', 'declare class BaseIt {}\nexport class It extends BaseIt {}', SYNTAX],
  ['tables that change themselves', 'export const it = { synchronize: true };', SYNTAX],
  ['an enum', 'export enum It {\n  One,\n}', SYNTAX],
  [
    'a default that swallows events',
    'export const it = (state: object, type: string) => {\n  switch (type) {\n    default:\n' +
      '      return state;\n  }\n};',
    SYNTAX,
  ],
  ['a cast to anything', "export const it = 'x' as any;", '@typescript-eslint/no-explicit-any'],
  ['a loose comparison', 'export const it = (a: number) => a == 1;', 'eqeqeq'],
  ['the console', "console.log('it');", 'no-console'],
  [
    'a circle between modules',
    "import { forwardRef } from '@nestjs/common';\nexport const it = forwardRef;",
    'no-restricted-imports',
  ],
  [
    'the event bus of the framework',
    "import { EventBus } from '@nestjs/cqrs';\nexport const it = EventBus;",
    'no-restricted-imports',
  ],
  ['a file that is too long', `export const it = 1;\n${'\n'.repeat(300)}`, 'max-lines'],
  [
    'a function that is too long',
    `export function it(): void {\n${'  it();\n'.repeat(70)}}`,
    'max-lines-per-function',
  ],
] as const;

describe('the lint rules of the house', () => {
  it.each(OFFENDERS)('find %s', async (_what, text, rule) => {
    expect(await brokenRules('libs/queries/offender.ts', text)).toContain(rule);
  });

  it('find a file name in another case', async () => {
    const rules = await brokenRules('libs/queries/countyTrail.ts', 'export const it = 1;');
    expect(rules).toEqual(['house/kebab-case-file-name']);
  });

  it('let the command line speak', async () => {
    expect(await brokenRules('apps/fundflow/cli/say.ts', "console.log('it');")).toEqual([]);
  });

  it('leave a clean file alone', async () => {
    const text = 'export const double = (amount: bigint): bigint => amount * 2n;';
    expect(await brokenRules('libs/queries/clean.ts', text)).toEqual([]);
  });
});
