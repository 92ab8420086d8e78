import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { EXAMPLES, FORBIDDEN_EXAMPLES, PACKAGES, TARGETS } from './import-examples.js';

const root = process.cwd();
const configFile = join(root, '.dependency-cruiser.cjs');
const require = createRequire(join(root, 'package.json'));
const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string; readonly severity: string };
}

function put(tree: string, path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

function specifier(from: string, target: string): string {
  const library = /^libs\/(.+)\.ts$/.exec(target);
  const sameRoot = from.split('/').slice(0, 2).join('/');
  if (library && !target.startsWith(`${sameRoot}/`)) return `@fundflow/${library[1]}`;
  if (!/^(apps|libs|test|infra)\//.test(target)) return target;
  const path = relative(dirname(from), target).replace(/\.tsx?$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

const importing = (from: string, target: string): string =>
  `import * as it from '${specifier(from, target)}';\nexport const kept = it;\n`;

/** A tree with the layout of this repository in which every example is one file with one import. */
function plant(): string {
  const tree = mkdtempSync(join(tmpdir(), 'fundflow-imports-'));
  copyFileSync(join(root, 'tsconfig.json'), join(tree, 'tsconfig.json'));
  const { declared, dev, undeclared } = PACKAGES;
  const versions = (names: readonly string[]): Record<string, string> =>
    Object.fromEntries(names.map((name) => [name, '1.0.0']));
  const manifest = { dependencies: versions(declared), devDependencies: versions(dev) };
  put(tree, 'package.json', JSON.stringify({ name: 'tree', type: 'module', ...manifest }));
  for (const name of [...declared, ...dev, ...undeclared]) {
    const inside = { name, version: '1.0.0', main: 'index.js', license: 'MIT' };
    put(tree, `node_modules/${name}/package.json`, JSON.stringify(inside));
    put(tree, `node_modules/${name}/index.js`, 'module.exports = {};\n');
  }
  for (const target of TARGETS) put(tree, target, 'export const it = 1;\n');
  for (const { row, from, may, mayNot } of EXAMPLES) {
    may.forEach((to, i) => put(tree, fileOf(row, from, 'may', i), importing(from, to)));
    mayNot.forEach((to, i) => put(tree, fileOf(row, from, 'may-not', i), importing(from, to)));
  }
  for (const { files } of FORBIDDEN_EXAMPLES) {
    for (const [path, text] of Object.entries(files)) put(tree, path, text);
  }
  return tree;
}

const slug = (row: string): string => row.replace(/[^a-z]+/g, '-');
const fileOf = (row: string, from: string, kind: 'may' | 'may-not', i: number): string =>
  from.replace('*', `${slug(row)}-${kind}-${i}`);

function cruise(tree: string): Promise<readonly Violation[]> {
  const args = [cli, '--config', configFile];
  args.push('--output-type', 'json', 'apps', 'libs', 'test', 'infra');
  return new Promise((resolve, reject) => {
    const done = (error: unknown, stdout: string): void => {
      if (stdout === '') reject(error as Error);
      else
        resolve(
          (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations,
        );
    };
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 64 * 1024 * 1024 }, done);
  });
}

describe('the import table', () => {
  let tree: string;
  let violations: readonly Violation[];
  const rulesBrokenBy = (from: string): string[] =>
    violations.filter((found) => found.from === from).map((found) => found.rule.name);

  beforeAll(async () => {
    tree = plant();
    violations = await cruise(tree);
  });
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  const config = require(configFile) as {
    allowed: { comment: string }[];
    allowedSeverity: string;
    forbidden: { name: string; severity: string; comment: string }[];
  };

  it('has an example for every row and every rule', () => {
    const rows = config.allowed.map(({ comment }) => comment.slice(0, comment.indexOf(':')));
    expect(EXAMPLES.map(({ row }) => row)).toEqual(rows);
    expect(FORBIDDEN_EXAMPLES.map(({ rule }) => rule)).toEqual(config.forbidden.map((r) => r.name));
  });

  it('turns every finding into an error, and says why every rule is there', () => {
    expect(config.allowedSeverity).toBe('error');
    expect(config.forbidden.filter(({ severity }) => severity !== 'error')).toEqual([]);
    expect(config.forbidden.filter(({ comment }) => comment.length < 30)).toEqual([]);
  });

  describe.each(EXAMPLES)('$row', ({ row, from, may, mayNot }) => {
    it.each(may.map((to, i) => [to, i] as const))('may import %s', (_to, i) => {
      expect(rulesBrokenBy(fileOf(row, from, 'may', i))).toEqual([]);
    });
    it.each(mayNot.map((to, i) => [to, i] as const))('may not import %s', (_to, i) => {
      expect(rulesBrokenBy(fileOf(row, from, 'may-not', i))).toContain('not-in-allowed');
    });
  });

  it.each(FORBIDDEN_EXAMPLES)('$rule is found in $offender', ({ rule, offender }) => {
    expect(rulesBrokenBy(offender)).toContain(rule);
  });
});
