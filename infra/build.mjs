// Compiles apps/ and libs/ into dist/ with SWC. Libraries are imported by file as @fundflow/<lib>/<file>; a package.json
// beside each compiled library maps that name, so Node resolves it without a loader and without rewritten imports.
// Nothing changed: nothing is done, so `npm start` stays quick. A build that breaks off leaves the old dist/ in place.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const building = join(root, `dist.${process.pid}.tmp`);
const STAMP = '.stamp';
const CONCURRENCY = 16;

const { buildVerifyPage } = await import('./verify-page.mjs').catch((error) => {
  console.error(`build: the bundler is missing (${error.code}): run \`npm ci\` first`);
  process.exit(1);
});
const { transformFile } = await import('@swc/core').catch((error) => {
  console.error(`build: the compiler is missing (${error.code}): run \`npm ci\` first`);
  process.exit(1);
});

// Browser programs have builds of their own.
const BROWSER = new Set(['apps/console', 'apps/verify/page'].map((path) => join(root, path)));
const NOT_SHIPPED = new Set(['node_modules', 'fixtures']);

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !NOT_SHIPPED.has(entry.name) && !BROWSER.has(join(folder, entry.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesIn(path) : [path];
    });
}

const isShipped = (path) => !/\.spec\.ts$|\.d\.ts$|(^|[\\/])tsconfig\.json$/.test(path);

/** The text of everything that decides the result: sources, settings, this script, the compiler's version. */
function stampOf(sources) {
  const hash = createHash('sha256');
  const compiler = join(root, 'node_modules/@swc/core/package.json');
  for (const path of [...sources, join(root, '.swcrc'), fileURLToPath(import.meta.url), compiler]) {
    const bytes = readFileSync(path);
    hash.update(`${relative(root, path)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

async function compile(source) {
  const target = join(building, relative(root, source)).replace(/\.ts$/, '.js');
  mkdirSync(dirname(target), { recursive: true });
  if (!source.endsWith('.ts')) return cpSync(source, target);
  const sourceFileName = relative(dirname(join(dist, relative(root, source))), source);
  const configFile = join(root, '.swcrc');
  const { code, map } = await transformFile(source, { configFile, sourceFileName, cwd: root });
  const mapName = `${basename(target)}.map`;
  writeFileSync(target, `${code}\n//# sourceMappingURL=${mapName}\n`);
  if (map !== undefined) writeFileSync(`${target}.map`, map);
}

async function compileAll(sources) {
  const queue = sources.values();
  const worker = async () => {
    for (const source of queue) await compile(source);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

function nameLibraries() {
  const scope = join(building, 'node_modules/@fundflow');
  mkdirSync(scope, { recursive: true });
  for (const name of readdirSync(join(building, 'libs'))) {
    const exports = { './*': './*.js' };
    const manifest = { name: `@fundflow/${name}`, private: true, type: 'module', exports };
    writeFileSync(join(building, 'libs', name, 'package.json'), JSON.stringify(manifest));
    // A junction (Windows, no privilege needed) must be absolute, so it names the final place.
    const windows = process.platform === 'win32';
    const target = windows ? join(dist, 'libs', name) : join('..', '..', 'libs', name);
    symlinkSync(target, join(scope, name), 'junction');
  }
  const manifest = { private: true, type: 'module' };
  writeFileSync(join(building, 'package.json'), JSON.stringify(manifest));
}

const stampIn = (folder) => {
  const path = join(folder, STAMP);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
};

/** `nest start` compiles into the same dist/: a file written after the stamp is not what the stamp stands for. */
function isUntouched() {
  const stampedAtMs = statSync(join(dist, STAMP)).mtimeMs;
  const compiled = ['apps', 'libs'].map((folder) => join(dist, folder));
  return compiled.flatMap(filesIn).every((path) => statSync(path).mtimeMs <= stampedAtMs);
}

/** Two builds at once (two `npm start`) may meet here: the second finds its own result in place. */
function swap(stamp) {
  const old = `${building}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  try {
    renameSync(building, dist);
  } catch (error) {
    if (existsSync(old) && !existsSync(dist)) renameSync(old, dist);
    if (stampIn(dist) !== stamp) throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

const startedAt = performance.now();
const sources = ['apps', 'libs', 'test/bench', 'test/support']
  .flatMap((folder) => filesIn(join(root, folder)))
  .filter(isShipped);
const stamp = stampOf([...sources, ...filesIn(join(root, 'apps/verify/page'))]);
const isForced = process.argv.includes('--force');
if (!isForced && stampIn(dist) === stamp && isUntouched()) {
  console.log(`build: nothing changed (${sources.length} files)`);
} else {
  try {
    await compileAll(sources);
    nameLibraries();
    writeFileSync(join(building, 'libs/evidence/verify.html'), await buildVerifyPage());
    writeFileSync(join(building, STAMP), stamp);
    swap(stamp);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  const ms = Math.round(performance.now() - startedAt);
  console.log(`build: compiled apps/ and libs/ into dist/ (${sources.length} files, ${ms} ms)`);
}
