// `npm run pack:verify`: `fundflow-verify` as a package of its own, for people who have nothing else of the ledger. It holds
// the compiled verifier and the proof; the only dependency is the reader of zips. `--stage DIR` leaves the folder unpacked.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { stage: { type: 'string' }, out: { type: 'string' } } });

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

/** Compiled code of one folder, with the library found beside it instead of in node_modules. */
function copyCode(from, to, proof) {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (!name.endsWith('.js')) continue;
    const code = readFileSync(join(from, name), 'utf8')
      .replaceAll(/(['"])@fundflow\/proof\/([a-z0-9-]+)\1/g, `'${proof}/$2.js'`)
      .replace(/\/\/# sourceMappingURL=.*\n?/, '');
    writeFileSync(join(to, name), code);
  }
}

function stage(folder) {
  const source = join(root, 'apps', 'verify');
  const { private: _private, ...manifest } = JSON.parse(
    readFileSync(join(source, 'package.json'), 'utf8'),
  );
  mkdirSync(folder, { recursive: true });
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ ...manifest, engines }, null, 2)}\n`,
  );
  cpSync(join(source, 'bin'), join(folder, 'bin'), { recursive: true });
  cpSync(join(root, 'docs', 'evidence-bundle.md'), join(folder, 'README.md'));
  copyCode(join(root, 'dist', 'apps', 'verify'), join(folder, 'dist'), './proof');
  copyCode(join(root, 'dist', 'libs', 'proof'), join(folder, 'dist', 'proof'), '.');
}

run(process.execPath, [join(root, 'infra', 'build.mjs')], root);
if (values.stage !== undefined) {
  stage(values.stage);
} else {
  const scratch = mkdtempSync(join(tmpdir(), 'fundflow-verify-package-'));
  try {
    stage(scratch);
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    run(npm, ['pack', '--pack-destination', values.out ?? root], scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
