import { Worker } from 'node:worker_threads';
import type { LogState } from './open-notaries.js';
import type { ThreadData } from './notary-thread.js';

type Message =
  | { readonly state: LogState }
  | { readonly ready: true }
  /** What the system refused has its code and its path besides. */
  | {
      readonly failed: Pick<
        NodeJS.ErrnoException,
        'name' | 'message' | 'code' | 'path' | 'syscall'
      >;
    };

/** The notary as a thread of this process. */
export interface NotaryThread {
  /** The logs, as far as they were heard of. */
  states(): readonly LogState[];
  /** Why the thread is no longer there; null while it is. */
  ended(): string | null;
  stop(): Promise<void>;
}

const STOP_MS_MAX = 10_000;
/** It works on bytes that lie outside the heap; a third of this is copied at a time, as 16 MiB would be by default. */
const YOUNG_MIB_MAX = 12;

/**
 * Starts the notary beside everything else, so that neither hashing nor signing holds up a request.
 *
 * @param execArgv how Node is started for it: tests bring a loader
 * @param onState told of every change
 * @throws Error with the name and the message of what prevents it (zh-CN)
 */
export async function startNotaryThread(
  data: ThreadData,
  onState: (state: LogState) => void,
  execArgv?: readonly string[],
): Promise<NotaryThread> {
  const file = new URL(import.meta.url.replace(/start-thread\.(\w+)$/, 'notary-thread.$1'));
  const options = execArgv === undefined ? {} : { execArgv: [...execArgv] };
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MIB_MAX };
  const worker = new Worker(file, { workerData: data, resourceLimits, ...options });
  const states = new Map<string, LogState>();
  let ended: string | null = null;
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      ended ??= 'the thread ended';
      resolve();
    });
  });
  worker.on('error', (error) => (ended = error.message));
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if ('state' in message) {
        states.set(message.state.log, message.state);
        onState(message.state);
      } else if ('failed' in message)
        reject(Object.assign(new Error(message.failed.message), message.failed));
      else resolve();
    });
    void exited.then(() => reject(new Error(`公证线程未能启动：${ended}`)));
  });
  return {
    states: () => [...states.values()],
    ended: () => ended,
    stop: async () => {
      worker.postMessage('stop');
      const cut = setTimeout(() => void worker.terminate(), STOP_MS_MAX);
      await exited;
      clearTimeout(cut);
    },
  };
}
