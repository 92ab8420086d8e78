// Known vulnerabilities in what is shipped. One found fails, unless infra/audit-allow.json names its advisory with a
// reason; a registry that cannot answer (a mirror, no network) is said aloud and is no failure: the code did not change.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const allowFile = join(folder, 'audit-allow.json');
const TIMEOUT_MS = 60_000;

/** @returns advisories of `npm audit --json`, one entry each: {id, package, severity, title} */
export function advisoriesIn(report) {
  const found = new Map();
  for (const { via } of Object.values(report.vulnerabilities ?? {})) {
    for (const cause of via) {
      if (typeof cause === 'string') continue;
      const id = cause.url?.split('/').pop() ?? String(cause.source);
      found.set(id, { id, package: cause.name, severity: cause.severity, title: cause.title });
    }
  }
  return [...found.values()];
}

/** An entry without a reason allows nothing. */
export const notAllowed = (advisories, allowList) =>
  advisories.filter(({ id }) => !allowList.some((entry) => entry.id === id && entry.reason));

function npmAudit() {
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const args = [...first, 'audit', '--omit=dev', '--json'];
  const options = { cwd: join(folder, '..'), timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile(command, args, options, (_error, stdout) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        resolve({ message: 'npm audit gave no answer' });
      }
    });
  });
}

async function main() {
  const report = await npmAudit();
  if (report.metadata === undefined) {
    const why = String(report.message ?? report.error?.summary ?? 'no reason given');
    console.log(`audit: NOT CHECKED, the registry did not answer (${why.split(' - ')[0]})`);
    return 0;
  }
  const allowList = JSON.parse(readFileSync(allowFile, 'utf8'));
  const bad = notAllowed(advisoriesIn(report), allowList);
  for (const one of bad)
    console.error(`audit: ${one.severity} ${one.package} ${one.id} ${one.title}`);
  if (bad.length === 0) console.log('audit: no known vulnerability in what is shipped');
  return bad.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
