import { once } from 'node:events';

/** Writes to standard output, waiting when the reader is slower than the ledger. */
export async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

export const print = (line: string): Promise<void> => write(`${line}\n`);

/** One JSON document, as the API gave it. */
export const printJson = (value: unknown): Promise<void> => print(JSON.stringify(value, null, 2));

/** For the person at the terminal, beside the answer: progress, notes, failures. */
export const note = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** A reader that has seen enough (head, less) closes the pipe: that is no failure. */
export function endQuietlyWithThePipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
