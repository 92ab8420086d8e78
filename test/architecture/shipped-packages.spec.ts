import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { advisoriesIn, notAllowed } from '../../infra/audit.mjs';
import { isPermissive, unwelcome } from '../../infra/licences.mjs';
import { missingIn, shippedPackages, shippedPart, softwareBill } from '../../infra/sbom.mjs';

const lock = JSON.parse(readFileSync(join(process.cwd(), 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
interface LockedPackage {
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8')) as {
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
};

/** Where Node would find `name` from the package at `path`, nearest first. */
function candidates(path: string, name: string): string[] {
  const parents = path.split('/node_modules/').map((_, depth, parts) => parts.slice(0, depth + 1));
  const nested = parents.map((parts) => `${parts.join('/node_modules/')}/node_modules/${name}`);
  return [...nested.reverse(), `node_modules/${name}`];
}

describe('the lock file', () => {
  // npm leaves out what a registry mirror has not yet, and then `npm ci` refuses the whole file everywhere.
  it('knows the binaries of every platform', () => {
    const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) => !candidates(path, name).some((place) => place in lock.packages),
      ),
    );
    expect(missing).toEqual([]);
  });

  it('knows the digest of every package', () => {
    const without = Object.entries(lock.packages).filter(
      ([path, entry]) => path.includes('node_modules/') && !entry.link && !entry.integrity,
    );
    expect(without.map(([path]) => path)).toEqual([]);
  });
});

describe('licences of what is shipped', () => {
  it('are all permissive', () => {
    expect(unwelcome(lock)).toEqual([]);
  });

  it.each([
    ['MIT', true],
    ['Apache-2.0 AND MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND GPL-3.0-only', false],
    ['AGPL-3.0-only', false],
    ['SEE LICENSE IN LICENSE.md', false],
    [undefined, false],
  ])('%s: %s', (expression, welcome) => {
    expect(isPermissive(expression)).toBe(welcome);
  });

  it('are asked of shipped packages, not of the tools of development', () => {
    const packages = {
      '': {},
      'node_modules/shipped': { license: 'GPL-3.0-only' },
      'node_modules/a/node_modules/nested': {},
      'node_modules/tool': { license: 'GPL-3.0-only', dev: true },
    };
    expect(unwelcome({ packages })).toEqual(['shipped: GPL-3.0-only', 'nested: none named']);
  });
});

/** The packages among these that no text names as a module or a part of one. */
function unnamed(packages: readonly string[], texts: readonly string[]): string[] {
  return packages.filter((name) => {
    const named = new RegExp(`['"\`]${name}(/[^'"\`]+)?['"\`]`);
    return !texts.some((text) => named.test(text));
  });
}

describe('packages that are shipped', () => {
  it('are there because something imports them', () => {
    const sources = ['apps', 'libs', 'infra'].flatMap((folder) =>
      readdirSync(join(process.cwd(), folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => /(?<!\.spec)\.(ts|mjs|cjs)$/.test(path) && !path.includes('node_modules'))
        .map((path) => readFileSync(join(process.cwd(), folder, path), 'utf8')),
    );
    expect(unnamed(Object.keys(manifest.dependencies), sources)).toEqual([]);
  });

  it('would be found if nothing did', () => {
    const texts = ["import pg from 'pg';", "await import('yazl/lib');", '// typeorm'];
    expect(unnamed(['pg', 'yazl', 'typeorm'], texts)).toEqual(['typeorm']);
  });
});

describe('install scripts of dependencies', () => {
  it('are refused by name, every one', () => {
    const withScript = Object.entries(lock.packages)
      .filter(([, entry]) => entry.hasInstallScript)
      .map(([path]) => path.split('node_modules/').pop() ?? path);
    const undecided = withScript.filter((name) => manifest.allowScripts[name] !== false);
    expect(undecided).toEqual([]);
  });
});

describe('known vulnerabilities', () => {
  const url = 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc';
  const report = {
    vulnerabilities: {
      inner: { via: [{ source: 7, name: 'inner', severity: 'high', title: 'reads too far', url }] },
      outer: { via: ['inner'] },
    },
  };
  const id = 'GHSA-aaaa-bbbb-cccc';

  it('are told once each, not once per package that leans on them', () => {
    expect(advisoriesIn(report)).toEqual([
      { id, package: 'inner', severity: 'high', title: 'reads too far' },
    ]);
  });

  it('fail unless the list says why they may stay', () => {
    expect(notAllowed(advisoriesIn(report), [])).toHaveLength(1);
    expect(notAllowed(advisoriesIn(report), [{ id, reason: '' }])).toHaveLength(1);
    expect(notAllowed(advisoriesIn(report), [{ id, reason: 'that path is never called' }])).toEqual(
      [],
    );
  });
});

describe('the software bill of materials', () => {
  it('is made of the lock file alone and has every shipped package with its licence, and no other', () => {
    const bom = shippedPart(softwareBill(), lock);
    expect(missingIn(bom, lock)).toEqual([]);
    expect(bom.bomFormat).toBe('CycloneDX');
    const names = new Set(bom.components.map(({ name }: { name: string }) => name));
    expect([names.has('fastify'), names.has('fast-check')]).toEqual([true, false]);
    expect(shippedPackages(lock).length).toBeGreaterThan(100);
  });

  it('that lacks a package or a licence is found out', () => {
    const packages = {
      '': {},
      'node_modules/@a/one': { version: '1.0.0' },
      'node_modules/two': { version: '2.0.0' },
      'node_modules/tool': { version: '3.0.0', dev: true },
    };
    const components = [{ group: '@a', name: 'one', version: '1.0.0', licenses: [] }];
    expect(missingIn({ components }, { packages })).toEqual([
      '@a/one@1.0.0: no licence',
      'two@2.0.0',
    ]);
  });
});
