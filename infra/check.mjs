// `npm run check`: everything the build server runs. Every step runs, so one run tells all that is wrong; the tests come
// last and their count is the last line.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tool = (path) => join(root, 'node_modules', path);
const CRUISER = tool('dependency-cruiser/bin/dependency-cruise.mjs');

const STEPS = [
  ['types', tool('typescript/bin/tsc'), '-p', 'tsconfig.json', '--noEmit'],
  ['types of the domain', tool('typescript/bin/tsc'), '-p', 'libs/domain/tsconfig.json'],
  ['types of the page', tool('typescript/bin/tsc'), '-p', 'apps/verify/page/tsconfig.json'],
  ['lint', tool('eslint/bin/eslint.js'), '.'],
  ['format', tool('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  ['imports', CRUISER, '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test', 'infra'],
  ['unused exports', 'infra/unused-exports.mjs'],
  ['licences', 'infra/licences.mjs'],
  ['software bill', 'infra/sbom.mjs', '--check'],
  ['audit', 'infra/audit.mjs'],
  ['build', 'infra/build.mjs'],
];

function run(name, args, stdout) {
  console.log(`== ${name}`);
  const options = { cwd: root, stdio: ['inherit', stdout, 'inherit'], encoding: 'utf8' };
  return spawnSync(process.execPath, args, options);
}

const failed = [];
for (const [name, ...args] of STEPS) {
  const startedAt = performance.now();
  if (run(name, args, 'inherit').status !== 0) failed.push(name);
  console.log(`   ${Math.round(performance.now() - startedAt)} ms`);
}
// Jest reports on stderr; what comes on stdout is the count.
const tests = run('tests', ['infra/test.mjs', ...process.argv.slice(2)], 'pipe');
if (tests.status !== 0) failed.push('tests');
console.log(failed.length === 0 ? 'check: all good' : `check: FAILED: ${failed.join(', ')}`);
process.stdout.write(tests.stdout ?? '');
process.exitCode = failed.length === 0 ? 0 : 1;
