import { parentPort, workerData } from 'node:worker_threads';
import type { Connection } from '@fundflow/row-security/roles';
import type { NotarySettings } from '../settings.js';
import { runNotaries } from './open-notaries.js';

/** What the thread is given. */
export interface ThreadData {
  readonly connection: Connection;
  readonly settings: NotarySettings;
}

/*
 * The notary as a thread: own key, own memory, own connections. It says `LogState` whenever one changes, `{ready: true}`
 * when it runs, and ends when it is told anything.
 */
const port = parentPort;
if (port === null) throw new Error('this file runs as a thread');
const { connection, settings } = workerData as ThreadData;
try {
  const notaries = await runNotaries(connection, settings, (state) => port.postMessage({ state }));
  port.once('message', () => void notaries.stop().then(() => port.close()));
  port.postMessage({ ready: true });
} catch (error) {
  const failed: NodeJS.ErrnoException = error instanceof Error ? error : new Error(String(error));
  const { name, message, code, path, syscall } = failed;
  port.postMessage({ failed: { name, message, code, path, syscall } });
  port.close();
}
