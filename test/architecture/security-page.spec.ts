import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = readFileSync(join(process.cwd(), 'docs/security.md'), 'utf8');
const named = [...page.matchAll(/`((?:apps|libs|test|infra)\/[\w./-]+)`/g)].map(
  ([, path]) => path ?? '',
);

describe('docs/security.md', () => {
  it('names only files that are there', () => {
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !existsSync(join(process.cwd(), path)))).toEqual([]);
  });
});
