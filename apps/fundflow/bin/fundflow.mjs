#!/usr/bin/env node
// The command line. Compiled code is built when it is missing, so that `npx fundflow` works right after `npm ci`.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), '..', '..', '..');
const main = join(root, 'dist', 'apps', 'fundflow', 'main.js');
if (!existsSync(main)) {
  const build = spawnSync(process.execPath, [join(root, 'infra', 'build.mjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
await import(pathToFileURL(main).href);
