import { join } from 'node:path';
import { ESLint } from 'eslint';

const root = process.cwd();

const NEED_TYPES = [
  ...['await-thenable', 'no-floating-promises', 'no-misused-promises', 'only-throw-error'],
  ...['require-array-sort-compare', 'return-await', 'switch-exhaustiveness-check'],
].map((rule) => `@typescript-eslint/${rule}`);

// Without types: what is looked for is a matter of words, and the file need not exist.
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [
    {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { projectService: false, project: null } },
      rules: Object.fromEntries(NEED_TYPES.map((rule) => [rule, 'off'])),
    },
  ],
});

/** The rules of the house that a file with this text would break, were it at this place. */
export async function brokenRules(path: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: join(root, path) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}
