import { parentPort, workerData } from 'node:worker_threads';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import type { KnownRegions, RegionTable } from '@fundflow/domain/region';
import { FileRefused } from '@fundflow/intake/file-refusal';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';
import { writtenDown } from '@fundflow/submissions/hand-in/handed-in-batch';
import type { ReadingOrder, ReadingReport, ReadingThreadData, ReadingWord } from './read-apart.js';
import { arrivedKeys } from './thread-keys.js';

/*
 * The thread behind `ReadingThreads`: reads one file after the other, hands over a batch for each word that one is wanted.
 */
const port = parentPort;
if (!port) throw new Error('this is the program of a thread');
const { regionsFile } = workerData as ReadingThreadData;
let loaded: RegionTable | null = null;
const table = (): RegionTable =>
  (loaded ??= loadDivisions(regionsFile === null ? {} : { extraFiles: [regionsFile] }));
/** The tables are 90 ms, and memory: they are read for the first row that names a region. */
const regionTable: KnownRegions = {
  knows: (code) => table().knows(code),
  knowsInYear: (code, year) => table().knowsInYear(code, year),
};

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
let wanted = 0;
let wake: (() => void) | null = null;

/**
 * A turn of the event loop for each batch, also when it is wanted already: otherwise what was read of one hangs, for the
 * collector, on what was promised of the one before, and a third of all young objects outlives two collections instead
 * of a tenth.
 */
async function oneIsWanted(): Promise<void> {
  await turn();
  while (wanted === 0) await new Promise<void>((resolve) => (wake = resolve));
  wanted -= 1;
}

function report(message: ReadingReport): void {
  const plain = 'batch' in message ? message.batch.plain : null;
  port?.postMessage(message, plain ? [plain.unsealed.buffer as ArrayBuffer] : []);
}

async function read({ file: { path, fileName, kind }, keys }: ReadingOrder): Promise<void> {
  const file = { source: { path }, fileName, kind: kind ?? undefined, regionTable };
  try {
    for await (const batch of writtenDown(readSubmissionFile(file), arrivedKeys(keys))) {
      await oneIsWanted();
      report({ batch });
    }
    report({ ended: true });
  } catch (error) {
    if (error instanceof FileRefused) report({ refused: error.refusal });
    else report({ failed: (error instanceof Error && error.stack) || String(error) });
  }
}

port.on('message', (word: ReadingWord) => {
  if (word !== 'next') {
    // What the file before did not use is not wanted of this one.
    wanted = 0;
    void read(word);
    return;
  }
  wanted += 1;
  wake?.();
});
