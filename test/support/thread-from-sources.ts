import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const urlOf = (path: string): string => JSON.stringify(pathToFileURL(join(ROOT, path)).href);

/** A thread that runs a source: it knows nothing of how the specs are compiled. @param path from the root of the project */
export const threadFromSources = (path: string, workerData?: unknown): Worker =>
  new Worker(
    `require('node:module').register(${urlOf('test/support/typescript.mjs')});
     import(${urlOf(path)});`,
    { eval: true, workerData },
  );
