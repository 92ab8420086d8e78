/** A text file of the repository; `path` is relative to its root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface StyleRule {
  readonly name: string;
  /** What is wrong with the file, or null. */
  readonly offence: (file: SourceFile) => string | null;
  /** A file that must be found: a guard that cannot fail guards nothing. */
  readonly offender: SourceFile;
}

const LINES_MAX = 300;
const SPEC_LINES_MAX = 350;

const CODE = /\.(ts|tsx|mjs|cjs)$/;
const isCode = ({ path }: SourceFile): boolean => CODE.test(path);
const isSpec = ({ path }: SourceFile): boolean =>
  /\.spec\.tsx?$|contract\.ts$/.test(path) || path.startsWith('test/');

function lineOf(file: SourceFile, pattern: RegExp): string | null {
  const lines = file.text.split('\n');
  const index = lines.findIndex((line) => pattern.test(line));
  return index < 0 ? null : `line ${index + 1}: ${lines[index]?.trim().slice(0, 80)}`;
}

// The words looked for are put together here, so that this file does not find itself.
const word = (...parts: readonly string[]): string => parts.join('');
const UNFINISHED = new RegExp(`\\b(${word('TO', 'DO')}|${word('FIX', 'ME')}|X{3})\\b`);
const NOT_DONE = new RegExp(`\\bnot ${word('imple', 'mented')}\\b`, 'i');
const SWITCHED_OFF = /\b(it|test|describe)\.(skip|only|todo|failing)\b|\b[xf](it|describe|test)\(/;
const MACHINE_PATH = /(^|[\s"'`(=:,])\/(work|root|home|Users|farm)\//;

export const STYLE_RULES: readonly StyleRule[] = [
  {
    name: 'no barrels, and no files named after nothing',
    offence: ({ path }) =>
      /(^|\/)(index|utils?|common|shared|helpers?|misc|core)(\.[a-z]+)*\.(ts|tsx|mjs)$/.test(
        path,
      ) || /^(libs|apps)\/([^/]+\/)*(utils?|common|shared|helpers?|misc|core)\//.test(path)
        ? 'named after no concept'
        : null,
    offender: { path: 'libs/domain/utils.ts', text: '' },
  },
  {
    name: 'file names are kebab-case',
    offence: ({ path }) =>
      CODE.test(path) && !/^\.?[a-z0-9]+([-.][a-z0-9]+)*$/.test(path.split('/').pop() ?? '')
        ? 'not kebab-case'
        : null,
    offender: { path: 'libs/domain/moneyParser.ts', text: '' },
  },
  {
    name: `files have at most ${LINES_MAX} lines, specs ${SPEC_LINES_MAX}`,
    offence: (file) => {
      const lines = file.text.split('\n').length - 1;
      return isCode(file) && lines > (isSpec(file) ? SPEC_LINES_MAX : LINES_MAX)
        ? `${lines} lines`
        : null;
    },
    offender: { path: 'libs/domain/long.ts', text: '\n'.repeat(LINES_MAX + 1) },
  },
  {
    name: 'nothing is left for later',
    offence: (file) => lineOf(file, UNFINISHED) ?? (isCode(file) ? lineOf(file, NOT_DONE) : null),
    offender: { path: 'libs/domain/later.ts', text: `// ${word('TO', 'DO')}: the rest\n` },
  },
  {
    name: 'no test is switched off, and none runs alone',
    offence: (file) => (isSpec(file) ? lineOf(file, SWITCHED_OFF) : null),
    offender: {
      path: 'libs/domain/off.spec.ts',
      text: `${word('it.', 'skip')}('later', () => 1);`,
    },
  },
  {
    name: 'no path of one machine',
    offence: (file) => lineOf(file, MACHINE_PATH),
    offender: { path: 'docs/operations.md', text: `see ${word('/ho', 'me/')}somebody/ledger` },
  },
  {
    name: 'the lock file installs from wherever the reader’s npm points',
    offence: (file) =>
      file.path === 'package-lock.json' ? lineOf(file, /"resolved": *"[a-z+]+:\/\//) : null,
    offender: {
      path: 'package-lock.json',
      text: '"resolved": "https://registry.example/a/-/a-1.0.0.tgz"',
    },
  },
  {
    name: 'dependencies are pinned exactly',
    offence: (file) =>
      /(^|\/)package\.json$/.test(file.path) ? unpinned(JSON.parse(file.text)) : null,
    offender: { path: 'package.json', text: '{"dependencies": {"pg": "^8.0.0"}}' },
  },
];

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function unpinned(manifest: Manifest): string | null {
  const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
    ([name, version]) =>
      !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) && !name.startsWith('@fundflow/'),
  );
  return loose.length === 0
    ? null
    : loose.map(([name, version]) => `${name} ${version}`).join(', ');
}
