// Compiles apps/ and libs/ into dist/. Libraries are imported by file as @fundflow/<lib>/<file>; a package.json beside
// each compiled library maps that name, so the compiled code resolves it without a loader and without rewritten imports.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');

if (!existsSync(join(root, 'node_modules/@swc/cli'))) {
  console.error('node_modules is missing: run `npm ci` first');
  process.exit(1);
}
rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [
    join(root, 'node_modules/@swc/cli/bin/swc.js'),
    ...['apps', 'libs', '-d', dist, '--config-file', join(root, '.swcrc'), '--quiet'],
    ...['--ignore', '**/*.spec.ts,**/*.d.ts,**/node_modules/**,apps/console/**'],
  ],
  { cwd: root, stdio: 'inherit' },
);
const scope = join(dist, 'node_modules/@fundflow');
mkdirSync(scope, { recursive: true });
for (const name of readdirSync(join(dist, 'libs'))) {
  const manifest = { name: `@fundflow/${name}`, private: true, type: 'module', exports: { './*': './*.js' } };
  writeFileSync(join(dist, 'libs', name, 'package.json'), JSON.stringify(manifest));
  symlinkSync(join('..', '..', 'libs', name), join(scope, name), 'junction');
}
writeFileSync(join(dist, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
for (const data of ['data']) {
  if (existsSync(join(root, data))) cpSync(join(root, data), join(dist, data), { recursive: true });
}
