import { parentPort, workerData } from 'node:worker_threads';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import { FileRefused } from '@fundflow/intake/file-refusal';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';
import { type HandedInRow, personOf, sealPerson } from '@fundflow/submissions/handed-in';
import type { ReadRow } from '@fundflow/intake/batches';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import type { ReadingOrder, ReadingReport } from './read-apart.js';

/*
 * The thread behind `readApart`: reads one file, seals its persons, hands over a batch for each word that one is wanted.
 */
const port = parentPort;
if (!port) throw new Error('this is the program of a thread');
const order = workerData as ReadingOrder;
// A buffer arrives as plain bytes.
const { current: given, index } = order.keys;
const [idBytes, check] = [Buffer.from(given.idBytes), Buffer.from(given.check)];
const current = { ...given, idBytes, check };
const keys: VaultKeys = { current, index, find: (id) => (id.equals(idBytes) ? current : null) };

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

const report = (message: ReadingReport): void => port.postMessage(message);

function sealed(read: ReadRow): HandedInRow {
  const person = read.row && personOf(read.row);
  return read.row && person ? { ...read, sealed: sealPerson(read.row.id, person, keys) } : read;
}

try {
  const { path, fileName, kind } = order.file;
  const { regionsFile } = order;
  const regionTable = loadDivisions(regionsFile === null ? {} : { extraFiles: [regionsFile] });
  const file = { source: { path }, fileName, kind: kind ?? undefined, regionTable };
  for await (const batch of readSubmissionFile(file)) {
    const rows = batch.rows.map(sealed);
    await oneIsWanted();
    report({ batch: { ...batch, rows } });
  }
  report({ ended: true });
} catch (error) {
  if (error instanceof FileRefused) report({ refused: error.refusal });
  else report({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
port.close();
