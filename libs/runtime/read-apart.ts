import { on } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type FileRefusal, FileRefused } from '@fundflow/intake/file-refusal';
import type { FileToRead } from '@fundflow/submissions/hand-in/handed-in';
import type { HandedInBatch, UnsealedBatch } from '@fundflow/submissions/hand-in/handed-in-batch';
import type { PlainPayments, UnsealedPayments } from '@fundflow/submissions/hand-in/plain-payments';
import { type HeldKeysOf, KnownPeople } from '@fundflow/submissions/people/known-people';
import type { SealingThread } from './seal-apart.js';
import { keysNow, type ThreadKeys } from './thread-keys.js';

/** What the thread is started with. */
export interface ReadingThreadData {
  /** Region tables beside those that are shipped. */
  readonly regionsFile: string | null;
}

/** A file to read; behind it `next` for each batch that is wanted. The keys are kept as long as the file is read. */
export interface ReadingOrder {
  readonly file: FileToRead;
  readonly keys: ThreadKeys;
}

export type ReadingWord = ReadingOrder | 'next';

/** What the thread says. */
export type ReadingReport =
  | { readonly batch: UnsealedBatch }
  | { readonly ended: true }
  | { readonly refused: FileRefusal }
  | { readonly failed: string };

/** Batches ahead of whoever validates them: one waits to be sealed, one is being sealed, one waits to be validated. */
const AHEAD_MAX = 3;

/** A thread that nobody needs again so soon is memory for nothing. */
const IDLE_MS = 60_000;

const PROGRAM = new URL('./reading-thread.js', import.meta.url);

/** Half of what there is by default: reading takes as long, in 20 MiB less. A quarter costs a tenth of the time. */
const YOUNG_MIB_MAX = 24;

const startThread = (workerData: ReadingThreadData): Worker =>
  new Worker(fileURLToPath(PROGRAM), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB_MAX },
  });

/** As `SealingThread`. */
type Sealing = Pick<SealingThread, 'sealBlock'>;

/**
 * Reads files in threads of their own, so that the process goes on answering, and reading, sealing, validating and the
 * database have the cores at the same time. Each file has a thread to itself; the one that was done last stays a while
 * for the next file, which then finds programs compiled and region tables read. Whatever goes wrong ends the thread of
 * that file. The thread that seals is there for all of them.
 */
export class ReadingThreads {
  #idle: Worker | null = null;
  #idleTimer: NodeJS.Timeout | undefined;

  /**
   * @param sealing seals the people of plain payments, block behind block
   * @param heldKeysOf asks for the keys people have already
   * @param regionsFile region tables beside those that are shipped
   * @param start how a thread is started
   * @param idleMs how long one stays for the next file
   */
  constructor(
    private readonly sealing: Sealing,
    private readonly heldKeysOf: HeldKeysOf,
    private readonly regionsFile: string | null,
    private readonly start = startThread,
    private readonly idleMs = IDLE_MS,
  ) {}

  /** Starts a thread for a file that is on its way, unless one waits already. Without a file it goes after its minute. */
  prepare(): void {
    if (this.#idle === null) this.#keep(this.#begin());
    else this.#idleTimer?.refresh();
  }

  /**
   * The batches of a file; persons come sealed. Who stops iterating ends the thread.
   *
   * @throws FileRefused as `readSubmissionFile`, and Error when the thread fails
   */
  async *read(file: FileToRead, changing: ThreadKeys): AsyncGenerator<HandedInBatch> {
    const thread = this.#take();
    const keys = keysNow(changing);
    const known = new KnownPeople(this.heldKeysOf);
    const sealBlock = async (plain: UnsealedPayments | null): Promise<PlainPayments | null> =>
      plain && this.sealing.sealBlock(plain, keys, await known.keysHeld(plain));
    const sealing: Promise<PlainPayments | null>[] = [];
    const beginSealing = (report: ReadingReport): void => {
      if (!('batch' in report)) return;
      const sealed = sealBlock(report.batch.plain);
      // It is also thrown where the batch is waited for; should nobody, it is nobody's.
      sealed.catch(() => undefined);
      sealing.push(sealed);
    };
    let isDone = false;
    try {
      // At once, not when the batches before it are validated.
      thread.on('message', beginSealing);
      const reports = on(thread, 'message', { close: ['exit'] }) as AsyncIterable<[ReadingReport]>;
      const say = (word: ReadingWord): void => thread.postMessage(word);
      say({ file, keys });
      for (let i = 0; i < AHEAD_MAX; i += 1) say('next');
      for await (const [report] of reports) {
        isDone = 'ended' in report || 'refused' in report;
        if ('ended' in report) return;
        if ('refused' in report) throw new FileRefused(report.refused);
        if ('failed' in report) throw new Error(report.failed);
        const plain = await (sealing.shift() ?? null);
        yield { ...report.batch, plain };
        say('next');
      }
      throw new Error('the reading thread ended before the file');
    } finally {
      thread.off('message', beginSealing);
      if (isDone && this.#idle === null) this.#keep(thread);
      else await thread.terminate();
    }
  }

  #take(): Worker {
    const thread = this.#idle ?? this.#begin();
    this.#idle = null;
    clearTimeout(this.#idleTimer);
    thread.ref();
    return thread;
  }

  #begin(): Worker {
    const thread = this.start({ regionsFile: this.regionsFile });
    const forget = (): void => {
      if (this.#idle === thread) this.#idle = null;
    };
    // An error while it reads is also its reader's.
    thread.on('error', forget).on('exit', forget);
    return thread;
  }

  #keep(thread: Worker): void {
    this.#idle = thread;
    // A process with nothing else to do may end.
    thread.unref();
    this.#idleTimer = setTimeout(() => {
      this.#idle = null;
      void thread.terminate();
    }, this.idleMs).unref();
  }
}
