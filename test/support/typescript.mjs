// `node --import ./test/support/typescript.mjs PROGRAM`: runs the sources as they are, for tests that need a process of
// their own (to kill it). The compiler is the one of the build; names resolve as they do under Jest.
import { transformFile } from '@swc/core';
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

// Hooks live in a thread of their own; there this file is loaded again, under another name, for the two functions below.
// A worker thread of the program comes here too and needs hooks like its process.
const HOOKS = '?hooks';
if (!import.meta.url.endsWith(HOOKS)) register(`${import.meta.url}${HOOKS}`);

export async function resolve(specifier, context, next) {
  const library = /^@fundflow\/([^/]+)\/(.+)$/.exec(specifier);
  if (library) {
    return {
      url: pathToFileURL(join(root, 'libs', library[1], `${library[2]}.ts`)).href,
      shortCircuit: true,
    };
  }
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(source)) return { url: source.href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = await transformFile(fileURLToPath(url), {
    configFile: join(root, '.swcrc'),
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
