import { OversightUnavailable } from '@fundflow/oversight/oversight-log';
import { notRecorded } from './refusals.js';

/**
 * No log, no data: waits until what is about to be shown is recorded.
 *
 * @throws Problem 503 `not-recorded`: show nothing
 */
export async function recordedFirst<T>(recording: Promise<T>): Promise<T> {
  try {
    return await recording;
  } catch (error) {
    if (error instanceof OversightUnavailable) throw notRecorded(error);
    throw error;
  }
}
