import { readFileSync } from 'node:fs';
import { KIND_NAMES } from '@fundflow/intake/enumerations';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** Rows of four cells: 中文, English, name in code, file. */
const TERMS = read('docs/glossary.md')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .flatMap(([, chinese = '', , name = '', file = '']) =>
    /^`.+`$/.test(name) ? [[chinese, name.slice(1, -1), file.slice(1, -1)] as const] : [],
  );

describe('docs/glossary.md', () => {
  it('names each word once', () => {
    expect(TERMS.length).toBeGreaterThan(40);
    const words = TERMS.map(([chinese]) => chinese);
    expect(new Set(words).size).toBe(words.length);
  });

  it.each(Object.entries(KIND_NAMES))('has a word for %s: %s', (_, name) => {
    expect(TERMS.filter(([chinese]) => chinese.includes(name))).not.toEqual([]);
  });

  it.each(TERMS)('%s is %s in %s', (_, name, file) => {
    expect(read(file)).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
