// Exported values that no other file imports: they look like a promise to somebody, and are none. Part of `npm run check`.
// Found by the imports as they are written, which is exact here: nothing is exported again, and modules are named by file.
// Types are left out: one that stands in the signature of something exported is exported with it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const FOLDERS = ['apps', 'libs', 'test', 'infra'];
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', 'vectors']);
const SOURCE = /\.(ts|mjs)$/;
/** Taken by an address made at run time, or by Node itself. */
const TAKEN_OTHERWISE = new Map([
  ['test/bench/run.ts', ['runBench']],
  ['test/support/typescript.mjs', ['resolve', 'load']],
]);
/** Jest runs them; nothing of theirs is anybody's. */
const SPEC = /\.spec\.ts$/;

function* sourcesIn(root, folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !NOT_OURS.has(entry.name)) yield* sourcesIn(root, path);
    else if (entry.isFile() && SOURCE.test(entry.name)) yield path;
  }
}

/** The file that a module is named after, from the root; null for packages. */
function fileOf(from, module) {
  const ours = /^@fundflow\/(.+)$/.exec(module);
  if (ours) return `libs/${ours[1]}.ts`;
  if (!module.startsWith('.')) return null;
  return posix.join(posix.dirname(from), module).replace(/\.js$/, '.ts');
}

const isImport = (node) =>
  ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;

/** `const { a, b: c } = await import('…')` takes a and b; any other way of importing at run time takes everything. */
function takenAtRunTime(call) {
  const declared = ts.isAwaitExpression(call.parent) ? call.parent.parent : call.parent;
  if (!ts.isVariableDeclaration(declared) || !ts.isObjectBindingPattern(declared.name)) return null;
  return declared.name.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
}

/** What a file takes of others: `[module, names]`, names null for everything. */
function takenBy(source) {
  const taken = [];
  const look = (node) => {
    if (ts.isImportDeclaration(node)) {
      const bindings = node.importClause?.namedBindings;
      const named = bindings && ts.isNamedImports(bindings) ? bindings.elements : null;
      const names = named?.map(({ propertyName, name }) => (propertyName ?? name).text) ?? null;
      taken.push([node.moduleSpecifier.text, names]);
    } else if (isImport(node) && ts.isStringLiteralLike(node.arguments[0])) {
      taken.push([node.arguments[0].text, takenAtRunTime(node)]);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      taken.push([node.argument.literal.text, null]);
    }
    ts.forEachChild(node, look);
  };
  look(source);
  return taken;
}

const isExported = (node) =>
  ts.canHaveModifiers(node) &&
  ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** Names of the values that a file exports, each with its line. */
function exportedValues(source) {
  const lineOf = (node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  return source.statements.filter(isExported).flatMap((node) => {
    const named = ts.isVariableStatement(node) ? node.declarationList.declarations : [node];
    const isValue = !ts.isInterfaceDeclaration(node) && !ts.isTypeAliasDeclaration(node);
    return isValue ? named.map(({ name }) => ({ name: name.text, line: lineOf(node) })) : [];
  });
}

/**
 * Exported values that no other file takes.
 *
 * @param root of a tree with some of the folders apps, libs, test, infra
 * @returns `{ path, name, line }`, in the order of paths and lines
 */
export function unusedExports(root) {
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const sources = folders
    .flatMap((folder) => [...sourcesIn(root, folder)])
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    });
  const taken = new Map();
  for (const source of sources) {
    for (const [module, names] of takenBy(source)) {
      const path = fileOf(source.fileName, module);
      if (path === null) continue;
      const known = taken.get(path) ?? new Set();
      for (const name of names ?? ['*']) known.add(name);
      taken.set(path, known);
    }
  }
  return sources
    .filter(({ fileName }) => !SPEC.test(fileName))
    .flatMap((source) => {
      const otherwise = TAKEN_OTHERWISE.get(source.fileName) ?? [];
      const names = new Set([...(taken.get(source.fileName) ?? []), ...otherwise]);
      const isUnused = ({ name }) => !names.has('*') && !names.has(name);
      return exportedValues(source)
        .filter(isUnused)
        .map(({ name, line }) => ({ path: source.fileName, name, line }));
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const unused = unusedExports(root);
  for (const { path, name, line } of unused) {
    const shown = relative(process.cwd(), join(root, path)).replaceAll(sep, '/');
    console.error(`${shown}:${line}: ${name} is exported, and no other file imports it`);
  }
  process.exitCode = unused.length === 0 ? 0 : 1;
}
