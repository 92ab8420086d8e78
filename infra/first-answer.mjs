// Times the two commands of the README on a clean clone in an empty folder: `npm ci`, then `npm start` until the first
// question is answered, without and with the demonstration. `node infra/first-answer.mjs`; loopback only, cleans up.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const TARGET_S = 20;
const WAIT_MS_MAX = 120_000;
const LOOK_AGAIN_MS = 50;

const folder = mkdtempSync(join(tmpdir(), 'fundflow-clone-'));
// As root the database runs as another user, who must be able to pass through.
chmodSync(folder, 0o711);
const clone = join(folder, 'fundflow');
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);

/** Until a question is answered with 200, through the token of the local command line. */
async function firstAnswer(data, port) {
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const token = existsSync(join(data, 'cli-token'))
      ? readFileSync(join(data, 'cli-token'), 'utf8').trim()
      : '';
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/counties/450124/summary`, {
      headers: { authorization: `Bearer ${token}` },
    }).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    if (Date.now() > deadline) throw new Error('no answer');
    await pause(LOOK_AGAIN_MS);
  }
}

/** npm ends before the program below it does, whose data must not be removed under it. */
async function allEnded(group) {
  const deadline = Date.now() + WAIT_MS_MAX;
  while (Date.now() < deadline) {
    try {
      process.kill(-group, 0);
    } catch {
      return;
    }
    await pause(LOOK_AGAIN_MS);
  }
}

async function timeStart(name, args, port) {
  const data = join(folder, name);
  const since = performance.now();
  const child = spawn('npm', ['start', '--', ...args], {
    cwd: clone,
    env: { ...process.env, FUNDFLOW_DATA: data, FUNDFLOW_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
    // npm and the program below it get the signal together, as from a terminal.
    detached: true,
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await firstAnswer(data, port);
    const took = seconds(since);
    console.log(
      `| npm start ${args.join(' ')} | ${took} s | ≤ ${TARGET_S} s | ${took <= TARGET_S ? 'yes' : 'NO'} |`,
    );
  } finally {
    process.kill(-child.pid, 'SIGTERM');
    await ended;
    await allEnded(child.pid);
  }
}

try {
  execFileSync('git', ['clone', '--quiet', ROOT, clone], { stdio: 'inherit' });
  console.log('| what | to the first answer | target | met |\n|---|---|---|---|');
  const since = performance.now();
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: clone,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  console.log(`| npm ci | ${seconds(since)} s | – | – |`);
  await timeStart('first', [], 12391);
  await timeStart('first', [], 12391);
  await timeStart('demo', ['--demo'], 12392);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
