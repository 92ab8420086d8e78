import type { RecordSource } from '../../apps/notary/log/tile-follower.js';
import type { RecordBytesSource } from '../../apps/notary/verify/verify-log.js';

/** A log in memory of records that differ, for tests of what follows it. */
export interface ALog extends RecordSource, RecordBytesSource {
  readonly records: string[];
  readRecords: RecordSource['readRecords'];
  readRecordBytes: RecordBytesSource['readRecordBytes'];
  append(count: number): void;
  /** Reading throws this until it is null again. */
  failWith(error: Error | null): void;
}

export function aLogOf(count: number): ALog {
  const records: string[] = [];
  let failure: Error | null = null;
  const waiting = new Set<() => void>();
  const append = (more: number): void => {
    for (let i = 0; i < more; i += 1) records.push(`{"记录":${records.length}}`);
    for (const wake of waiting) wake();
  };
  const readRecords: RecordSource['readRecords'] = (after, limit) =>
    failure
      ? Promise.reject(failure)
      : Promise.resolve(records.slice(Number(after), Number(after) + limit));
  append(count);
  return {
    records,
    append,
    failWith: (error) => {
      failure = error;
    },
    readRecords,
    readRecordBytes: async (after, limit) =>
      (await readRecords(after, limit)).map((record) => Buffer.from(record)),
    head: () => (failure ? Promise.reject(failure) : Promise.resolve(BigInt(records.length))),
    waitForEventsAfter: (position, timeoutMs, signal) =>
      new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        signal?.addEventListener('abort', wake, { once: true });
        waiting.add(wake);
        if (BigInt(records.length) > position || signal?.aborted) wake();
      }),
  };
}
