import { SingleBar } from 'cli-progress';

type Words = Readonly<Record<string, string | number>>;

/** How far a piece of work is. */
export interface Progress {
  start(total: number, words?: Words): void;
  update(value: number, words?: Words): void;
  /** Full, and left standing on the terminal. */
  end(words?: Words): void;
}

const NOWHERE: Progress = { start: () => undefined, update: () => undefined, end: () => undefined };

/** A bar on the terminal, on standard error; on a pipe, and when told to be quiet, nothing. */
export function progressBar(format: string, quiet: boolean): Progress {
  if (quiet || !process.stderr.isTTY) return NOWHERE;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true });
  return {
    start: (total, words) => bar.start(Math.max(1, total), 0, words),
    update: (value, words) => bar.update(value, words),
    end: (words) => {
      bar.update(bar.getTotal(), words);
      bar.stop();
    },
  };
}
