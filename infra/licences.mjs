// Every package that is shipped must carry a licence a public body may use and pass on without further duty.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PERMISSIVE = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['PostgreSQL', 'Python-2.0', 'Unlicense', 'CC0-1.0', 'Zlib'],
  // For fonts: use, embed and pass on without further duty; only selling the font by itself is excluded.
  'OFL-1.1',
]);

/** Packages whose manifest names no licence, and whose own LICENSE file was read in this version. */
export const READ_BY_HAND = new Map([['png-js@2.0.0', 'MIT']]);

/** An SPDX expression: of `A OR B` one must be permissive, of `A AND B` both. None at all is not. */
export function isPermissive(expression) {
  if (typeof expression !== 'string') return false;
  const inner = /^\(([^()]*)\)$/.exec(expression.trim());
  const text = inner ? inner[1] : expression.trim();
  if (text.includes(' OR ')) return text.split(' OR ').some(isPermissive);
  if (text.includes(' AND ')) return text.split(' AND ').every(isPermissive);
  return PERMISSIVE.has(text);
}

/** @returns `name: licence` of every shipped package of a package-lock.json that is not permissive */
export function unwelcome(lock) {
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.dev && !entry.link)
    .filter(([path, { license, version }]) => {
      const name = path.split('node_modules/').pop();
      return !isPermissive(license ?? READ_BY_HAND.get(`${name}@${version}`));
    })
    .map(
      ([path, entry]) => `${path.split('node_modules/').pop()}: ${entry.license ?? 'none named'}`,
    );
}

function main() {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const bad = unwelcome(lock);
  for (const line of bad) console.error(`licences: ${line}`);
  if (bad.length === 0) console.log('licences: all shipped packages are under permissive licences');
  return bad.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
