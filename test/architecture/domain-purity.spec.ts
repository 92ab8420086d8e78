import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokenRules } from './lint-text.js';

const root = process.cwd();

/** What a rule could lean on that is not its input: each would make the same question answer differently. */
const IMPURITIES = [
  ['the process', 'export const it = process.pid;'],
  ['the network', "export const it = fetch('http://localhost');"],
  ['a clock', 'export const it = Date.now();'],
  ['a clock in a new Date', 'export const it = new Date();'],
  ['a clock as text', 'export const it = Date();'],
  ['a finer clock', 'export const it = performance.now();'],
  ['chance', 'export const it = Math.random();'],
  ['a timer', 'export const it = setTimeout(() => undefined, 1);'],
  ['the console', "console.log('it');"],
  ['a byte buffer of Node', "export const it = Buffer.from('');"],
  ['everything global', 'export const it = globalThis;'],
  ['an import while running', "export const it = import('./money.js');"],
] as const;

describe('the domain is pure', () => {
  const findingsIn = (text: string): Promise<string[]> =>
    brokenRules('libs/domain/impure.ts', text);

  it.each(IMPURITIES)('and may not use %s', async (_what, text) => {
    const findings = await findingsIn(text);
    expect(findings).toContainEqual(
      expect.stringMatching(/^no-restricted-(globals|properties|syntax)$/),
    );
  });

  it('and may count days of a date it was given', async () => {
    expect(await findingsIn("export const it = new Date('2018-06-01').getTime();")).toEqual([]);
  });

  it('and its own tsconfig does not even know Node', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fundflow-domain-'));
    try {
      const file = join(folder, 'impure.ts');
      writeFileSync(file, 'export const it = [process.pid, fetch, Buffer, setTimeout];\n');
      const config = {
        extends: join(root, 'libs/domain/tsconfig.json'),
        files: [file],
        include: [],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const errors = typeErrors(join(folder, 'tsconfig.json'));
      for (const name of ['process', 'fetch', 'Buffer', 'setTimeout']) {
        expect(errors).toContain(`'${name}'`);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function typeErrors(project: string): string {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    return execFileSync(process.execPath, [tsc, '-p', project, '--noEmit'], { encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}
