import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import {
  anchorOf,
  deadReferences,
  type Known,
  linksOf,
  type Page,
  scriptsIn,
} from './page-references.js';

const root = process.cwd();
const FOLDERS = ['.ci', 'apps', 'data', 'docs', 'infra', 'libs', 'test'];
const COLUMNS_MAX = 120;
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage']);

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesIn(path);
    return [path];
  });
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const atRoot = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => entry.name);
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** As commander is given them. */
const commandsIn = (folder: string): string[] =>
  filesIn(folder)
    .filter((path) => !path.endsWith('.spec.ts'))
    .flatMap((path) => [...read(path).matchAll(/\.command\('([\w-]+)/g)])
    .map(([, name]) => name ?? '');

const known: Known = {
  files: [...atRoot, ...FOLDERS.flatMap(filesIn)],
  scripts: Object.keys(scripts),
  commands: ['help', ...commandsIn('apps/fundflow/cli')],
  headingsOf: (path) => [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading ?? ''),
};
const pages: readonly Page[] = known.files
  .filter((path) => /^(README|docs\/.+|test\/\w+\/README)\.md$/.test(path))
  .map((path) => ({ path, text: read(path) }));

/** What stands beside the code in words: the lines of comments. */
const comments: readonly Page[] = known.files
  .filter((path) => /^(apps|libs|test|infra)\/.+\.(ts|mjs|cjs)$/.test(path))
  .map((path) => {
    const lines = read(path).split('\n');
    return { path, text: lines.filter((line) => /^\s*(\/\/|\/\*|\*)/.test(line)).join('\n') };
  });

const pageAt = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

describe('the pages', () => {
  it('say every code with which a command may fail', () => {
    const inCode = filesIn('apps/fundflow/cli')
      .filter((path) => !path.endsWith('.spec.ts'))
      .flatMap((path) => [...read(path).matchAll(/new CommandFailed\(\s*'([a-z-]+)'/g)]);
    const codes = [...new Set(inCode.map(([, code]) => code ?? ''))];
    expect(codes.length).toBeGreaterThan(20);
    const operations = pageAt('docs/operations.md');
    expect(codes.filter((code) => !operations.includes(`\`${code}\``))).toEqual([]);
  });

  it.each(pages)('$path points at nothing that is not there', (page) => {
    expect(deadReferences(page, known)).toEqual([]);
  });

  it.each(pages)(`$path has lines of at most ${COLUMNS_MAX} characters, tables aside`, (page) => {
    const lines = page.text.split('\n').filter((line) => !line.startsWith('|'));
    expect(lines.filter((line) => [...line].length > COLUMNS_MAX)).toEqual([]);
  });

  it('and the comments of the code point at nothing that is not there', () => {
    expect(comments.length).toBeGreaterThan(700);
    const dead = comments.map((page) => [page.path, deadReferences(page, known)] as const);
    expect(dead.filter(([, references]) => references.length > 0)).toEqual([]);
  });

  it('are all to be found from the list of pages, and the list from the README', () => {
    const listed = (path: string): boolean => {
      const list = path.startsWith('docs/adr/') ? 'docs/adr/README.md' : 'docs/README.md';
      return (
        path === list ||
        linksOf({ path: list, text: pageAt(list) }).some(
          (link) => posix.join(posix.dirname(list), link) === path,
        )
      );
    };
    const unlisted = pages.filter(({ path }) => path.startsWith('docs/') && !listed(path));
    expect(unlisted.map(({ path }) => path)).toEqual([]);
    expect(pageAt('README.md')).toContain('](docs/README.md)');
    expect(pageAt('docs/README.md')).toContain('](adr/README.md)');
  });

  it('say in the README what every library, program and folder of tests is for', () => {
    const readme = pageAt('README.md');
    const folders = ['libs', 'apps', 'test'].flatMap((above) =>
      known.files
        .filter((path) => path.startsWith(`${above}/`))
        .map((path) => path.split('/').slice(0, 2).join('/')),
    );
    const unsaid = [...new Set(folders)].filter((path) => !readme.includes(`\`${path}\``));
    expect(unsaid.filter((path) => !path.includes('.'))).toEqual([]);
  });

  it('say of every script of package.json what it is for', () => {
    const said = new Set(pages.flatMap(({ text }) => scriptsIn(text)));
    // npm runs these by itself, around those that are named.
    const byNpm = (name: string): boolean => /^(pre|post)/.test(name);
    expect(known.scripts.filter((name) => !said.has(name) && !byNpm(name))).toEqual([]);
  });

  it('name every command of the command line in operations.md', () => {
    const operations = pageAt('docs/operations.md');
    expect(known.commands.length).toBeGreaterThan(30);
    const named = (name: string): boolean => new RegExp(`\`(\\w+ )?${name}[ \`]`).test(operations);
    expect(known.commands.filter((name) => name !== 'help' && !named(name))).toEqual([]);
  });

  // A row of three cells: what happens, a name in code, the file that has it.
  const steps = [...pageAt('docs/one-row.md').matchAll(/^\| .+ \| `(\w+)` \| `(\S+)` \|$/gm)];
  it.each(steps.map(([, name, path]) => [name ?? '', path ?? ''] as const))(
    'find %s in %s, where the way of a row leads',
    (name, path) => {
      expect(read(path)).toMatch(new RegExp(`\\b${name}\\b`));
    },
  );
});

describe('a page that is out of date', () => {
  const page = (text: string): Page => ({ path: 'docs/adr/0001-new.md', text });
  const gone = (text: string): string[] => deadReferences(page(text), known);

  it.each([
    ['a link', '[read](../gone.md)', '../gone.md'],
    ['an anchor', '[read](../glossary.md#no-such-heading)', '../glossary.md#no-such-heading'],
    ['a definition of a link', '[a]: ../gone.md', '../gone.md'],
    ['a file', '`libs/domain/moneys.ts`', 'libs/domain/moneys.ts'],
    ['a file by its name', 'see `moneys.ts`', 'moneys.ts'],
    ['a page in prose', '(gone-page.md)', 'gone-page.md'],
    ['a folder', '`libs/money`', 'libs/money'],
    ['the beginning of names', '`libs/queries/nothing-*`', 'libs/queries/nothing-*'],
    ['a built file', '```sh\nnode dist/apps/gone/main.js\n```', 'apps/gone/main.ts'],
    ['a script', '`npm run gone`', 'gone'],
    ['a command', '`npx fundflow gone FILE`', 'gone'],
  ])('is found by %s that is not there', (_, text, found) => {
    expect(gone(text)).toContain(found);
  });

  it.each([
    ['[read](../glossary.md#money-and-its-way)'],
    ['`libs/domain/money.ts`, `money.ts`, `domain/money.ts`'],
    ['`libs/domain/holding/` and `libs/queries/trace-*`'],
    ['```sh\nnode dist/apps/ledger/main.js\nnpx fundflow import ./file.csv\n```'],
    ['`npm run check -- libs`, `npm start`'],
    ['https://c2sp.org/tlog-tiles'],
  ])('is not seen in %s', (text) => {
    expect(gone(text)).toEqual([]);
  });

  it.each([
    ['Money and its way', 'money-and-its-way'],
    ['`not-acknowledged` 下达未收文', 'not-acknowledged-下达未收文'],
    ['V1 Encoding, and (the rest)', 'v1-encoding-and-the-rest'],
  ])('anchors are what GitHub makes of headings: %s', (heading, anchor) => {
    expect(anchorOf(heading)).toBe(anchor);
  });
});
