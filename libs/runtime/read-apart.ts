import { on } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type FileRefusal, FileRefused } from '@fundflow/intake/file-refusal';
import type { FileToRead } from '@fundflow/submissions/handed-in';
import type { HandedInBatch } from '@fundflow/submissions/handed-in-batch';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import type { ThreadKeys } from './thread-keys.js';

/** What the thread is given. */
export interface ReadingOrder {
  readonly file: FileToRead;
  /** Region tables beside those that are shipped. */
  readonly regionsFile: string | null;
  readonly keys: ThreadKeys;
}

/** What the thread says. */
export type ReadingReport =
  | { readonly batch: HandedInBatch }
  | { readonly ended: true }
  | { readonly refused: FileRefusal }
  | { readonly failed: string };

/** Batches read ahead of whoever validates them. */
const AHEAD_MAX = 2;

const PROGRAM = new URL('./reading-thread.js', import.meta.url);

/** Half of what there is by default: reading takes as long, in 20 MiB less. A quarter costs a tenth of the time. */
const YOUNG_MIB_MAX = 24;

const startThread = (order: ReadingOrder): Worker =>
  new Worker(fileURLToPath(PROGRAM), {
    workerData: order,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB_MAX },
  });

/**
 * Reads a file in a thread of its own, so that the process goes on answering, and reading, validating and the database
 * have the cores at the same time. Persons come sealed. Who stops iterating ends the thread.
 *
 * @param start how the thread is started
 * @throws FileRefused as `readSubmissionFile`, and Error when the thread fails
 */
export async function* readApart(
  file: FileToRead,
  regionsFile: string | null,
  { current, index }: Pick<VaultKeys, 'current' | 'index'>,
  start = startThread,
): AsyncGenerator<HandedInBatch> {
  const thread = start({ file, regionsFile, keys: { current, index } });
  try {
    const reports = on(thread, 'message', { close: ['exit'] }) as AsyncIterable<[ReadingReport]>;
    for (let i = 0; i < AHEAD_MAX; i += 1) thread.postMessage('next');
    for await (const [report] of reports) {
      if ('ended' in report) return;
      if ('refused' in report) throw new FileRefused(report.refused);
      if ('failed' in report) throw new Error(report.failed);
      yield report.batch;
      thread.postMessage('next');
    }
    throw new Error('the reading thread ended before the file');
  } finally {
    await thread.terminate();
  }
}
