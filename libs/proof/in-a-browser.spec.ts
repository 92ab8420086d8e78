import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a page in a browser enters: see `BundleMeans` for what it brings itself. */
const ENTRANCES = ['bundle', 'sentences', 'findings', 'tree-hash'];

function reach(names: readonly string[]): Map<string, string> {
  const seen = new Map<string, string>();
  const queue = [...names];
  for (const name of queue) {
    if (seen.has(name)) continue;
    const code = readFileSync(join('libs/proof', `${name}.ts`), 'utf8');
    seen.set(name, code);
    for (const [, next] of code.matchAll(/from '\.\/([a-z0-9-]+)\.js'/g)) queue.push(next!);
  }
  return seen;
}
const modules = reach(ENTRANCES);
const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

describe('what checks a bundle', () => {
  it('is a handful of modules, among them those that matter', () => {
    expect([...modules.keys()]).toEqual(
      expect.arrayContaining(['inclusion', 'note', 'note-check', 'policy', 'openings']),
    );
    expect(modules.has('ed25519')).toBe(false);
    expect(modules.has('node-hash')).toBe(false);
  });

  it.each([...modules])('%s needs nothing that only Node has', (_name, text) => {
    expect(code(text)).not.toMatch(/node:|\bBuffer\b|\bprocess\b|\brequire\b|\bglobal\b/);
    expect([...code(text).matchAll(/from '([^']+)'/g)].map(([, from]) => from)).toEqual(
      [...code(text).matchAll(/from '(\.\/[^']+)'/g)].map(([, from]) => from),
    );
  });
});
