// `npm test`: Jest with what ESM needs, the usual report, and a last line that a machine can read: `N passed, N failed`.
// A suite that does not load counts as failed, as does a run that finds no test. Further arguments go to Jest.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// A build server wants an answer; on a slow machine the same tests take an hour.
const RUN_LIMIT_MIN = process.env.CI ? 20 : 120;
const EXIT_LIMIT_S = 30;

const jest = join(root, 'node_modules/jest/bin/jest.js');
if (!existsSync(jest)) {
  console.error('test: Jest is missing: run `npm ci` first');
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), 'fundflow-test-'));
const outputFile = join(scratch, 'result.json');
const args = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest];
args.push(...process.argv.slice(2), '--json', `--outputFile=${outputFile}`);

/** Exit code of Jest, or null when it had to be ended: over the time limit, or done and not leaving. */
function runJest() {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
  });
  const end = (why) => {
    console.error(`test: ${why}`);
    child.kill('SIGKILL');
  };
  let doneAt = null;
  const startedAt = Date.now();
  const watch = setInterval(() => {
    if (doneAt === null && existsSync(outputFile)) doneAt = Date.now();
    if (Date.now() - startedAt > RUN_LIMIT_MIN * 60_000)
      end(`ended after ${RUN_LIMIT_MIN} minutes`);
    else if (doneAt !== null && Date.now() - doneAt > EXIT_LIMIT_S * 1000)
      end(
        `the tests are over and Jest did not leave within ${EXIT_LIMIT_S} s: something is still open`,
      );
  }, 500);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      resolve(code);
    });
  });
}

const resultOf = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null);

const code = await runJest();
const result = resultOf(outputFile);
rmSync(scratch, { recursive: true, force: true });
if (result === null) {
  console.error('test: Jest left no result');
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const passed = result.numPassedTests;
const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
const skipped = result.numPendingTests + result.numTodoTests;
if (passed + failed === 0) console.error('test: no test ran');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(code === 0 && failed === 0 && passed > 0 ? 0 : 1);
