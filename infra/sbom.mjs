// `npm run sbom`: writes sbom.cdx.json (CycloneDX), every package that is shipped, from the lock file alone: no network.
// With --check nothing is written; both fail where a shipped package, its version or its licence is missing.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { READ_BY_HAND } from './licences.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const OUTPUT = join(root, 'sbom.cdx.json');
const TIMEOUT_MS = 60_000;

const keyOf = (name, version) => `${name}@${version}`;

/** @returns `name@version` of every package of a package-lock.json that is shipped, each once */
export function shippedPackages(lock) {
  const found = Object.entries(lock.packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.dev && !entry.link)
    .map(([path, entry]) => keyOf(entry.name ?? path.split('node_modules/').pop(), entry.version));
  return [...new Set(found)].sort();
}

/** A package name as CycloneDX splits it, put together again. */
const keyOfComponent = ({ group, name, version }) =>
  keyOf(group ? `${group}/${name}` : name, version);

/**
 * The part of a bill that is shipped, with the licences that were read by hand. npm can leave out development packages itself, but then it also leaves out what both
 * sorts need.
 */
export function shippedPart(bom, lock) {
  const shipped = new Set(shippedPackages(lock));
  const components = bom.components
    .filter((one) => shipped.has(keyOfComponent(one)))
    .map((one) => {
      const id = READ_BY_HAND.get(keyOfComponent(one));
      return one.licenses?.length || !id ? one : { ...one, licenses: [{ license: { id } }] };
    });
  const kept = new Set(components.map((one) => one['bom-ref']));
  kept.add(bom.metadata.component['bom-ref']);
  const dependencies = bom.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((to) => kept.has(to)) }));
  return { ...bom, components, dependencies };
}

/** @returns what is missing in a CycloneDX document: a package, or the licence of one */
export function missingIn(bom, lock) {
  const listed = new Map(bom.components.map((one) => [keyOfComponent(one), one]));
  return shippedPackages(lock).flatMap((key) => {
    const component = listed.get(key);
    if (component === undefined) return [key];
    return component.licenses?.length ? [] : [`${key}: no licence`];
  });
}

/** The document as npm makes it of the lock file; the name is that of package.json and not of the folder. */
export function softwareBill() {
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const options = { cwd: root, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
  // A lock file needs nobody: what would ask a registry fails here.
  const env = { ...process.env, npm_config_offline: 'true' };
  const bom = JSON.parse(execFileSync(command, [...first, ...args], { ...options, env }));
  bom.metadata.component.name = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name;
  return bom;
}

function main() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const bom = shippedPart(softwareBill(), lock);
  const missing = missingIn(bom, lock);
  for (const one of missing) console.error(`sbom: missing ${one}`);
  if (missing.length > 0) return 1;
  if (!process.argv.includes('--check')) {
    writeFileSync(OUTPUT, `${JSON.stringify(bom, null, 2)}\n`);
  }
  console.log(`sbom: ${shippedPackages(lock).length} shipped packages, each with its licence`);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
