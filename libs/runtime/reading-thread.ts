import { parentPort, workerData } from 'node:worker_threads';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import { FileRefused } from '@fundflow/intake/file-refusal';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';
import { handedIn } from '@fundflow/submissions/handed-in-batch';
import type { ReadingOrder, ReadingReport } from './read-apart.js';
import { arrivedKeys } from './thread-keys.js';

/*
 * The thread behind `readApart`: reads one file, seals its persons, hands over a batch for each word that one is wanted.
 */
const port = parentPort;
if (!port) throw new Error('this is the program of a thread');
const order = workerData as ReadingOrder;
const keys = arrivedKeys(order.keys);

let wanted = 0;
let wake: (() => void) | null = null;
port.on('message', () => {
  wanted += 1;
  wake?.();
});

async function oneIsWanted(): Promise<void> {
  while (wanted === 0) await new Promise<void>((resolve) => (wake = resolve));
  wanted -= 1;
}

function report(message: ReadingReport): void {
  const plain = 'batch' in message ? message.batch.plain : null;
  port?.postMessage(message, plain ? [plain.bytes.buffer as ArrayBuffer] : []);
}

try {
  const { path, fileName, kind } = order.file;
  const { regionsFile } = order;
  const regionTable = loadDivisions(regionsFile === null ? {} : { extraFiles: [regionsFile] });
  const file = { source: { path }, fileName, kind: kind ?? undefined, regionTable };
  for await (const batch of handedIn(readSubmissionFile(file), keys)) {
    await oneIsWanted();
    report({ batch });
  }
  report({ ended: true });
} catch (error) {
  if (error instanceof FileRefused) report({ refused: error.refusal });
  else report({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
port.close();
