// `npm run openapi`: writes docs/openapi.json as the code serves it: starts the whole ledger on an empty database of its
// own, asks it, and stops it again. test/e2e/openapi.spec.ts fails while the two differ.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
execFileSync(process.execPath, [join(root, 'infra/build.mjs')], { stdio: ['ignore', 2, 2] });

const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
const { readConfiguration } = await built('libs/nest-edge/configuration.js');
const { startFundflow } = await built('apps/fundflow/start.js');

const dataDirectory = join(mkdtempSync(join(tmpdir(), 'fundflow-openapi-')), 'data');
chmodSync(dirname(dataDirectory), 0o711);
try {
  const environment = { FUNDFLOW_DATA: dataDirectory, FUNDFLOW_PORT: '0' };
  const configuration = readConfiguration({ ...environment, FUNDFLOW_LOG_LEVEL: 'error' });
  const started = await startFundflow(configuration, () => {});
  const document = await (await fetch(`${started.url}/api/v1/openapi.json`)).json();
  writeFileSync(join(root, 'docs/openapi.json'), `${JSON.stringify(document, null, 2)}\n`);
  await started.stop();
} finally {
  rmSync(dirname(dataDirectory), { recursive: true, force: true });
}
process.exit(0);
