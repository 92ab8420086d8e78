import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GOOD = "it('holds', () => { expect(1 + 1).toBe(2); });\n";
const BAD = "it('does not hold', () => { expect(1 + 1).toBe(3); });\n";
const OFF = `it.${'skip'}('is switched off', () => undefined);\n`;
const BROKEN = "import './nowhere.mjs';\nit('never runs', () => undefined);\n";

interface Outcome {
  readonly code: number;
  readonly lastLine: string;
}

function run(folder: string, specs: Readonly<Record<string, string>>): Promise<Outcome> {
  const config = "export default { testMatch: ['**/*.check.mjs'], transform: {} };\n";
  writeFileSync(join(folder, 'jest.config.mjs'), config);
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  for (const [name, text] of Object.entries(specs)) writeFileSync(join(folder, name), text);
  const script = join(process.cwd(), 'infra/test.mjs');
  const args = [script, '--config', join(folder, 'jest.config.mjs'), '--runInBand'];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { cwd: folder }, (_error, stdout) => {
      const lastLine = stdout.trimEnd().split('\n').pop() ?? '';
      resolve({ code: child.exitCode ?? -1, lastLine });
    });
  });
}

describe('npm test', () => {
  it.each([
    ['passes when every test does', { 'a.check.mjs': GOOD }, 0, '1 passed, 0 failed'],
    ['fails with a failing test', { 'a.check.mjs': GOOD + BAD }, 1, '1 passed, 1 failed'],
    ['names what was skipped', { 'a.check.mjs': GOOD + OFF }, 0, '1 passed, 0 failed, 1 skipped'],
    [
      'counts a suite that does not load as failed',
      { 'a.check.mjs': GOOD, 'b.check.mjs': BROKEN },
      1,
      '1 passed, 1 failed',
    ],
    ['fails when no test is found', {}, 1, '0 passed, 1 failed'],
  ])('%s', async (_what, specs, code, lastLine) => {
    const folder = mkdtempSync(join(tmpdir(), 'fundflow-runner-'));
    try {
      expect(await run(folder, specs)).toEqual({ code, lastLine });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
