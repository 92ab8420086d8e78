import { writeFileSync } from 'node:fs';
import { type HeapProfiler, Session } from 'node:inspector';
import { isMainThread } from 'node:worker_threads';

/** One sample in so many bytes, by whom they were asked for. */
const EVERY_BYTES = 4_096;

/**
 * Imported before a server (`--import …/allocation-sampler.js?to=FILE`): from SIGUSR2 on its main thread's allocations are
 * sampled, also those that are collected meanwhile; when it ends, the profile is in the file.
 */
const file = new URL(import.meta.url).searchParams.get('to');
if (isMainThread && file !== null) {
  const session = new Session();
  session.connect();
  process.once('SIGUSR2', () => {
    session.post('HeapProfiler.startSampling', {
      samplingInterval: EVERY_BYTES,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    } as HeapProfiler.StartSamplingParameterType);
  });
  process.once('exit', () => {
    session.post('HeapProfiler.stopSampling', (error, { profile }) => {
      writeFileSync(file, JSON.stringify(error ?? profile));
    });
  });
}
