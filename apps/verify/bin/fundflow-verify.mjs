#!/usr/bin/env node
// The verifier: packed by itself the compiled code lies beside this file; within the ledger it is built when it is missing,
// so that `npx fundflow-verify` works right after `npm ci`.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Node ends with 1 when something is thrown, and 1 means "tampered" here.
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(2);
});

const here = dirname(realpathSync(fileURLToPath(import.meta.url)));
const packed = join(here, '..', 'dist', 'main.js');
const root = join(here, '..', '..', '..');
const main = existsSync(packed) ? packed : join(root, 'dist', 'apps', 'verify', 'main.js');
if (!existsSync(main)) {
  const build = spawnSync(process.execPath, [join(root, 'infra', 'build.mjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (build.status !== 0) process.exit(2);
}
await import(pathToFileURL(main).href);
