import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unusedExports } from '../../infra/unused-exports.mjs';

/** What is found in a tree with these files. */
function foundIn(files: Readonly<Record<string, string>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'fundflow-exports-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return unusedExports(root).map(({ path, line, name }) => `${path}:${line} ${name}`);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const MONEY = 'const a = 1;\n\nexport const fen = a;\nexport function yuan() {}\n';

describe('an exported value that no other file imports', () => {
  it('is found, with its file and line', () => {
    expect(foundIn({ 'libs/domain/money.ts': MONEY })).toEqual([
      'libs/domain/money.ts:3 fen',
      'libs/domain/money.ts:4 yuan',
    ]);
  });

  it('is found when only its own file uses it, or another file has a name like it', () => {
    const other = 'export class fen {}\n';
    const main = "import { fen } from './other.js';\nnew fen();\n";
    const files = { 'apps/a/other.ts': other, 'apps/a/main.ts': main };
    expect(foundIn({ 'libs/domain/money.ts': 'export const fen = 1;\nfen;\n', ...files })).toEqual([
      'libs/domain/money.ts:1 fen',
    ]);
  });

  it.each([
    ['by the name of its library', "import { fen, yuan } from '@fundflow/domain/money';"],
    ['under another name', "import { fen as f, yuan as y } from '../domain/money.js';"],
    ['whole', "import * as money from '../domain/money.js';"],
    ['at run time', "const { fen, yuan: y } = await import('../domain/money.js');"],
    ['at run time and whole', "const money = await import('../domain/money.js');"],
    ['as a type', "type Money = typeof import('../domain/money.js');"],
  ])('is none when it is imported %s', (_, text) => {
    expect(foundIn({ 'libs/domain/money.ts': MONEY, 'libs/intake/use.ts': text })).toEqual([]);
  });

  it('is no type, and nothing of a spec', () => {
    const text = 'export interface A {}\nexport type B = A;\n';
    const spec = 'export const c = 1;\n';
    expect(foundIn({ 'libs/domain/a.ts': text, 'libs/domain/a.spec.ts': spec })).toEqual([]);
  });
});
