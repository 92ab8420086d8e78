import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { STYLE_RULES, type SourceFile } from './style-rules.js';

const root = process.cwd();
const TEXT = /\.(ts|tsx|mjs|cjs|json|md|ya?ml|sql|html|css|sh)$|^\.(npmrc|swcrc|prettierrc)$|^run$/;
const FOLDERS = ['.ci', 'apps', 'docs', 'infra', 'libs', 'test'];
const NOT_OURS = /(^|\/)(node_modules|dist|coverage|fixtures|vectors)(\/|$)|\.generated\./;
// Real tables and golden records are other people's bytes; the code beside them is ours.
const BYTES = /^test\/(real|golden)\/.+\.(?!ts$)[a-z]+$/;

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (NOT_OURS.test(path) || BYTES.test(path)) return [];
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() && TEXT.test(entry.name) ? [path] : [];
  });
}

const atRoot = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isFile() && TEXT.test(entry.name))
  .map((entry) => entry.name);

const files: readonly SourceFile[] = [
  ...atRoot,
  ...FOLDERS.filter((folder) => readdirSync(root).includes(folder)).flatMap(filesIn),
].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

describe('the style of the house', () => {
  it('is looked for in the whole repository', () => {
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'package.json',
        'libs/domain/money.ts',
        'infra/build.mjs',
        '.ci/run',
      ]),
    );
  });

  describe.each(STYLE_RULES)('$name', ({ offence, offender }) => {
    it('holds everywhere', () => {
      const found = files.map((file) => [file.path, offence(file)]).filter(([, what]) => what);
      expect(found).toEqual([]);
    });
    it('would be found', () => {
      expect(offence(offender)).not.toBeNull();
    });
  });

  // Windows has no executable bit; git keeps it.
  it('the build server can start its script', () => {
    const { mode } = statSync(join(root, '.ci/run'));
    expect(process.platform === 'win32' || (mode & 0o111) !== 0).toBe(true);
  });
});
