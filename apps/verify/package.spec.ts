import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleOf, personRecord, witnessedLog, writeZip } from '../../test/support/evidence.js';

const folder = mkdtempSync(join(tmpdir(), 'fundflow-verify-alone-'));
const log = witnessedLog([personRecord(1, '张三'), personRecord(2, '李四')]);

beforeAll(async () => {
  const packing = spawnSync(process.execPath, ['infra/pack-verify.mjs', '--stage', folder]);
  if (packing.status !== 0) throw new Error(packing.stderr.toString());
  for (const name of ['yauzl', 'pend']) {
    cpSync(`node_modules/${name}`, join(folder, 'node_modules', name), { recursive: true });
  }
  await writeZip(await bundleOf(log, [1, 2]), join(folder, 'case.zip'));
  writeFileSync(join(folder, 'policy'), log.policy);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every module that the packed code names. */
function importsIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const child = join(path, entry.name);
    if (entry.isDirectory()) return importsIn(child);
    const code = readFileSync(child, 'utf8');
    return [...code.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name]) => name!);
  });
}

describe('fundflow-verify as a package of its own', () => {
  it('needs a reader of zips and Node: nothing of the ledger, no database, no network', () => {
    const foreign = importsIn(join(folder, 'dist')).filter((name) => !name.startsWith('.'));
    expect([...new Set(foreign)].sort()).toEqual([
      ...['node:buffer', 'node:crypto', 'node:fs', 'node:fs/promises', 'node:path', 'node:util'],
      'yauzl',
    ]);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(manifest.dependencies)).toEqual(['yauzl']);
  });

  it('checks a bundle where nothing else of the ledger is', () => {
    const bin = join(folder, 'bin', 'fundflow-verify.mjs');
    const args = [bin, 'bundle', 'case.zip', '--policy', 'policy', '--lang', 'en'];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder });
    expect([status, stdout.toString()]).toEqual([0, expect.stringMatching(/^Valid: 2 records/)]);
  });
});
